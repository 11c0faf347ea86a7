"""No more letters in a minute than servers take: in all, and to one domain.

What is over the limit is not taken in hand: nobody waits while holding it.
"""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.reminders.models import IN_HAND, MAIL, OPEN, Delivery, State
from drills.reminders.services import state
from drills.reminders.services.terms import Moment, Terms

MINUTE = timedelta(minutes=1)
OLDEST = timedelta(days=8)
"""Nothing that leaves now fell due before: bounds what is counted by its index."""
LONGEST = 60
"""Minutes."""


def room(session: Session, now: Moment, terms: Terms) -> int:
    """How many may be claimed at this moment."""
    limit = _limit(session, "per_minute", terms.per_minute)
    if not limit:
        return terms.batch
    state.locked(session)
    count = session.scalar(sa.select(sa.func.count()).where(_recent(now))) or 0
    return max(0, min(terms.batch, limit - count))


def within_domains(
    session: Session, ids: Sequence[int], now: Moment, terms: Terms
) -> Sequence[int]:
    """Those that may go now; the others come back later, spread over as long as it takes."""
    limit = _limit(session, "per_domain", terms.per_domain)
    if not limit:
        return ids
    state.locked(session)
    taken = Counter(map(_domain, session.scalars(sa.select(Delivery.address).where(_recent(now)))))
    query = sa.select(Delivery.id, Delivery.channel, Person.email).join(Delivery.person)
    found = {row.id: row for row in session.execute(query.where(Delivery.id.in_(ids)))}
    kept: list[int] = []
    over: list[int] = []
    for delivery_id in ids:
        row = found[delivery_id]
        domain = _domain(row.email)
        is_over = row.channel == MAIL and taken[domain] >= limit
        (over if is_over else kept).append(delivery_id)
        taken[domain] += not is_over
    _put_off(session, over, now, limit)
    return kept


def _put_off(session: Session, ids: Sequence[int], now: Moment, limit: int) -> None:
    if not ids:
        return
    waiting = sa.select(sa.func.count()).where(Delivery.among(*OPEN), Delivery.next_at <= now.later)
    longest = min(1 + (session.scalar(waiting) or 0) / limit, LONGEST)
    for delivery_id in ids:
        wait = random.uniform(1, longest) * MINUTE  # noqa: S311 - nothing secret hangs on it
        query = sa.update(Delivery).where(Delivery.id == delivery_id)
        session.execute(
            query.values(next_at=now.later + wait),
            execution_options={"synchronize_session": False},
        )


def _limit(session: Session, name: str, setting: int) -> int:
    """What an administrator has set, else the operator's setting."""
    own: int | None = getattr(state.current(session), name)
    return setting if own is None else own


def _recent(now: Moment) -> sa.ColumnElement[bool]:
    """Letters that left in the last minute, or are about to."""
    left = sa.and_(
        Delivery.among(State.SENT),
        Delivery.due_at > now.real - OLDEST,
        Delivery.sent_at > now.real - MINUTE,
    )
    return sa.or_(left, Delivery.among(*IN_HAND))


def _domain(address: str | None) -> str:
    return (address or "").rpartition("@")[2].lower()
