"""Recording a past drill in one go, equal afterwards to one that was run live."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError, NotAllowedNow
from drills.core.text import N_
from drills.exercises.models import (
    NEXT,
    ClockAct,
    ClockEvent,
    Drill,
    ExerciseClock,
    Inject,
    InjectStatus,
    LogEntry,
    LogKind,
    Status,
    Verdict,
)
from drills.exercises.services.conduct.releasing import release_line
from drills.exercises.services.conduct.timing import events
from drills.exercises.services.drills import move, refuse_closed
from drills.exercises.services.evaluation import judge


@dataclass(frozen=True, slots=True)
class Happened:
    """What one side made of one inject, with the moments it had. Missing is None."""

    number: str
    title: str
    released_at: datetime
    side_id: int | None = None
    detected_at: datetime | None = None
    contained_at: datetime | None = None
    verdict: Verdict | None = None
    line: int = 0
    """Where it stood in what was typed or imported, for messages."""


def record(
    session: Session, drill: Drill, rows: Sequence[Happened], *, by: Person, at: datetime
) -> int:
    """Write clock, releases, stamps and verdicts as they were; how many injects."""
    refuse_closed(drill)
    _refuse_wrong(drill, rows, at)
    clock = _clock(session, drill, rows, by)
    injects = _injects(session, drill, rows)
    for inject, first in _firsts(injects, rows):
        if inject.status is not InjectStatus.RELEASED:
            _release(session, inject, first, clock, by=by, at=at)
    _stamp(session, injects, rows, clock, by=by, at=at)
    judge(
        session,
        drill,
        {(injects[row.number].id, row.side_id): (row.verdict, "") for row in rows if row.verdict},
        by=by,
    )
    if Status.COMPLETED in NEXT[drill.status]:
        move(session, drill, Status.COMPLETED, "", by=by)
    count = len({row.number for row in rows})
    audit.record(
        session, "recorded_afterwards", drill, by=by, changes={"injects": ["", str(count)]}
    )
    return count


def known(session: Session, drill: Drill) -> Sequence[Inject]:
    """The injects the drill has, in their order, with the sides they are for."""
    query = sa.select(Inject).options(selectinload(Inject.sides))
    ours = query.where(Inject.drill_id == drill.id, Inject.status != InjectStatus.SKIPPED)
    return session.scalars(ours.order_by(Inject.position, Inject.id)).all()


def _refuse_wrong(drill: Drill, rows: Sequence[Happened], at: datetime) -> None:
    if not rows:
        raise DomainError(N_("There is nothing to record: fill in at least one row."))
    for row in rows:
        moments = [m for m in (row.released_at, row.detected_at, row.contained_at) if m]
        if moments != sorted(moments):
            raise DomainError(
                N_(
                    "Row %(row)s: an inject is first released, then detected, then contained. "
                    "Correct the times."
                ),
                row=row.line,
            )
        if max(moments) > at:
            raise DomainError(N_("Row %(row)s lies in the future."), row=row.line)
    if drill.status in {Status.POSTPONED, Status.CANCELLED}:
        raise NotAllowedNow(N_("The drill did not take place: plan it again first."))


def _clock(session: Session, drill: Drill, rows: Iterable[Happened], by: Person) -> ExerciseClock:
    """The clock that ran, or one from the beginning of the drill to its end."""
    past = events(session, drill)
    if not past:
        moments = [
            moment
            for row in rows
            for moment in (row.released_at, row.detected_at, row.contained_at)
            if moment
        ]
        begin, end = min(drill.starts_at, *moments), max(drill.ends_at, *moments)
        past = [
            ClockEvent(drill_id=drill.id, number=number, act=act, at=moment, by_id=by.id)
            for number, (act, moment) in enumerate(
                ((ClockAct.START, begin), (ClockAct.END, end)), start=1
            )
        ]
        session.add_all(past)
        session.flush()
    return ExerciseClock.of(drill, past)


def _injects(session: Session, drill: Drill, rows: Iterable[Happened]) -> dict[str, Inject]:
    """The injects the rows name, by number; those that are not there yet are written."""
    query = sa.select(Inject).where(Inject.drill_id == drill.id)
    there = {inject.number: inject for inject in session.scalars(query)}
    for row in rows:
        if row.number not in there:
            there[row.number] = Inject(
                drill_id=drill.id,
                number=row.number,
                position=len(there),
                title=row.title or row.number,
                planned_at=row.released_at,
            )
            session.add(there[row.number])
    session.flush()
    return there


def _firsts(injects: dict[str, Inject], rows: Iterable[Happened]) -> list[tuple[Inject, datetime]]:
    first: dict[str, datetime] = {}
    for row in rows:
        first[row.number] = min(row.released_at, first.get(row.number, row.released_at))
    return [(injects[number], moment) for number, moment in first.items()]


def _release(
    session: Session,
    inject: Inject,
    moment: datetime,
    clock: ExerciseClock,
    *,
    by: Person,
    at: datetime,
) -> None:
    inject.status, inject.released_at = InjectStatus.RELEASED, moment
    inject.released_exercise_seconds = clock.exercise_seconds(moment)
    inject.released_by_id = by.id
    session.add(release_line(inject, by=by, at=moment, recorded_at=at, is_afterwards=True))
    session.flush()


def _stamp(
    session: Session,
    injects: dict[str, Inject],
    rows: Iterable[Happened],
    clock: ExerciseClock,
    *,
    by: Person,
    at: datetime,
) -> None:
    """Times that stand already are left as they are: they are corrected in the log."""
    query = sa.select(LogEntry.inject_id, LogEntry.side_id, LogEntry.kind).where(
        LogEntry.inject_id.in_([inject.id for inject in injects.values()]), LogEntry.stands()
    )
    standing = {tuple(row) for row in session.execute(query)}
    for row in rows:
        inject = injects[row.number]
        for kind, moment in (
            (LogKind.DETECTED, row.detected_at),
            (LogKind.CONTAINED, row.contained_at),
        ):
            if moment is None or (inject.id, row.side_id, kind) in standing:
                continue
            session.add(
                LogEntry(
                    drill_id=inject.drill_id,
                    inject_id=inject.id,
                    side_id=row.side_id,
                    kind=kind,
                    at=moment,
                    exercise_seconds=clock.exercise_seconds(moment),
                    is_afterwards=True,
                    recorded_at=at,
                    by_id=by.id,
                )
            )
    session.flush()
