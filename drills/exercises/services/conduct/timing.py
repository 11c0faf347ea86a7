"""The exercise clock: started, paused, resumed and ended by those who control the drill."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import Conflict, NotAllowedNow
from drills.core.text import N_
from drills.exercises.models import (
    CLOCK_ACTS,
    CLOCK_NEXT,
    NEXT,
    ClockAct,
    ClockEvent,
    Drill,
    ExerciseClock,
    Status,
)
from drills.exercises.services.drills import move, refuse_closed
from drills.exercises.services.readiness import refuse_start

LEADS_TO = {ClockAct.START: Status.RUNNING, ClockAct.END: Status.COMPLETED}


def events(session: Session, drill: Drill) -> list[ClockEvent]:
    query = sa.select(ClockEvent).where(ClockEvent.drill_id == drill.id)
    return list(session.scalars(query.order_by(ClockEvent.number)))


def clock_of(session: Session, drill: Drill) -> ExerciseClock:
    return ExerciseClock.of(drill, events(session, drill))


def turn(
    session: Session, drill: Drill, act: ClockAct, *, seen: int, by: Person | None, at: datetime
) -> ExerciseClock:
    """Start, pause, resume or end; the drill's status follows.

    ``seen`` is the number of the last event the person had before them: a second press of the
    same button changes nothing, and another act on what has moved on is a Conflict.
    """
    past = events(session, drill)
    if len(past) != seen:
        return _already(drill, past, act, seen)
    clock = ExerciseClock.of(drill, past)
    _refuse(session, drill, clock, act)
    event = ClockEvent(drill_id=drill.id, number=seen + 1, act=act, at=_after(past, at), by=by)
    try:
        with session.begin_nested():
            session.add(event)
            session.flush()
    except IntegrityError:
        return _already(drill, events(session, drill), act, seen)
    audit.record(session, f"clock_{act.value}", drill, by=by)
    status = LEADS_TO.get(act)
    if status and status in NEXT[drill.status]:
        move(session, drill, status, "", by=by)
    return ExerciseClock.of(drill, [*past, event])


def _already(drill: Drill, past: list[ClockEvent], act: ClockAct, seen: int) -> ExerciseClock:
    if len(past) == seen + 1 and past[-1].act is act:
        return ExerciseClock.of(drill, past)
    raise Conflict(N_("Somebody else has moved the clock since you opened the page. Look again."))


def _refuse(session: Session, drill: Drill, clock: ExerciseClock, act: ClockAct) -> None:
    refuse_closed(drill)
    if act not in CLOCK_NEXT[clock.last]:
        raise NotAllowedNow(
            N_("“%(after)s” cannot follow “%(before)s”."),
            after=CLOCK_ACTS[act],
            before=CLOCK_ACTS[clock.last] if clock.last else N_("nothing"),
        )
    if act is ClockAct.START:
        if drill.status not in {Status.PLANNED, Status.RUNNING}:
            raise NotAllowedNow(N_("The drill is not planned any more: plan it again first."))
        refuse_start(session, drill)


def _after(past: list[ClockEvent], at: datetime) -> datetime:
    """Clocks of machines may jump back; the events of a drill stay in order."""
    return max([at, *(event.at for event in past[-1:])])
