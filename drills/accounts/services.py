"""What is done to accounts. Sessions end by giving the person a new ``fs_uniquifier``."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from zoneinfo import available_timezones

import email_validator
import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts import passwords
from drills.accounts.models import Grant, Person, Role
from drills.audit import services as audit
from drills.core.errors import DomainError, Refused
from drills.core.text import N_, normal
from drills.units.models import Organisation, Unit

LANGUAGES = ("vi", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDetails:
    """``scope_id`` is the unit whose tree they see; None means their own unit's."""

    name: str
    email: str | None
    unit_id: int
    roles: frozenset[Role] = frozenset()
    scope_id: int | None = None
    position: str = ""
    phone: str = ""
    mobile: str = ""
    language: str = "vi"
    time_zone: str = "Asia/Ho_Chi_Minh"
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileDetails:
    name: str
    phone: str
    mobile: str
    language: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationDetails:
    name: str
    name_en: str
    language: str
    time_zone: str
    approvals_since: date | None = None


def create(
    session: Session, details: AccountDetails, *, by: Person | None, password: str | None = None
) -> Person:
    """Add an account. ``password`` has been checked by the caller against the profile."""
    person = Person()
    _assign(session, person, details, by)
    if password:
        person.password = passwords.hashed(password)
    session.add(person)
    _write_roles(person, details.roles)
    audit.record(session, "created", person, by=by, changes={"roles": ["", _roles(person)]})
    return person


def revise(session: Session, person: Person, details: AccountDetails, *, by: Person) -> None:
    """Change an account. Less or other rights end its sessions at once."""
    _must_oversee(by, person)
    before = _rights(person)
    with _noting(session, "revised", person, by):
        _assign(session, person, details, by)
        _write_roles(person, details.roles)
        session.flush()
        session.refresh(person, ["unit", "own_scope"])
        _must_remain_administered(session, person, by)
    if _rights(person) != before:
        _end_sessions(person)
    session.flush()


def disable(session: Session, person: Person, *, by: Person) -> None:
    _must_oversee(by, person)
    with _noting(session, "disabled", person, by):
        person.active = False
        session.flush()
        _must_remain_administered(session, person, by)
        _end_sessions(person)


def set_password(session: Session, person: Person, password: str, *, by: Person | None) -> None:
    """``password`` has been checked by the caller against the profile."""
    person.password = passwords.hashed(password)
    note_password(session, person, by=by)


def note_password(session: Session, person: Person, *, by: Person | None) -> None:
    """The password has just been changed: end the sessions begun with the old one."""
    _end_sessions(person)
    audit.record(session, "password_changed", person, by=by)


def note_password_link(session: Session, person: Person, *, by: Person) -> None:
    """``by`` is about to be shown a link that sets the password of ``person``."""
    _must_oversee(by, person)
    if not person.email or not person.active:
        raise DomainError(N_("Only somebody who may sign in can be given a password link."))
    audit.record(session, "password_link_made", person, by=by)


def sign_out_everywhere(session: Session, person: Person, *, by: Person) -> None:
    _end_sessions(person)
    audit.record(session, "signed_out_everywhere", person, by=by)


def revise_profile(session: Session, person: Person, details: ProfileDetails) -> None:
    with _noting(session, "profile_revised", person, person):
        person.name = details.name
        person.phone, person.mobile = details.phone, details.mobile
        person.language = _language(details.language)
        person.time_zone = _time_zone(details.time_zone)


def revise_organisation(
    session: Session, home: Organisation, details: OrganisationDetails, *, by: Person
) -> None:
    if not by.sees_all:
        raise Refused(N_("Only an administrator of the whole organisation may change this."))
    with audit.changing(session, "revised", home.root, by=by):
        home.root.name, home.root.name_en = details.name, details.name_en
    with audit.changing(session, "revised", home, by=by):
        home.language = _language(details.language)
        home.time_zone = _time_zone(details.time_zone)
        home.approvals_since = details.approvals_since


def normal_email(text: str) -> str:
    """The address as it is stored: lower case, no blanks. Raises if it cannot be one."""
    try:
        valid = email_validator.validate_email(
            normal(text).lower(), check_deliverability=False, globally_deliverable=False
        )
    except ValueError:
        raise DomainError(N_("“%(email)s” is not an e-mail address."), email=text[:100]) from None
    return valid.normalized.lower()


def by_email(session: Session, email: str) -> Person | None:
    """The person with this address, itself already normal."""
    return session.scalars(sa.select(Person).where(Person.email == email)).one_or_none()


def _assign(session: Session, person: Person, details: AccountDetails, by: Person | None) -> None:
    email = normal_email(details.email) if details.email else None
    if details.active and not email:
        raise DomainError(N_("Somebody who signs in needs an e-mail address."))
    if email and email != person.email:
        _must_be_free(session, email)
    for unit_id in {details.unit_id, details.scope_id} - {None, person.unit_id, person.scope_id}:
        _must_cover(session, by, unit_id)
    person.name, person.email, person.active = details.name, email, details.active
    person.unit_id, person.scope_id = details.unit_id, details.scope_id
    person.position = details.position
    person.phone, person.mobile = details.phone, details.mobile
    person.language = _language(details.language)
    person.time_zone = _time_zone(details.time_zone)


def _must_be_free(session: Session, email: str) -> None:
    if by_email(session, email):
        raise DomainError(N_("Somebody with the address %(email)s is already there."), email=email)


def _must_cover(session: Session, by: Person | None, unit_id: int | None) -> None:
    """Nobody gives a scope that they do not have; the command line has every scope."""
    unit = session.get(Unit, unit_id)
    if unit is None or (by is not None and not unit.lies_under(by.scope.path)):
        raise Refused(N_("This unit lies outside your scope."))


def _must_oversee(by: Person, person: Person) -> None:
    """Who may not see what an account sees must not be able to take it over."""
    if not person.scope.lies_under(by.scope.path):
        raise Refused(N_("This account sees more than you do; a higher administrator changes it."))


def _must_remain_administered(session: Session, person: Person, by: Person) -> None:
    is_administrator = person.active and Role.ADMINISTRATOR in person.roles
    if person.id == by.id and not is_administrator:
        raise Refused(
            N_("You cannot take your own right to administer. Ask another administrator.")
        )
    if not _administrators(session):
        raise Refused(N_("At least one administrator of the whole organisation must remain."))


def _administrators(session: Session) -> list[int]:
    """Ids of those who administer the whole tree, held until this transaction ends."""
    roots = sa.select(Unit.id).where(Unit.parent_id.is_(None))
    query = (
        sa.select(Person.id)
        .join(Grant, Grant.person_id == Person.id)
        .where(Person.active, Grant.role == Role.ADMINISTRATOR)
        .where(sa.func.coalesce(Person.scope_id, Person.unit_id).in_(roots))
        .with_for_update(of=Person)
    )
    return list(session.scalars(query))


def _write_roles(person: Person, roles: frozenset[Role]) -> None:
    kept = [grant for grant in person.grants if grant.role in roles]
    new = [role for role in Role if role in roles - person.roles]
    person.grants = kept + [Grant(role=role) for role in new]


def _roles(person: Person) -> str:
    return ", ".join(sorted(person.roles))


def _rights(person: Person) -> tuple[object, ...]:
    return person.roles, person.active, person.scope_id or person.unit_id


def _end_sessions(person: Person) -> None:
    person.fs_uniquifier = uuid.uuid4().hex


@contextmanager
def _noting(session: Session, verb: str, person: Person, by: Person) -> Iterator[None]:
    """As ``audit.changing``, with the roles, which are rows of their own."""
    before = audit.columns(person) | {"roles": _roles(person)}
    yield
    after = audit.columns(person) | {"roles": _roles(person)}
    changes = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    if changes:
        audit.record(session, verb, person, by=by, changes=changes)


def _language(text: str) -> str:
    if text not in LANGUAGES:
        raise DomainError(N_("There is no language “%(language)s” here."), language=text[:20])
    return text


def _time_zone(text: str) -> str:
    if text not in available_timezones():
        raise DomainError(N_("There is no time zone “%(zone)s”."), zone=text[:60])
    return text
