"""The life of a delivery. Each step is one compare-and-set: token and state must be as left."""

import random
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.core import clock
from drills.core.mail import Fault, Undelivered
from drills.reminders.models import IN_HAND, OPEN, Delivery, State
from drills.reminders.services import limits, suppression
from drills.reminders.services.slots import at as reckoned
from drills.reminders.services.standing import stands
from drills.reminders.services.terms import Moment, Terms

BACKOFF = tuple(timedelta(minutes=m) for m in (1, 2, 5, 15, 30, 60))
ROAD_PAUSE = timedelta(minutes=1)
UNCERTAIN_MOST = 3
"""So often a letter without a verdict goes out again, under its own Message-ID."""
CRASHES_MOST = 12
"""So often if it was our worker that died: most of its group had not left by then."""
NO_VERDICT = "the worker died before the verdict was recorded"
FREE = {"token": None, "lease_until": None}
EMPTY: Mapping[int, str] = MappingProxyType({})


class Held(Protocol):
    """What is known of a delivery in hand."""

    @property
    def id(self) -> int: ...

    @property
    def address(self) -> str: ...

    @property
    def attempts(self) -> int: ...

    @property
    def uncertain(self) -> int: ...


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
    held = sa.update(Delivery).where(Delivery.among(*IN_HAND), Delivery.lease_until < now.real)
    again = {
        "state": State.UNCERTAIN,
        "uncertain": Delivery.uncertain + 1,
        "next_at": now.later + terms.lease,
        "error": NO_VERDICT,
    }
    tried = Delivery.state == State.SENDING
    steps: tuple[tuple[Any, dict[str, Any]], ...] = (
        (
            Delivery.state == State.CLAIMED,
            {"state": State.PENDING, "attempts": Delivery.attempts - 1},
        ),
        (
            sa.and_(tried, Delivery.uncertain >= CRASHES_MOST),
            {"state": State.FAILED, "error": NO_VERDICT},
        ),
        (tried, again),
    )
    return sum(_run(session, held.where(which).values(FREE | to)) for which, to in steps)


def claim(session: Session, token: str, now: Moment, terms: Terms) -> Sequence[int]:
    """Take up to a batch of what is due, for the length of a lease; the ids.

    Two workers never get the same one: PostgreSQL skips what another has locked, SQLite lets
    one in at a time.
    """
    ids: Sequence[int] = ()
    while not ids and (room := limits.room(session, now, terms)):
        due = session.scalars(_due(now).limit(room).with_for_update(skip_locked=True)).all()
        if not due:
            return ()
        ids = limits.within_domains(session, due, now, terms)
    taken = {
        "state": State.CLAIMED,
        "attempts": Delivery.attempts + 1,
        "token": token,
        "lease_until": now.real + terms.lease,
    }
    if ids:
        _run(session, sa.update(Delivery).where(Delivery.id.in_(ids)).values(taken))
    return ids


def _due(now: Moment) -> sa.Select[Any]:
    useful = sa.or_(Delivery.useful_until.is_(None), Delivery.useful_until > now.at)
    return (
        sa.select(Delivery.id)
        .where(Delivery.among(*OPEN), Delivery.next_at <= now.at, useful)
        .order_by(Delivery.next_at, Delivery.id)
    )


def load(session: Session, ids: Collection[int]) -> Sequence[Delivery]:
    query = (
        sa.select(Delivery)
        .where(Delivery.id.in_(ids))
        .order_by(Delivery.next_at, Delivery.id)
        .options(joinedload(Delivery.rule), joinedload(Delivery.person).joinedload(Person.unit))
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).unique().all()


def _held(ids: Collection[int], token: str) -> sa.Update:
    return sa.update(Delivery).where(
        Delivery.id.in_(ids), Delivery.token == token, Delivery.among(*IN_HAND)
    )


def marking(session: Session, kinds: Collection[str], now: Moment) -> sa.Update:
    """Note that letters of these kinds are about to leave, those that are still wanted and still
    ours: the statement, which takes longer to write than to run.
    """
    return (
        sa.update(Delivery)
        .where(
            Delivery.id.in_(sa.bindparam("ids", expanding=True)),
            Delivery.token == sa.bindparam("held_by"),
            Delivery.among(*IN_HAND),
            Delivery.lease_until > sa.bindparam("now"),
            # a CASE, so that PostgreSQL begins with these few and not with all subjects there are
            sa.case((stands(reckoned(session, now.at), kinds), sa.true()), else_=sa.false()),
        )
        .values(state=State.SENDING, lease_until=sa.bindparam("until"))
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )


def mark_sending(
    session: Session,
    marking: sa.Update,
    ids: Collection[int],
    token: str,
    now: Moment,
    terms: Terms,
) -> frozenset[int]:
    """The ids of those that may leave."""
    until = now.real + terms.answer + terms.lease
    values = {"ids": list(ids), "held_by": token, "now": now.real, "until": until}
    # asked of the connection: a session would put the long statement together anew each time
    return frozenset(session.connection().execute(marking, values).scalars())


_SENT = {"state": State.SENT, "error": ""}
_RECORD = (
    sa.update(Delivery)
    .where(Delivery.id.in_(sa.bindparam("ids", expanding=True)), Delivery.state != State.SENT)
    .values(FREE | _SENT | {"code": 250, "sent_at": sa.bindparam("at")})
)


def record_sent(
    session: Session,
    ids: Collection[int],
    now: Moment,
    *,
    addresses: Mapping[int, str] = EMPTY,
    digests: Collection[int] = (),
) -> None:
    """Servers have these. That is a fact, whoever holds the lease by now.

    ``addresses``: where those went whose reader has another address than when it was planned.
    """
    session.connection().execute(_RECORD, {"ids": list(ids), "at": now.real})
    for delivery_id, address in addresses.items():
        query = sa.update(Delivery).where(Delivery.id == delivery_id)
        _run(session, query.values(address=address))
    if digests:
        _run(session, _carried(digests).values(_SENT | {"sent_at": now.real}))


def _carried(ids: Collection[int]) -> sa.Update:
    """What these digests carry."""
    return sa.update(Delivery).where(Delivery.digest_id.in_(ids), Delivery.among(State.GROUPED))


def give_back(
    session: Session, ids: Collection[int], token: str, now: Moment, *, at_once: bool
) -> int:
    """Their turn did not come: that costs no attempt. ``at_once``: nothing was in the way."""
    values = FREE | {"state": State.PENDING, "attempts": Delivery.attempts - 1}
    if not at_once:
        values["next_at"] = now.later + _about(ROAD_PAUSE)
    return _run(session, _held(ids, token).values(values))


def withdraw(session: Session, delivery_id: int, kind: str, token: str, now: Moment) -> int:
    """Changed or called off while the worker had it; 0 if only the lease had run out."""
    query = _held([delivery_id], token).where(~stands(reckoned(session, now.at), [kind]))
    gone = {"state": State.CANCELLED, "error": "no longer wanted when it was about to leave"}
    return _run(session, query.values(FREE | gone))


def record_failure(
    session: Session,
    held: Held,
    token: str,
    error: Undelivered,
    terms: Terms,
    now: Moment,
) -> State:
    """Note what stood in the way, and when to try again if that makes sense."""
    state, wait = _verdict(held, error, terms)
    free = error.fault is Fault.ROAD
    query = _held([held.id], token).values(
        FREE
        | {
            "state": state,
            "attempts": Delivery.attempts - 1 if free else Delivery.attempts,
            "uncertain": Delivery.uncertain + int(state is State.UNCERTAIN),
            "next_at": now.later + _about(wait),
            "code": error.code,
            "error": str(error),
        }
    )
    noted = _run(session, query)
    if noted and state is State.FAILED:
        _run(session, _carried([held.id]).values(state=state, code=error.code, error=str(error)))
    if noted and error.is_unknown_address:
        reason, code = str(error), error.code
        suppression.note_refusal(session, held.address, reason=reason, code=code, at=now.real)
    return state


def _verdict(held: Held, error: Undelivered, terms: Terms) -> tuple[State, timedelta]:
    if error.fault is Fault.ROAD:
        return State.PENDING, ROAD_PAUSE
    if error.fault is Fault.UNKNOWN and held.uncertain < UNCERTAIN_MOST:
        return State.UNCERTAIN, terms.lease
    if error.fault is Fault.SOFT and held.attempts < terms.attempts:
        return State.PENDING, BACKOFF[min(held.attempts, len(BACKOFF)) - 1]
    return State.FAILED, timedelta()


def _about(wait: timedelta) -> timedelta:
    """A fifth more or less, so that many do not come back in the same second."""
    return wait * random.uniform(0.8, 1.2)  # noqa: S311 - nothing secret hangs on it
