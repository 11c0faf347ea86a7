"""Corrective actions: from being asked for until a later drill has shown that they helped.

Whoever owes or did an action cannot verify it: ``verify`` and ``note_retest`` are the only ways
to close one, and both ask ``refuse_own``.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.audit import services as audit
from drills.core.errors import Conflict, DomainError, NotAllowedNow, Refused
from drills.core.text import N_
from drills.exercises.models import DONE, Drill, Status
from drills.files.models import StoredFile
from drills.findings.models import (
    BEGUN,
    CLOSED,
    NEEDS_REASON,
    ActionDetails,
    ActionEvent,
    ActionFile,
    ActionState,
    CorrectiveAction,
    Retest,
)

TRIES = 5
STALE = N_("Somebody else has changed this action since you opened it.")


def ask(
    session: Session, drill: Drill, details: ActionDetails, *, by: Person | None, at: datetime
) -> CorrectiveAction:
    """Ask somebody to act on what ``drill`` showed; gives the action its code, ``KP-2026-001``."""
    _check(details)
    action = CorrectiveAction(drill_id=drill.id, **asdict(details))
    _number(session, action, at.astimezone(ZoneInfo(drill.time_zone)).year)
    _note(session, action, by, at, "")
    audit.record(session, "asked", action, by=by)
    return action


def revise(
    session: Session,
    action: CorrectiveAction,
    details: ActionDetails,
    *,
    by: Person | None,
    version: int,
    at: datetime,
) -> None:
    """Change what is asked, of whom, by when. Conflict if somebody else was quicker."""
    if action.version != version:
        raise Conflict(STALE)
    if action.state in CLOSED:
        raise NotAllowedNow(N_("This action is closed. Reopen it before you change it."))
    _check(details)
    before = action.owner_id, action.due_on
    with audit.changing(session, "revised", action, by=by):
        for name, value in asdict(details).items():
            if getattr(action, name) != value:
                setattr(action, name, value)
        session.flush()
    if (action.owner_id, action.due_on) != before:
        _note(session, action, by, at, "")


def begin(session: Session, action: CorrectiveAction, *, by: Person | None, at: datetime) -> None:
    """Say that work on it has begun."""
    _move(session, action, ActionState.IN_PROGRESS, "", by, at)


def report_done(
    session: Session, action: CorrectiveAction, evidence: str, *, by: Person, at: datetime
) -> None:
    """Say that it is done and how that can be seen; then somebody else verifies it."""
    if not (evidence or action.files):
        raise DomainError(N_("Say what was done, or attach a file that shows it."))
    with audit.changing(session, "done", action, by=by):
        action.move_to(ActionState.DONE)
        action.evidence, action.done_by_id, action.done_at = evidence, by.id, at
        action.verified_by_id = action.verified_at = None
        session.flush()
    _note(session, action, by, at, evidence)


def verify(
    session: Session, action: CorrectiveAction, note: str, *, by: Person, at: datetime
) -> None:
    """Confirm that it was done. Refused to whoever owes it or did it."""
    refuse_own(action, by)
    with audit.changing(session, "verified", action, by=by):
        action.move_to(ActionState.VERIFIED)
        action.verified_by_id, action.verified_at = by.id, at
        session.flush()
    _note(session, action, by, at, note)


def reopen(
    session: Session, action: CorrectiveAction, reason: str, *, by: Person | None, at: datetime
) -> None:
    """Send it back to its owner; what was done and verified before stays in its history."""
    _move(session, action, ActionState.REOPENED, reason, by, at)


def cancel(
    session: Session, action: CorrectiveAction, reason: str, *, by: Person | None, at: datetime
) -> None:
    """Give it up, and say why."""
    _move(session, action, ActionState.CANCELLED, reason, by, at)


def attach(
    session: Session, action: CorrectiveAction, file: StoredFile, *, by: Person, at: datetime
) -> None:
    """Keep ``file`` as evidence."""
    if action.state in CLOSED:
        raise NotAllowedNow(N_("This action is closed. Reopen it before you change it."))
    action.files.append(ActionFile(file=file, added_at=at, added_by_id=by.id))
    audit.record(session, "attached", action, by=by, changes={"file": ["", file.name]})


def carry_over(
    session: Session,
    actions: Iterable[CorrectiveAction],
    drill: Drill,
    *,
    by: Person | None,
    at: datetime,
) -> None:
    """Have ``drill`` try these actions of earlier drills again."""
    for action in actions:
        if action.drill_id == drill.id:
            raise DomainError(N_("An action is tried again in a later drill, not in its own."))
        with audit.changing(session, "carried over", action, by=by):
            action.retest_drill_id, action.retest_result = drill.id, None
            action.retest_note = ""
            session.flush()
        _note(session, action, by, at, "", is_retest=True)


def note_retest(
    session: Session,
    action: CorrectiveAction,
    result: Retest,
    note: str,
    *,
    by: Person,
    at: datetime,
) -> None:
    """What the drill that tried it again has shown. An action that failed is open again."""
    if action.retest_drill is None:
        raise NotAllowedNow(N_("No drill has been chosen that tries this action again."))
    if action.retest_drill.status not in BEGUN:
        raise NotAllowedNow(
            N_("%(drill)s has not begun yet: it cannot have shown anything."),
            drill=action.retest_drill.code,
        )
    refuse_own(action, by)
    with audit.changing(session, "retested", action, by=by):
        action.retest_result, action.retest_note = result, note
        session.flush()
    _note(session, action, by, at, note, is_retest=True)
    if result is Retest.FAILED and action.state in {ActionState.DONE, ActionState.VERIFIED}:
        reopen(session, action, note or _FAILED, by=by, at=at)


_FAILED = N_("It failed when a later drill tried it again.")


def refuse_own(action: CorrectiveAction, by: Person) -> None:
    """Nobody verifies what they owe or did themselves, whatever their role."""
    if by.id in {action.owner_id, action.done_by_id}:
        raise Refused(
            N_("Somebody else verifies this: you owe it, or it was you who did it."),
        )


def due_again(session: Session, drill: Drill, person: Person) -> list[CorrectiveAction]:
    """What is worth trying again when ``drill`` is planned, of what ``person`` may see.

    The actions of the unit's earlier drills that no later drill has shown to hold, and that no
    other drill ahead has been chosen to try; one that was chosen and is over without having
    shown anything counts no more. What is still to do comes first, then by its day.
    """
    earlier = sa.select(Drill.id).where(
        Drill.unit_id == drill.unit_id, Drill.starts_at < drill.starts_at, Drill.id != drill.id
    )
    over = sa.select(Drill.id).where(Drill.status.in_(DONE | {Status.CANCELLED}))
    is_settled = sa.case((CorrectiveAction.state == ActionState.VERIFIED, 1), else_=0)
    query: sa.Select[Any] = visible(CorrectiveAction, person).where(
        CorrectiveAction.drill_id.in_(earlier),
        CorrectiveAction.state != ActionState.CANCELLED,
        sa.or_(
            CorrectiveAction.retest_drill_id.is_(None),
            CorrectiveAction.retest_drill_id == drill.id,
            CorrectiveAction.retest_result == Retest.FAILED,
            sa.and_(
                CorrectiveAction.retest_result.is_(None),
                CorrectiveAction.retest_drill_id.in_(over),
            ),
        ),
    )
    soonest = query.order_by(is_settled, CorrectiveAction.due_on, CorrectiveAction.id)
    return list(session.scalars(soonest.options(joinedload(CorrectiveAction.drill)).limit(100)))


def move_due_date(
    session: Session,
    actions: Iterable[CorrectiveAction],
    due_on: date,
    *,
    by: Person | None,
    at: datetime,
) -> int:
    """Give several open actions one new day; how many changed."""
    changed = 0
    for action in actions:
        if action.state in CLOSED or action.due_on == due_on:
            continue
        with audit.changing(session, "revised", action, by=by):
            action.due_on = due_on
            session.flush()
        _note(session, action, by, at, "")
        changed += 1
    return changed


def _move(
    session: Session,
    action: CorrectiveAction,
    state: ActionState,
    reason: str,
    by: Person | None,
    at: datetime,
) -> None:
    if state in NEEDS_REASON and not reason:
        raise DomainError(N_("Say why: whoever worked on it needs to know."))
    with audit.changing(session, "moved", action, by=by):
        action.move_to(state, reason)
        if state is ActionState.REOPENED:
            action.verified_by_id = action.verified_at = None
        session.flush()
    _note(session, action, by, at, reason)


def _check(details: ActionDetails) -> None:
    if not details.text:
        raise DomainError(N_("Write what is to be done."))


def _note(
    session: Session,
    action: CorrectiveAction,
    by: Person | None,
    at: datetime,
    text: str,
    *,
    is_retest: bool = False,
) -> None:
    session.add(
        ActionEvent(
            corrective_action_id=action.id,
            at=at,
            by_id=by.id if by else None,
            state=action.state,
            due_on=action.due_on,
            owner_id=action.owner_id,
            text=text,
            retest_drill_id=action.retest_drill_id if is_retest else None,
            retest=action.retest_result if is_retest else None,
        )
    )
    session.flush()


def _number(session: Session, action: CorrectiveAction, year: int) -> None:
    """Insert under the next free code of its year; a number taken meanwhile is asked for again."""
    for attempt in range(TRIES):
        action.code = _next_code(session, f"KP-{year}-")
        try:
            with session.begin_nested():
                session.add(action)
                session.flush()
        except IntegrityError:
            if attempt == TRIES - 1:
                raise
        else:
            return


def _next_code(session: Session, prefix: str) -> str:
    code = CorrectiveAction.code
    last = session.scalar(
        sa.select(code)
        .where(code.startswith(prefix, autoescape=True))
        .order_by(sa.func.length(code).desc(), code.desc())
        .limit(1)
    )
    return f"{prefix}{int(last.removeprefix(prefix)) + 1 if last else 1:03}"
