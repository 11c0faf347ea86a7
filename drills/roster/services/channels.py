"""The ways to reach a person: the primary ones and what else is written down of them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, permits
from drills.accounts.services import normal_email
from drills.audit import services as audit
from drills.core import clock
from drills.core.errors import DomainError
from drills.core.orm import EMAIL_MAX
from drills.core.text import N_, normal
from drills.roster.models import (
    EMAILS,
    PRIMARY,
    ChannelDetails,
    ChannelKind,
    ContactChannel,
    Member,
)

NOT_THEIRS = N_("%(person)s cannot be reached this way.")


class Sight(StrEnum):
    """How much of a person's data somebody sees."""

    ALL = "all"
    WORK = "work"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a person, whether or not a row is kept of it."""

    kind: ChannelKind
    value: str
    row: ContactChannel | None
    is_primary: bool = False

    @property
    def is_preferred(self) -> bool:
        return self.row is not None and self.row.is_preferred

    @property
    def verified_at(self) -> datetime | None:
        return self.row.verified_at if self.row else None

    @property
    def is_bounced(self) -> bool:
        return self.row is not None and self.row.is_bounced


def ways(person: Person, rows: Collection[ContactChannel]) -> list[Way]:
    """Primary ones first; ``rows`` are the channels of ``person``."""
    by_value = {(row.kind, row.value): row for row in rows}
    found = []
    for kind, attribute in PRIMARY.items():
        if value := getattr(person, attribute):
            found.append(Way(kind, value, by_value.pop((kind, value), None), is_primary=True))
    further = sorted(by_value.values(), key=lambda row: (list(ChannelKind).index(row.kind), row.id))
    return found + [Way(row.kind, row.value, row) for row in further]


def seen(found: Collection[Way], sight: Sight) -> list[Way]:
    """Those of the ways that somebody with this sight may know."""
    if sight is Sight.WORK:
        return [way for way in found if way.is_primary]
    return list(found) if sight is Sight.ALL else []


def channels_of(session: Session, people: Collection[int]) -> dict[int, list[ContactChannel]]:
    query = sa.select(ContactChannel).where(ContactChannel.person_id.in_(people))
    found: dict[int, list[ContactChannel]] = defaultdict(list)
    for row in session.scalars(query.order_by(ContactChannel.id)):
        found[row.person_id].append(row)
    return found


def ways_of(session: Session, person: Person) -> list[Way]:
    return ways(person, channels_of(session, [person.id])[person.id])


def sight(session: Session, viewer: Person, person: Person) -> Sight:
    """All for the security team and for oneself, work channels for team mates, else the name."""
    if permits(viewer, Permission.PERSON_EDIT, person):
        return Sight.ALL
    return Sight.WORK if person.id in mates(session, viewer) else Sight.NAME


def mates(session: Session, viewer: Person) -> set[int]:
    """Ids of those who are in a team with ``viewer`` today."""
    today = clock.today(viewer.zone)
    mine = sa.select(Member.team_id).where(Member.person_id == viewer.id, Member.current(today))
    query = sa.select(Member.person_id).where(Member.team_id.in_(mine), Member.current(today))
    return set(session.scalars(query))


def add_channel(
    session: Session, person: Person, details: ChannelDetails, *, by: Person | None
) -> ContactChannel:
    row = channel_for(session, person, details.kind, details.value)
    if row.id is not None:
        raise DomainError(N_("This way to reach %(person)s is known already."), person=person.name)
    row.note = details.note
    session.add(row)
    _note(session, person, row, ["", row.value], by)
    if details.is_preferred:
        prefer(session, row, by=by)
    return row


def channel_for(session: Session, person: Person, kind: ChannelKind, value: str) -> ContactChannel:
    """The row kept of this address or number of ``person``; a new one, not yet added, if none."""
    written = normal_value(kind, value)
    query = sa.select(ContactChannel).where(
        ContactChannel.person_id == person.id,
        ContactChannel.kind == kind,
        ContactChannel.value == written,
    )
    return session.scalars(query).one_or_none() or ContactChannel(
        person_id=person.id, kind=kind, value=written, is_preferred=False
    )


def note_verified(
    session: Session, person: Person, kind: ChannelKind, value: str, at: datetime
) -> ContactChannel:
    """The person answered from there, or to the caller: the way is right as of ``at``."""
    row = channel_for(session, person, kind, value)
    row.verified_at = at
    session.add(row)
    session.flush()
    return row


def remove_channel(session: Session, row: ContactChannel, *, by: Person | None) -> None:
    person = row.person
    session.delete(row)
    _note(session, person, row, [row.value, ""], by)


def prefer(session: Session, row: ContactChannel, *, by: Person | None) -> None:
    """The one way the person wants to be reached by; there is never more than one."""
    others = sa.update(ContactChannel).where(
        ContactChannel.person_id == row.person_id, ContactChannel.is_preferred
    )
    session.execute(others.values(is_preferred=False))
    row.is_preferred = True
    session.flush()
    person = session.get_one(Person, row.person_id)
    change = {"preferred": ["", f"{row.kind.value} {row.value}"]}
    audit.record(session, "channel preferred", person, by=by, changes=change)


def prefer_way(
    session: Session, person: Person, kind: ChannelKind, value: str, *, by: Person | None
) -> None:
    """The same for a way of which no row may be kept yet; DomainError if it is not theirs."""
    if (kind, value) not in {(way.kind, way.value) for way in ways_of(session, person)}:
        raise DomainError(NOT_THEIRS, person=person.name)
    row = channel_for(session, person, kind, value)
    session.add(row)
    session.flush()
    prefer(session, row, by=by)


def normal_value(kind: ChannelKind, value: str) -> str:
    """As it is stored; DomainError if it is empty, too long or no address."""
    text = normal_email(value) if kind in EMAILS else normal(value)
    if not text or len(text) > EMAIL_MAX:
        raise DomainError(N_("Write the address or number."))
    return text


def _note(
    session: Session, person: Person, row: ContactChannel, values: list[str], by: Person | None
) -> None:
    change = {"channel": [f"{row.kind.value} {text}" if text else "" for text in values]}
    verb = "channel added" if values[1] else "channel removed"
    audit.record(session, verb, person, by=by, changes=change)
