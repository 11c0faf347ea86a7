"""The one row that all planners share: how far was planned, and whether sending is paused."""

from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.audit.models import Entry
from drills.core.errors import DomainError, NotAllowedNow
from drills.core.text import N_
from drills.reminders.models import ReminderState
from drills.units.models import Organisation

INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
LOOK_BACK = timedelta(days=7)
"""A reminder missed for longer than this is left to the next one, unless nobody planned."""
FURTHEST = timedelta(days=400)
LOOK_BACK_EVERY = timedelta(minutes=10)
SETTLED = timedelta(minutes=1)
"""A trail entry younger than this may be followed by one with a smaller number."""


@dataclass(frozen=True, slots=True)
class Window:
    """What to plan: from ``since`` on; everything anew (``is_full``) or only what is next."""

    since: datetime
    is_full: bool
    mark: int


@dataclass(frozen=True, slots=True)
class SendingDetails:
    """Hours in which nothing starts that is counted in days, and the most in any minute.

    A limit of None is the operator's, 0 is none.
    """

    quiet_from: time | None = None
    quiet_to: time | None = None
    per_minute: int | None = None
    per_domain: int | None = None


def current(session: Session) -> ReminderState:
    """The row as it is; a blank one, not stored, before the first planning."""
    return session.get(ReminderState, 1) or ReminderState(id=1, seeded=[], mark=0, pause_reason="")


def locked(session: Session) -> ReminderState:
    """The row, kept from other planners until the end of the transaction."""
    query = sa.select(ReminderState).with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        insert: Any = INSERT[session.get_bind().dialect.name](ReminderState)
        blank = {"id": 1, "mark": 0, "seeded": [], "pause_reason": ""}
        session.execute(insert.on_conflict_do_nothing(), blank)
        found = session.scalars(query).one()
    return found


def window(session: Session, state: ReminderState, now: datetime) -> Window:
    newest = session.execute(sa.select(Entry.id, Entry.at).order_by(Entry.id.desc()).limit(1))
    entry = newest.one_or_none()
    mark = entry.id if entry else 0
    unsettled = entry is not None and abs(entry.at - now) < SETTLED
    planned, looked = state.planned_until, state.looked_back_at
    if (
        planned is None
        or looked is None
        or unsettled
        or mark != state.mark
        or not now - LOOK_BACK_EVERY < looked <= now
        or planned > now
    ):
        since = min(planned or now, now - LOOK_BACK)
        return Window(max(since, now - FURTHEST), is_full=True, mark=mark)
    return Window(planned, is_full=False, mark=mark)


def is_paused(session: Session) -> bool:
    return session.scalar(sa.select(ReminderState.paused_at)) is not None


def pause(session: Session, reason: str, *, by: Person | None, at: datetime) -> None:
    """Hold back every message; what falls due meanwhile is planned and waits."""
    if not reason.strip():
        raise DomainError(N_("Say why nothing is to be sent: everybody will read it."))
    state = locked(session)
    if state.paused_at is not None:
        raise NotAllowedNow(N_("Sending is paused already."))
    state.paused_at, state.pause_reason = at, reason.strip()
    state.paused_by_id = by.id if by else None
    _record(session, "reminders.paused", by, {"reason": ["", state.pause_reason]})


def resume(session: Session, *, by: Person | None) -> None:
    state = locked(session)
    if state.paused_at is None:
        raise NotAllowedNow(N_("Sending is not paused."))
    before = state.pause_reason
    state.paused_at = state.paused_by_id = None
    state.pause_reason = ""
    _record(session, "reminders.resumed", by, {"reason": [before, ""]})


def settle_sending(session: Session, details: SendingDetails, *, by: Person | None) -> None:
    """Raises ``DomainError`` for quiet hours without a beginning, an end or a length."""
    if (details.quiet_from is None) != (details.quiet_to is None):
        raise DomainError(N_("Quiet hours need a beginning and an end."))
    if details.quiet_from is not None and details.quiet_from == details.quiet_to:
        raise DomainError(N_("Quiet hours end at another time than they begin."))
    state = locked(session)
    before = _written(state)
    for name in before:
        setattr(state, name, getattr(details, name))
    after = _written(state)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changes:
        _record(session, "reminders.sending_settled", by, changes)


def _written(state: ReminderState) -> dict[str, str]:
    values = {field.name: getattr(state, field.name) for field in fields(SendingDetails)}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _record(session: Session, verb: str, by: Person | None, changes: dict[str, Any]) -> None:
    home = session.get(Organisation, 1)
    session.flush()
    if home is not None:
        audit.record(session, verb, home, by=by, changes=changes)  # type: ignore[arg-type]
