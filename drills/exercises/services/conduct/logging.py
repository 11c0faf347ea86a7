"""Writing the log of a drill: lines are added, never changed, and each is written once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.core.errors import Conflict, NotAllowedNow, Refused
from drills.core.text import N_
from drills.exercises.models import (
    Drill,
    Inject,
    InjectSide,
    InjectStatus,
    LogEntry,
    LogKind,
    Side,
)
from drills.exercises.services.conduct.quick import Known
from drills.exercises.services.conduct.timing import clock_of
from drills.exercises.services.drills import refuse_closed

LATE = timedelta(minutes=1)
OLDEST = timedelta(hours=24)
STAMPS = frozenset({LogKind.DETECTED, LogKind.CONTAINED})
OWN_WORDS = frozenset(
    {LogKind.NOTE, LogKind.REPORTED, LogKind.DECISION, LogKind.REQUEST, LogKind.STOPPED}
)
"""What players write of themselves. That they have detected something counts once control or an
evaluator stamps it; until then it is their report.
"""


@dataclass(frozen=True, slots=True)
class LineDetails:
    """``typed_at``: when it was typed, if it was kept for a while before it could be sent."""

    text: str
    kind: LogKind = LogKind.NOTE
    inject_id: int | None = None
    side_id: int | None = None
    client_id: str = ""
    typed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """By how many minutes to move a stamp: that of a kind, for a side."""

    kind: LogKind
    side_id: int | None
    minutes: int
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class Press:
    """A side has detected or contained an inject. ``pressed_at``: when the button was pressed, if
    that could not be sent at once.
    """

    kind: LogKind
    side_id: int | None
    client_id: str = ""
    pressed_at: datetime | None = None


def known_to(session: Session, drill: Drill, person: Person) -> Known:
    """What ``person`` may name in a line: injects they may see, and the drill's sides."""
    seen = sa.select(Inject.number, Inject.id).where(
        Inject.drill_id == drill.id, Inject.visible_to(person)
    )
    sides: dict[str, int] = {}
    for side in drill.sides:
        sides |= {side.name: side.id, side.key: side.id}
    return Known({row.number: row.id for row in session.execute(seen)}, sides)


def write(
    session: Session, drill: Drill, details: LineDetails, *, by: Person, at: datetime
) -> LogEntry:
    """Add a line; the same ``client_id`` again gives the line that is there.

    What a device says of the moment is believed as far as it can be: not ahead of the server,
    not older than a day.
    """
    if (there := _sent_before(session, drill, details.client_id)) is not None:
        return there
    refuse_closed(drill)
    if not drill.is_controlled_by(by):
        details = _of_a_player(session, drill, details, by)
    return _store(session, drill, _addressed(session, details), by=by, now=at)


def stamp(session: Session, inject: Inject, press: Press, *, by: Person, at: datetime) -> LogEntry:
    """Note that a side has detected or contained an inject. Once it stands, only a press that
    was made earlier, and could not be sent before, is noted beside it: the first counts.
    """
    if inject.status is not InjectStatus.RELEASED:
        raise NotAllowedNow(N_("This inject has not been released yet."))
    standing = _sent_before(session, inject.drill, press.client_id)
    standing = standing or _standing(session, inject, press.side_id, press.kind)
    pressed_at = press.pressed_at
    if pressed_at and inject.released_at:
        pressed_at = max(pressed_at, inject.released_at)
    if standing is not None and (pressed_at or at) >= standing.at:
        return standing
    refuse_closed(inject.drill)
    details = LineDetails("", press.kind, inject.id, press.side_id, press.client_id, pressed_at)
    return _store(session, inject.drill, details, by=by, now=at)


def adjust_stamp(
    session: Session,
    inject: Inject,
    shift: Shift,
    *,
    by: Person,
    at: datetime,
) -> LogEntry:
    """Move the time that counts for an inject and a side."""
    if (there := _sent_before(session, inject.drill, shift.client_id)) is not None:
        return there
    standing = _standing(session, inject, shift.side_id, shift.kind)
    standing = standing or _standing(session, inject, None, shift.kind)
    if standing is None:
        raise NotAllowedNow(N_("There is no time to move yet: note it first."))
    return adjust(session, standing, shift.minutes, by=by, at=at, client_id=shift.client_id)


def _standing(
    session: Session, inject: Inject, side_id: int | None, kind: LogKind
) -> LogEntry | None:
    """The first entry that counts for an inject and a side."""
    query = sa.select(LogEntry).where(
        LogEntry.drill_id == inject.drill_id,
        LogEntry.inject_id == inject.id,
        LogEntry.kind == kind,
        LogEntry.stands(),
    )
    side = LogEntry.side_id.is_(None) if side_id is None else LogEntry.side_id == side_id
    first = query.where(side).order_by(LogEntry.exercise_seconds, LogEntry.id).limit(1)
    return session.scalars(first).one_or_none()


def correct(
    session: Session, entry: LogEntry, details: LineDetails, *, by: Person, at: datetime
) -> LogEntry:
    """Say anew what ``entry`` should have said; the old line stays to be read, crossed out.

    ``details.typed_at`` is when it happened; without it the moment stays.
    """
    if (there := _sent_before(session, entry.drill, details.client_id)) is not None:
        return there
    _refuse_others(entry, by)
    _refuse_corrected(session, entry)
    if not entry.drill.is_controlled_by(by):
        details = _of_a_player(session, entry.drill, details, by)
    details = replace(details, typed_at=min(details.typed_at or entry.at, at))
    return _store(session, entry.drill, details, by=by, now=at, corrects=entry)


def withdraw(session: Session, entry: LogEntry, *, by: Person, at: datetime) -> LogEntry:
    """Take back a line that should not have been."""
    _refuse_others(entry, by)
    _refuse_corrected(session, entry)
    details = LineDetails(
        entry.text, LogKind.WITHDRAWN, entry.inject_id, entry.side_id, typed_at=entry.at
    )
    return _store(session, entry.drill, details, by=by, now=at, corrects=entry)


def adjust(
    session: Session, entry: LogEntry, minutes: int, *, by: Person, at: datetime, client_id: str
) -> LogEntry:
    """The same line, some minutes earlier or later."""
    details = LineDetails(
        entry.text,
        entry.kind,
        entry.inject_id,
        entry.side_id,
        client_id,
        entry.at + timedelta(minutes=minutes),
    )
    return correct(session, entry, details, by=by, at=at)


def _sent_before(session: Session, drill: Drill, client_id: str) -> LogEntry | None:
    if not client_id:
        return None
    query = sa.select(LogEntry).where(
        LogEntry.drill_id == drill.id, LogEntry.client_id == client_id
    )
    return session.scalars(query).one_or_none()


def _store(
    session: Session,
    drill: Drill,
    details: LineDetails,
    *,
    by: Person,
    now: datetime,
    corrects: LogEntry | None = None,
) -> LogEntry:
    at = details.typed_at or now
    if corrects is None:
        at = max(min(at, now), now - OLDEST)
    given = {"client_id": details.client_id} if details.client_id else {}
    entry = LogEntry(
        drill_id=drill.id,
        inject_id=details.inject_id,
        side_id=details.side_id,
        kind=details.kind,
        text=details.text,
        at=at,
        exercise_seconds=clock_of(session, drill).exercise_seconds(at),
        is_afterwards=corrects is None and now - at > LATE,
        recorded_at=now,
        by_id=by.id,
        corrects_id=corrects.id if corrects else None,
        **given,
    )
    try:
        with session.begin_nested():
            session.add(entry)
            session.flush()
    except IntegrityError as error:
        there = _sent_before(session, drill, details.client_id)
        if there is None:
            raise Conflict(_CORRECTED) from error
        return there
    return entry


_CORRECTED = N_("Somebody has corrected this line already. Correct the newer one.")


def _addressed(session: Session, details: LineDetails) -> LineDetails:
    """A line on an inject that went to one side alone is about that side."""
    if details.inject_id is None or details.side_id is not None:
        return details
    query = sa.select(InjectSide.side_id).where(InjectSide.inject_id == details.inject_id)
    sides = session.scalars(query.limit(2)).all()
    return replace(details, side_id=sides[0]) if len(sides) == 1 else details


def _of_a_player(
    session: Session, drill: Drill, details: LineDetails, person: Person
) -> LineDetails:
    kind = LogKind.REPORTED if details.kind in STAMPS else details.kind
    if kind not in OWN_WORDS:
        raise Refused(N_("Only exercise control may write this."))
    own = session.scalars(
        sa.select(Side.id).where(Side.drill_id == drill.id, Side.id.in_(Side.ids_of(person)))
    ).all()
    side = details.side_id if details.side_id in own else next(iter(own), None)
    return replace(details, kind=kind, side_id=side)


def _refuse_others(entry: LogEntry, by: Person) -> None:
    refuse_closed(entry.drill)
    if entry.kind is LogKind.RELEASED:
        raise NotAllowedNow(N_("A release cannot be taken back: note beside it what was wrong."))
    if entry.by_id != by.id and not entry.drill.is_controlled_by(by):
        raise Refused(N_("Only its writer or exercise control may correct a line."))


def _refuse_corrected(session: Session, entry: LogEntry) -> None:
    later = sa.select(LogEntry.id).where(LogEntry.corrects_id == entry.id)
    if session.scalar(later) is not None:
        raise Conflict(_CORRECTED)
    if entry.kind is LogKind.WITHDRAWN:
        raise NotAllowedNow(N_("This line has been withdrawn: write a new one."))
