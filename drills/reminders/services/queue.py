"""The life of a delivery. Each step is one compare-and-set: token and state must be as left."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.core import clock
from drills.core.mail import Fault, Undelivered
from drills.reminders.models import IN_HAND, OPEN, Delivery, State
from drills.reminders.services.slots import at as reckoned
from drills.reminders.services.standing import stands

BACKOFF = tuple(timedelta(minutes=m) for m in (1, 2, 5, 15, 30, 60))
ROAD_PAUSE = timedelta(minutes=1)
UNCERTAIN_MOST = 3
"""So often a letter without a verdict goes out again, under its own Message-ID."""
NO_VERDICT = "the worker died before the verdict was recorded"


@dataclass(frozen=True, slots=True)
class Terms:
    """How patient a worker is: the settings MAIL_BATCH, MAIL_LEASE_SECONDS, MAIL_ATTEMPTS."""

    batch: int = 50
    lease: timedelta = timedelta(seconds=120)
    answer: timedelta = timedelta(seconds=20)
    attempts: int = 8


@dataclass(frozen=True, slots=True)
class Moment:
    """``at``: what counts as due by. ``real``: the clock that leases run by."""

    at: datetime
    real: datetime

    @property
    def later(self) -> datetime:
        return max(self.at, self.real)


def moment(session: Session, at: datetime | None = None) -> Moment:
    """Now, by the one clock that every worker shares: the database's where it has one."""
    real = clock.now()
    if session.get_bind().dialect.name == "postgresql":
        real = session.scalars(sa.select(sa.func.clock_timestamp())).one()
    return Moment(at or real, real)


def _run(session: Session, query: Any) -> int:
    result: Any = session.execute(query, execution_options={"synchronize_session": False})
    return int(result.rowcount)


def reap(session: Session, now: Moment, terms: Terms) -> int:
    """Take back what a dead worker held; how many deliveries."""
    held = sa.update(Delivery).where(Delivery.lease_until < now.real)
    back = {"token": None, "lease_until": None}
    hold = now.later + terms.lease
    steps = (
        (Delivery.state == State.CLAIMED, {"state": State.PENDING}),
        (
            sa.and_(Delivery.state == State.SENDING, Delivery.uncertain >= UNCERTAIN_MOST),
            {"state": State.FAILED, "error": NO_VERDICT},
        ),
        (
            Delivery.state == State.SENDING,
            {
                "state": State.UNCERTAIN,
                "uncertain": Delivery.uncertain + 1,
                "next_at": hold,
                "error": NO_VERDICT,
            },
        ),
    )
    return sum(_run(session, held.where(which).values(back | to)) for which, to in steps)


def claim(session: Session, token: str, now: Moment, terms: Terms) -> Sequence[Delivery]:
    """Take up to a batch of what is due, for the length of a lease.

    Two workers never get the same one: PostgreSQL skips what another has locked, SQLite lets
    one in at a time.
    """
    due = (
        sa.select(Delivery.id)
        .where(
            Delivery.state.in_(OPEN),
            Delivery.next_at <= now.at,
            sa.or_(Delivery.useful_until.is_(None), Delivery.useful_until > now.at),
        )
        .order_by(Delivery.next_at, Delivery.id)
        .limit(terms.batch)
        .with_for_update(skip_locked=True)
    )
    ids = session.scalars(due).all()
    taken = {
        "state": State.CLAIMED,
        "attempts": Delivery.attempts + 1,
        "token": token,
        "lease_until": now.real + terms.lease,
    }
    _run(session, sa.update(Delivery).where(Delivery.id.in_(ids)).values(taken))
    query = (
        sa.select(Delivery)
        .where(Delivery.id.in_(ids))
        .order_by(Delivery.next_at, Delivery.id)
        .options(
            joinedload(Delivery.rule),
            joinedload(Delivery.person),
        )
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).unique().all()


def _held(delivery: Delivery, token: str) -> sa.Update:
    return sa.update(Delivery).where(
        Delivery.id == delivery.id, Delivery.token == token, Delivery.state.in_(IN_HAND)
    )


def mark_sending(
    session: Session, delivery: Delivery, token: str, now: Moment, terms: Terms
) -> bool:
    """Note that the letter is about to leave, if it is still wanted and still ours."""
    query = (
        _held(delivery, token)
        .where(
            Delivery.state == State.CLAIMED,
            Delivery.lease_until > now.real,
            stands(reckoned(session, now.at), [delivery.kind]),
        )
        .values(
            state=State.SENDING,
            lease_until=now.real + terms.answer + terms.lease,
            address=delivery.person.email or "",
        )
    )
    return _run(session, query) == 1


def record_sent(session: Session, delivery: Delivery, now: Moment) -> None:
    """The server has it. That is a fact, whoever holds the lease by now."""
    query = (
        sa.update(Delivery)
        .where(Delivery.id == delivery.id, Delivery.state != State.SENT)
        .values(
            state=State.SENT,
            sent_at=now.real,
            code=250,
            error="",
            token=None,
            lease_until=None,
        )
    )
    _run(session, query)


def give_back(session: Session, delivery: Delivery, token: str, now: Moment) -> None:
    """The road was closed before this one's turn came: it costs no attempt."""
    query = _held(delivery, token).values(
        state=State.PENDING,
        attempts=Delivery.attempts - 1,
        next_at=now.later + _about(ROAD_PAUSE),
        token=None,
        lease_until=None,
    )
    _run(session, query)


def withdraw(session: Session, delivery: Delivery, token: str, now: Moment) -> int:
    """Changed or called off while the worker had it; 0 if only the lease had run out."""
    query = _held(delivery, token).where(~stands(reckoned(session, now.at), [delivery.kind]))
    query = query.values(
        state=State.CANCELLED,
        error="no longer wanted when it was about to leave",
        token=None,
        lease_until=None,
    )
    return _run(session, query)


def record_failure(
    session: Session, delivery: Delivery, token: str, error: Undelivered, terms: Terms, now: Moment
) -> State:
    """Note what stood in the way, and when to try again if that makes sense."""
    state, wait = _verdict(delivery, error, terms)
    free = error.fault is Fault.ROAD
    query = _held(delivery, token).values(
        state=state,
        attempts=Delivery.attempts - 1 if free else Delivery.attempts,
        uncertain=Delivery.uncertain + int(state is State.UNCERTAIN),
        next_at=now.later + _about(wait),
        code=error.code,
        error=str(error),
        token=None,
        lease_until=None,
    )
    _run(session, query)
    return state


def _verdict(delivery: Delivery, error: Undelivered, terms: Terms) -> tuple[State, timedelta]:
    if error.fault is Fault.ROAD:
        return State.PENDING, ROAD_PAUSE
    if error.fault is Fault.UNKNOWN and delivery.uncertain < UNCERTAIN_MOST:
        return State.UNCERTAIN, terms.lease
    if error.fault is Fault.SOFT and delivery.attempts < terms.attempts:
        return State.PENDING, BACKOFF[min(delivery.attempts, len(BACKOFF)) - 1]
    return State.FAILED, timedelta()


def _about(wait: timedelta) -> timedelta:
    """A fifth more or less, so that many do not come back in the same second."""
    return wait * random.uniform(0.8, 1.2)  # noqa: S311 - nothing secret hangs on it
