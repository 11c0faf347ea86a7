"""What will be sent, to whom and why, before anything is stored."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.reminders.kinds import KINDS, At, Kind
from drills.reminders.models import Delivery, ReminderRule, State
from drills.reminders.services import slots as reckoning
from drills.reminders.services import state as shared
from drills.reminders.services import subjects
from drills.reminders.services.planning import LATE_AFTER, active_rules, in_order, place, recipients

_COLUMNS = frozenset(Delivery.__table__.c.keys())


@dataclass(frozen=True, slots=True)
class Planned:
    """A reminder that will go out, if nothing changes until ``due_at``."""

    key: str
    kind: Kind
    subject: Any
    rule: ReminderRule
    person: Person
    due_at: datetime
    reason: str
    is_late: bool
    stands_in_for_id: int | None

    @property
    def title(self) -> str:
        return self.kind.title(self.subject)


class Ahead(NamedTuple):
    """What will be sent, as a query; ``until``: as far as was looked."""

    query: sa.Select[Any]
    until: datetime


def planned(
    session: Session,
    *,
    now: datetime,
    until: datetime,
    kinds: Collection[str] = tuple(KINDS),
    only: Mapping[str, reckoning.Ids] | None = None,
) -> sa.Select[Any]:
    """(Delivery's columns as ``ahead``, ReminderRule, Person) of what is not stored yet.

    Soonest first; the columns are those of ``delivery``, so that a page can filter by them.
    ``only``: the ids of the subjects of each kind; a kind without any is left out.
    """
    if only is not None:
        kinds = [key for key in kinds if key in only]
    where = place(session, now)
    return _select(session, _found(session, where, until, kinds, only or {}), where.now)


def soonest(
    session: Session, *, now: datetime, until: datetime, kinds: Collection[str], most: int
) -> Ahead:
    """The same of at least ``most`` subjects and rules, and no further than to the last of them."""
    where = place(session, now)
    found = _found(session, where, until, kinds, {})
    dues = sorted(slot.due_at for one in found for slot in one.slots)
    if len(dues) > most:
        until = dues[most - 1]
        found = [one.up_to(until) for one in found]
    return Ahead(_select(session, found, where.now), until)


def _select(session: Session, found: Sequence["_Found"], when: At) -> sa.Select[Any]:
    # a CTE, not a subquery: SQLite reads only so many brackets inside each other
    ahead = _union(session, found, when).cte("ahead")
    known = sa.exists().where(
        Delivery.delivery_key == ahead.c.delivery_key, Delivery.state != State.CANCELLED
    )
    return (
        sa.select(ReminderRule, Person, *ahead.c)
        .join_from(ahead, ReminderRule, ReminderRule.id == ahead.c.rule_id)
        .join(Person, Person.id == ahead.c.person_id)
        .where(~known)
        .order_by(ahead.c.due_at, ahead.c.kind, ahead.c.subject_id, Person.sort, Person.id)
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """The slots of one kind."""

    kind: Kind
    rules: Sequence[ReminderRule]
    slots: Sequence[reckoning.Slot]

    def up_to(self, until: datetime) -> "_Found":
        return replace(self, slots=[slot for slot in self.slots if slot.due_at <= until])


def _found(
    session: Session,
    where: reckoning.Place,
    until: datetime,
    kinds: Collection[str],
    only: Mapping[str, reckoning.Ids],
) -> list[_Found]:
    now = where.now.now
    since = shared.window(session, shared.current(session), now).since
    span = reckoning.Span(min(since, now - shared.LOOK_BACK), until)
    every = []
    for kind, rules in in_order(active_rules(session)):
        if kind.key not in kinds:
            continue
        ids = only.get(kind.key)
        found = (
            reckoning.at_once(session, kind, rules, where, ids)
            if kind.is_immediate
            else reckoning.slots(session, kind, rules, where, span, ids)
        )
        every.append(_Found(kind, rules, list(found)))
    return every


def _union(session: Session, found: Sequence[_Found], when: At) -> Any:
    every = [
        recipients(session, one.kind, one.rules, one.slots, when) for one in found if one.slots
    ]
    if not every:
        none = (sa.literal(None, c.type).label(c.name) for c in Delivery.__table__.c)
        return sa.select(*none).where(sa.false())
    return sa.union_all(*every) if len(every) > 1 else every[0]


def as_planned(session: Session, rows: Sequence[Any], now: datetime) -> list[Planned]:
    """Some rows of ``planned`` with their subjects, which take a query for each kind."""
    found = subjects.load(session, [(row.kind, row.subject_id) for row in rows])
    return [
        Planned(
            row.delivery_key,
            KINDS[row.kind],
            found[row.kind, row.subject_id],
            row.ReminderRule,
            row.Person,
            row.due_at,
            row.reason,
            row.due_at < now - LATE_AFTER,
            row.stands_in_for_id,
        )
        for row in rows
        if (row.kind, row.subject_id) in found
    ]


def unstored(session: Session, row: Any) -> Delivery:
    """The delivery that a row of ``planned`` will become."""
    values = {name: getattr(row, name) for name in _COLUMNS if hasattr(row, name)}
    stand_in = row.stands_in_for_id
    return Delivery(
        **values,
        rule=row.ReminderRule,
        person=row.Person,
        stands_in_for=session.get(Person, stand_in) if stand_in else None,
    )


def preview(session: Session, *, now: datetime, until: datetime) -> list[Planned]:
    """What will be sent from ``now`` until ``until``, the missed included, soonest first."""
    rows = session.execute(planned(session, now=now, until=until)).unique().all()
    return as_planned(session, rows, now)
