"""Keeping people's certificates. The trail keeps them under the person they belong to."""

from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.files.models import StoredFile
from drills.roster.models import Certificate, CertificateDetails, Skill


def add_certificate(
    session: Session,
    person: Person,
    details: CertificateDetails,
    *,
    by: Person | None,
    file: StoredFile | None = None,
) -> Certificate:
    certificate = Certificate(person=person, file=file)
    _write(session, certificate, details)
    session.add(certificate)
    change = {"certificate": ["", _text(certificate)]}
    audit.record(session, "certificate_added", person, by=by, changes=change)
    return certificate


def revise_certificate(
    session: Session,
    certificate: Certificate,
    details: CertificateDetails,
    *,
    by: Person | None,
    file: StoredFile | None = None,
) -> None:
    """A file that was handed in before stays unless there is a new one."""
    before = _text(certificate)
    _write(session, certificate, details)
    certificate.file = file or certificate.file
    change = {"certificate": [before, _text(certificate)]}
    audit.record(session, "certificate_revised", certificate.person, by=by, changes=change)


def remove_certificate(session: Session, certificate: Certificate, *, by: Person | None) -> None:
    person, change = certificate.person, {"certificate": [_text(certificate), ""]}
    session.delete(certificate)
    audit.record(session, "certificate_removed", person, by=by, changes=change)


def _write(session: Session, certificate: Certificate, details: CertificateDetails) -> None:
    if details.issued_on and details.expires_on and details.expires_on < details.issued_on:
        raise DomainError(N_("It ends before it was issued. Mend one of the two days."))
    values = asdict(details)
    ids = values.pop("skill_ids")
    for name, value in values.items():
        setattr(certificate, name, value)
    certificate.skills = list(session.scalars(sa.select(Skill).where(Skill.id.in_(ids))))


def _text(certificate: Certificate) -> str:
    days = (certificate.issued_on, certificate.expires_on)
    told = " – ".join(day.isoformat() if day else "…" for day in days)
    return f"{certificate.name} ({certificate.number or '—'}, {told})"
