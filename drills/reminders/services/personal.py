"""What people settle for themselves: the digest, who stands in, what they do without."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.reminders.kinds import KINDS, Kind
from drills.reminders.models import ReminderSetting, Unsubscription


@dataclass(frozen=True, slots=True)
class SettingDetails:
    """``digest_at`` None: each message by itself. ``kinds``: the optional ones that are wanted."""

    digest_at: time | None = None
    away_from: date | None = None
    away_to: date | None = None
    deputy_id: int | None = None
    kinds: frozenset[str] = frozenset()


def optional_kinds() -> Sequence[Kind]:
    return [kind for kind in KINDS.values() if kind.is_optional]


def setting_of(session: Session, person: Person) -> ReminderSetting:
    """A blank one, not stored, of somebody who has settled nothing."""
    query = sa.select(ReminderSetting).where(ReminderSetting.person_id == person.id)
    return session.scalars(query).one_or_none() or ReminderSetting(person_id=person.id)


def done_without(session: Session, person: Person) -> frozenset[str]:
    """The keys of the kinds this person has stopped."""
    query = sa.select(Unsubscription.kind).where(Unsubscription.person_id == person.id)
    return frozenset(session.scalars(query))


def settle(session: Session, person: Person, details: SettingDetails, *, by: Person) -> None:
    """Raises ``DomainError`` if an absence has no end before its beginning, or no deputy."""
    _check(person, details)
    setting = setting_of(session, person)
    session.add(setting)
    before = _written(setting)
    for name in _NAMES:
        setattr(setting, name, getattr(details, name))
    session.flush()
    after = _written(setting)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changes:
        audit.record(session, "reminders.settled", person, by=by, changes=changes)
    for kind in optional_kinds():
        act = take_again if kind.key in details.kinds else do_without
        act(session, person, kind.key, by=by)


def _check(person: Person, details: SettingDetails) -> None:
    if details.away_from and details.away_to and details.away_to < details.away_from:
        raise DomainError(N_("The absence ends before it begins."))
    if details.away_to and not details.away_from:
        raise DomainError(N_("Say when the absence begins."))
    if details.deputy_id == person.id:
        raise DomainError(N_("Choose somebody else as deputy."))
    if details.away_from and details.deputy_id is None:
        raise DomainError(N_("Say who stands in while you are away."))


_NAMES = ("digest_at", "away_from", "away_to", "deputy_id")


def _written(setting: ReminderSetting) -> dict[str, str]:
    return {name: str(getattr(setting, name) or "") for name in _NAMES}


def do_without(session: Session, person: Person, kind: str, *, by: Person | None) -> None:
    """Stop one optional kind; once is enough. Raises ``DomainError`` for any other."""
    if kind not in KINDS or not KINDS[kind].is_optional:
        raise DomainError(N_("Messages of this kind are a duty and cannot be stopped."))
    if kind in done_without(session, person):
        return
    session.add(Unsubscription(person_id=person.id, kind=kind))
    audit.record(session, "reminders.stopped", person, by=by, changes={"kind": ["", kind]})


def take_again(session: Session, person: Person, kind: str, *, by: Person | None) -> None:
    query = sa.select(Unsubscription).filter_by(person_id=person.id, kind=kind)
    for row in session.scalars(query):
        session.delete(row)
        audit.record(session, "reminders.wanted", person, by=by, changes={"kind": [kind, ""]})


def details_of(session: Session, person: Person) -> SettingDetails:
    """What is settled, as a form shows it."""
    setting = setting_of(session, person)
    wanted = {kind.key for kind in optional_kinds()} - done_without(session, person)
    return SettingDetails(
        setting.digest_at,
        setting.away_from,
        setting.away_to,
        setting.deputy_id,
        frozenset(wanted),
    )
