"""Keeping the safety record of a live-fire drill, and the vulnerabilities it found."""

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.audit import services as audit
from drills.core.errors import Conflict, NotAllowedNow
from drills.core.text import N_
from drills.exercises.models import (
    Drill,
    SafetyDetails,
    SafetyRecord,
    Severity,
    Vulnerability,
    VulnerabilityDetails,
)
from drills.exercises.services.drills import refuse_closed
from drills.exercises.services.readiness import safety_of
from drills.files.models import StoredFile

ORDER = {severity: number for number, severity in enumerate(Severity)}


def keep_safety(
    session: Session,
    drill: Drill,
    details: SafetyDetails,
    *,
    file: StoredFile | None,
    version: int,
    by: Person | None,
) -> SafetyRecord:
    """Write the record; without a new ``file`` the one attached stays.

    ``version`` 0 stands for a record that did not exist when the form was opened.
    """
    refuse_closed(drill)
    if not drill.kind.is_live:
        raise NotAllowedNow(N_("Only live-fire drills have a safety record."))
    record = safety_of(session, drill)
    if (record.version if record else 0) != version:
        raise Conflict(N_("Somebody else has changed the safety record since you opened it."))
    if record is None:
        record = SafetyRecord(drill=drill)
        session.add(record)
        session.flush()
    with audit.changing(session, "safety_kept", record, by=by):
        for name, value in asdict(details).items():
            setattr(record, name, value)
        if file:
            record.authorisation_file_id = file.id
    return record


def vulnerabilities(session: Session, drill: Drill, person: Person) -> Sequence[Vulnerability]:
    """What the drill found that ``person`` may see, the gravest first."""
    query = visible(Vulnerability, person).where(Vulnerability.drill_id == drill.id)
    found = session.scalars(query.options(joinedload(Vulnerability.system))).all()
    return sorted(found, key=lambda one: (ORDER[one.severity], one.found_at, one.id))


def add_vulnerability(
    session: Session, drill: Drill, details: VulnerabilityDetails, *, by: Person | None
) -> Vulnerability:
    found = Vulnerability(drill=drill, **asdict(details))
    session.add(found)
    audit.record(session, "vulnerability_found", found, by=by)
    return found


def revise_vulnerability(
    session: Session,
    vulnerability: Vulnerability,
    details: VulnerabilityDetails,
    *,
    by: Person | None,
    version: int,
) -> None:
    if vulnerability.version != version:
        raise Conflict(N_("Somebody else has changed this vulnerability since you opened it."))
    with audit.changing(session, "revised", vulnerability, by=by):
        for name, value in asdict(details).items():
            setattr(vulnerability, name, value)


def by_severity(found: Sequence[Vulnerability]) -> list[tuple[Severity, int, int]]:
    """(severity, how many, how many not mended yet), the gravest first."""
    return [
        (
            severity,
            sum(one.severity is severity for one in found),
            sum(one.severity is severity and one.fixed_on is None for one in found),
        )
        for severity in Severity
    ]


def open_of_system(session: Session, system_id: int, person: Person) -> int:
    """How many weaknesses of a system, that ``person`` may know of, wait to be mended."""
    query = visible(Vulnerability, person).where(
        Vulnerability.system_id == system_id, Vulnerability.fixed_on.is_(None)
    )
    return session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
