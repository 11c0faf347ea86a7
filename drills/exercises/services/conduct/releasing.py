"""Releasing an inject, leaving one out, moving one."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.core.errors import NotAllowedNow
from drills.core.text import N_
from drills.exercises.models import (
    INJECT_NEXT,
    ExerciseClock,
    Inject,
    InjectStatus,
    LogEntry,
    LogKind,
)
from drills.exercises.services.conduct.timing import clock_of
from drills.exercises.services.msel.trail import note

SHIFT_MAX = 12 * 60
MOVED = {
    InjectStatus.SKIPPED: "inject_left_out",
    InjectStatus.PLANNED: "inject_taken_back_in",
}


def release(session: Session, inject: Inject, *, by: Person | None, at: datetime) -> bool:
    """Let the players have it, now; True if this call did. A second press changes nothing."""
    _lock(session, inject)
    if inject.status is InjectStatus.RELEASED:
        return False
    clock = clock_of(session, inject.drill)
    _refuse_unless_running(clock)
    _refuse_before_its_turn(inject)
    inject.status = InjectStatus.RELEASED
    inject.released_at = at
    inject.released_exercise_seconds = clock.exercise_seconds(at)
    inject.released_by_id = by.id if by else None
    session.add(release_line(inject, by=by, at=at, recorded_at=at))
    note(session, "inject_released", inject.drill, _named(inject), by=by)
    return True


def release_line(
    inject: Inject,
    *,
    by: Person | None,
    at: datetime,
    recorded_at: datetime,
    is_afterwards: bool = False,
) -> LogEntry:
    """Its client id is the inject's: the constraint lets a release be written down once."""
    return LogEntry(
        drill_id=inject.drill_id,
        inject_id=inject.id,
        kind=LogKind.RELEASED,
        text="",
        at=at,
        exercise_seconds=inject.released_exercise_seconds or 0,
        is_afterwards=is_afterwards,
        recorded_at=recorded_at,
        by_id=by.id if by else None,
        client_id=f"release-{inject.id}",
    )


def leave_out(
    session: Session, inject: Inject, reason: str, *, by: Person | None, at: datetime
) -> None:
    _move(session, inject, InjectStatus.SKIPPED, reason, by=by, at=at)


def take_back_in(session: Session, inject: Inject, *, by: Person | None, at: datetime) -> None:
    _move(session, inject, InjectStatus.PLANNED, "", by=by, at=at)


def postpone(session: Session, inject: Inject, minutes: int, *, by: Person | None) -> None:
    """Move what is still to come by ``minutes``, earlier if below zero."""
    _lock(session, inject)
    if inject.status is not InjectStatus.PLANNED:
        raise NotAllowedNow(N_("Only an inject that is still to come can be moved."))
    minutes = max(-SHIFT_MAX, min(minutes, SHIFT_MAX))
    if inject.offset_seconds is not None:
        inject.offset_seconds += minutes * 60
    elif inject.planned_at is not None:
        inject.planned_at += timedelta(minutes=minutes)
    else:
        return
    changes = _named(inject) | {"minutes": ["", str(minutes)]}
    note(session, "inject_postponed", inject.drill, changes, by=by)


def _move(
    session: Session,
    inject: Inject,
    status: InjectStatus,
    reason: str,
    *,
    by: Person | None,
    at: datetime,
) -> None:
    _lock(session, inject)
    if inject.status is status:
        return
    if status not in INJECT_NEXT[inject.status]:
        raise NotAllowedNow(N_("What has been released is known: correct it in the log."))
    inject.status = status
    changes = _named(inject) | ({"reason": ["", reason]} if reason else {})
    note(session, MOVED[status], inject.drill, changes, by=by)
    session.add(
        LogEntry(
            drill_id=inject.drill_id,
            inject_id=inject.id,
            kind=LogKind.DECISION,
            text=reason,
            at=at,
            exercise_seconds=clock_of(session, inject.drill).exercise_seconds(at),
            recorded_at=at,
            by_id=by.id if by else None,
        )
    )
    session.flush()


def _lock(session: Session, inject: Inject) -> None:
    """Read the inject as it now stands, and let nobody else change it until this is done."""
    session.execute(
        sa.select(Inject)
        .where(Inject.id == inject.id)
        .with_for_update(of=Inject)
        .execution_options(populate_existing=True)
    ).scalar_one()


def _refuse_unless_running(clock: ExerciseClock) -> None:
    if clock.is_running:
        return
    if clock.is_over:
        raise NotAllowedNow(N_("The exercise is over: nothing is released any more."))
    if clock.is_paused:
        raise NotAllowedNow(N_("The exercise is paused: resume it, then release."))
    raise NotAllowedNow(N_("The exercise has not started: start the clock first."))


def _refuse_before_its_turn(inject: Inject) -> None:
    before = inject.depends_on
    if before is not None and before.status is InjectStatus.PLANNED:
        raise NotAllowedNow(
            N_("Inject %(number)s comes first: release it, or leave it out."), number=before.number
        )


def _named(inject: Inject) -> dict[str, list[str]]:
    """Its number alone: the trail is read by people who may not know what an inject says."""
    return {"inject": ["", inject.number]}
