"""What is written down of a person of the roster, beside what their account says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.services import normal_email
from drills.audit import services as audit
from drills.core.errors import DomainError, NotAllowedNow
from drills.core.text import N_
from drills.roster import pgp
from drills.roster.models import ExpertGroup, Expertise, Profile
from drills.units.models import Unit

_OF_THE_PROFILE = ("school", "field", "degree", "graduated_on", "languages")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileDetails:
    """The fields of Mẫu 01; ``languages`` are codes of ISO 639-1."""

    school: str = ""
    field: str = ""
    degree: str = ""
    graduated_on: date | None = None
    languages: tuple[str, ...] = ()
    expert_groups: frozenset[ExpertGroup] = frozenset()
    pgp_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDetails:
    """``email`` and ``unit_id`` None: left as they are, for accounts are changed elsewhere."""

    name: str
    position: str
    phone: str
    mobile: str
    email: str | None = None
    unit_id: int | None = None


def profile_of(session: Session, person: Person) -> Profile:
    """What is known; an empty profile, not yet added, if nothing is."""
    query = sa.select(Profile).where(Profile.person_id == person.id)
    return session.scalars(query).one_or_none() or _empty(person)


def expert_groups(session: Session, person: Person) -> frozenset[ExpertGroup]:
    query = sa.select(Expertise.expert_group).where(Expertise.person_id == person.id)
    return frozenset(session.scalars(query))


def revise_person(
    session: Session,
    person: Person,
    details: PersonDetails,
    profile: ProfileDetails,
    *,
    by: Person | None,
) -> None:
    """Change both at once. An account's address and unit are the administrators' to change."""
    if person.removed_at:
        raise NotAllowedNow(N_("The data of this person were removed and are not written again."))
    kept = profile_of(session, person)
    with _noting(session, person, kept, by):
        _write(session, person, details)
        write_profile(session, kept, profile)


def write_profile(session: Session, kept: Profile, details: ProfileDetails) -> None:
    """Without an entry in the trail: the caller writes it with the person's."""
    for name in _OF_THE_PROFILE:
        setattr(kept, name, getattr(details, name))
    kept.languages = list(details.languages)
    kept.pgp_key = details.pgp_key.strip()
    kept.pgp_fingerprint = pgp.fingerprint(kept.pgp_key) if kept.pgp_key else ""
    session.add(kept)
    _write_groups(session, kept.person_id, details.expert_groups)
    session.flush()


def _write(session: Session, person: Person, details: PersonDetails) -> None:
    values: dict[str, Any] = asdict(details)
    email, unit_id = values.pop("email"), values.pop("unit_id")
    if not person.active and email is not None:
        person.email = free_email(session, person, email)
    if not person.active and unit_id is not None:
        person.unit = session.get_one(Unit, unit_id)
    for name, value in values.items():
        setattr(person, name, value)


def free_email(session: Session, person: Person | None, email: str) -> str | None:
    """The address as it is stored; DomainError if somebody else has it."""
    if not email:
        return None
    written = normal_email(email)
    owner = session.scalar(sa.select(Person.id).where(Person.email == written))
    if owner is not None and (person is None or owner != person.id):
        raise DomainError(N_("Somebody with the address %(email)s is already there."), email=email)
    return written


def _write_groups(session: Session, person_id: int, wanted: frozenset[ExpertGroup]) -> None:
    rows = session.scalars(sa.select(Expertise).where(Expertise.person_id == person_id)).all()
    for row in rows:
        if row.expert_group not in wanted:
            session.delete(row)
    new = wanted - {row.expert_group for row in rows}
    session.add_all(Expertise(person_id=person_id, expert_group=one) for one in sorted(new))


def _empty(person: Person) -> Profile:
    return Profile(person_id=person.id, languages=[], pgp_key="", pgp_fingerprint="")


@contextmanager
def _noting(session: Session, person: Person, kept: Profile, by: Person | None) -> Iterator[None]:
    """As ``audit.changing``, with the profile and the groups, which are rows of their own."""
    before = _columns(session, person, kept)
    yield
    after = _columns(session, person, kept)
    changes = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    if changes:
        audit.record(session, "revised", person, by=by, changes=changes)


def _columns(session: Session, person: Person, kept: Profile) -> dict[str, str]:
    groups = ", ".join(sorted(expert_groups(session, person)))
    known = {name: getattr(kept, name) for name in (*_OF_THE_PROFILE, "pgp_fingerprint")}
    texts = {name: str(value) if value else "" for name, value in known.items()}
    texts["languages"] = ", ".join(kept.languages)
    return audit.columns(person) | texts | {"expert_groups": groups}
