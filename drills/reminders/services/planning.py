"""What is to be sent when: computed from subjects and rules each time, stored once due."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from drills.accounts.models import Person
from drills.core.orm import UtcDateTime
from drills.reminders.kinds import KINDS, At, Kind
from drills.reminders.models import (
    MAIL,
    Delivery,
    ReminderRule,
    ReminderSetting,
    State,
)
from drills.reminders.services import deadlines, digests
from drills.reminders.services import rules as verbs
from drills.reminders.services import slots as reckoning
from drills.reminders.services import state as shared
from drills.reminders.services.concerned import (
    first_state,
    has_rounds,
    people_of,
    reachable,
    reason_of,
    with_deputies,
)
from drills.reminders.services.slot_table import table_of
from drills.reminders.services.slots import Place, Slot
from drills.reminders.services.state import Window
from drills.reminders.services.withdrawing import withdraw

LATE_AFTER = timedelta(minutes=15)
HORIZON = timedelta(minutes=10)
"""How far ahead a planner looks for the moment when the next one has to look again."""
CHUNK = 4000
"""So many slots are stored by one statement."""


def plan(session: Session, *, now: datetime) -> int:
    """Store what has fallen due, withdraw what no longer stands; how many are new.

    Several missed lead times of one subject and person become one message, the nearest.
    Nothing is looked at if nothing was changed and nothing falls due yet.
    """
    state = shared.locked(session)
    seeded = verbs.seed_missing(session, state)
    window = shared.window(session, state, now)
    if seeded:
        window = replace(window, is_full=True)
    if not window.is_full and state.next_due_at is not None and now < state.next_due_at:
        return 0
    where = place(session, now)
    if window.is_full:
        deadlines.refresh(session, where.now)
    stored, nexts = _store_due(session, where, window)
    if window.is_full:
        withdraw(session, where.now)
        state.looked_back_at, state.mark = now, window.mark
    if (digest_at := digests.group(session, now)) is not None:
        nexts.append(digest_at)
    state.planned_until, state.next_due_at = now, min(nexts)
    session.flush()
    return stored


def _store_due(session: Session, where: Place, window: Window) -> tuple[int, list[datetime]]:
    """How many deliveries are new, and when somebody has to look again."""
    stored, now = 0, where.now.now
    nexts = [now + HORIZON]
    for kind, rules in in_order(active_rules(session)):
        found = list(_slots(session, kind, rules, where, window))
        due = [slot for slot in found if slot.due_at <= now]
        nexts += (slot.due_at for slot in found if slot.due_at > now)
        stored += store(session, kind, rules, due, where.now)
    return stored, nexts


def _slots(
    session: Session, kind: Kind, rules: Sequence[ReminderRule], where: Place, window: Window
) -> Iterable[Slot]:
    if not kind.is_immediate:
        span = reckoning.Span(window.since, where.now.now + HORIZON)
        return reckoning.slots(session, kind, rules, where, span)
    return reckoning.at_once(session, kind, rules, where) if window.is_full else ()


def place(session: Session, now: datetime) -> Place:
    state = shared.current(session)
    quiet = (state.quiet_from, state.quiet_to) if state.quiet_from and state.quiet_to else None
    return reckoning.place(session, now, quiet)


def active_rules(session: Session) -> Mapping[str, Sequence[ReminderRule]]:
    query = sa.select(ReminderRule).where(ReminderRule.is_active, ReminderRule.kind.in_(KINDS))
    rules = session.scalars(query.order_by(ReminderRule.kind, ReminderRule.id)).all()
    return {key: list(group) for key, group in groupby(rules, key=lambda rule: rule.kind)}


def in_order(
    rules: Mapping[str, Sequence[ReminderRule]],
) -> Iterator[tuple[Kind, Sequence[ReminderRule]]]:
    """Those first that take the place of others."""
    kinds = sorted(KINDS.values(), key=lambda kind: not kind.is_immediate)
    return ((kind, rules[kind.key]) for kind in kinds if kind.key in rules)


def store(
    session: Session, kind: Kind, rules: Sequence[ReminderRule], due: Sequence[Slot], when: At
) -> int:
    """Write down the deliveries of some slots, each once; how many are new or stand again."""
    if not due:
        return 0
    away = sa.select(sa.exists().where(ReminderSetting.away(when.today)))
    has_deputies = bool(session.scalar(away))
    return sum(
        _insert(session, recipients(session, kind, rules, some, when, has_deputies=has_deputies))
        for some in _chunks(due)
    )


def _chunks(due: Iterable[Slot]) -> Iterator[list[Slot]]:
    """All slots of one subject stay together."""
    chunk: list[Slot] = []
    for _subject, slots in groupby(due, key=lambda slot: slot.subject_id):
        chunk += slots
        if len(chunk) >= CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def recipients(
    session: Session,
    kind: Kind,
    rules: Sequence[ReminderRule],
    some: Sequence[Slot],
    when: At,
    *,
    has_deputies: bool = True,
) -> sa.Select[Any]:
    """The rows of ``delivery`` that ``some`` slots make."""
    slot = table_of(session, some, f"slot_{kind.key}")
    found = people_of(kind, rules, slot, when)
    if has_deputies:
        found = with_deputies(found, when)
    query = _rows(kind, found, when, has_rounds=has_rounds(kind.key))
    if covering := _covering(session, kind, some):
        query = query.where(~_covered(found, covering))
    missed = Counter(slot.subject_id for slot in some if slot.due_at <= when.now)
    if max(missed.values(), default=0) > 1:
        return _nearest(query, when)
    return query


def _rows(kind: Kind, found: sa.Subquery, when: At, *, has_rounds: bool) -> sa.Select[Any]:
    who = found.c.person_id
    tail = found.c.tail + "." + sa.cast(found.c.round, sa.String) if has_rounds else found.c.tail
    now = sa.literal(when.now, UtcDateTime())
    stand_in = found.c.get("stands_in_for_id", sa.literal(None, sa.Integer))
    values = {
        "delivery_key": found.c.head + sa.cast(who, sa.String) + tail,
        "kind": sa.literal(kind.key),
        "subject_id": found.c.subject_id,
        "rule_id": found.c.rule_id,
        "person_id": who,
        "stands_in_for_id": stand_in,
        "anchor_at": found.c.anchor_at,
        "anchor_on": found.c.anchor_on,
        "due_at": found.c.due_at,
        "next_at": now,
        "useful_until": found.c.useful_until,
        "state": first_state(kind, ReminderRule, who),
        "channel": sa.literal(MAIL),
        "attempts": sa.literal(0),
        "uncertain": sa.literal(0),
        "address": Person.email,
        "is_late": found.c.due_at < when.now - LATE_AFTER,
        "reason": reason_of(kind, found.c.rank),
        "error": sa.literal(""),
        "created_at": now,
        "updated_at": now,
    }
    columns = (value.label(name) for name, value in values.items())
    query = sa.select(*columns).select_from(found).join(Person, reachable(kind, who))
    return query.join(ReminderRule, ReminderRule.id == found.c.rule_id) if kind.groups else query


def _covering(session: Session, kind: Kind, some: Sequence[Slot]) -> Sequence[str]:
    """The kinds that take this one's place and of which anything was planned for the subjects."""
    kinds = [key for key, other in KINDS.items() if kind.key in other.covers]
    if not kinds:
        return ()
    ids = {slot.subject_id for slot in some}
    query = sa.select(Delivery.kind).where(
        Delivery.kind.in_(kinds), Delivery.subject_id.in_(ids), Delivery.state != State.CANCELLED
    )
    return session.scalars(query.distinct()).all()


def _covered(found: sa.Subquery, covering: Sequence[str]) -> sa.ColumnElement[bool]:
    """Whether a message that says more has been planned since the slot fell due."""
    other = aliased(Delivery)
    query = sa.select(1).where(
        other.kind.in_(covering),
        other.subject_id == found.c.subject_id,
        other.person_id == found.c.person_id,
        other.anchor_at == found.c.anchor_at,
        other.due_at >= found.c.due_at,
        other.state != State.CANCELLED,
    )
    return query.correlate(found).exists()


def _nearest(query: sa.Select[Any], when: At) -> sa.Select[Any]:
    """Of what one person has missed of one subject only what falls due last."""
    rows = query.subquery()
    missed = rows.c.due_at <= sa.literal(when.now, UtcDateTime())
    rank = sa.func.row_number().over(
        partition_by=(rows.c.subject_id, rows.c.person_id, missed),
        order_by=(rows.c.due_at.desc(), rows.c.rule_id),
    )
    ranked = sa.select(*rows.c, rank.label("rank"), missed.label("is_missed")).subquery()
    kept = sa.or_(ranked.c.rank == 1, ~ranked.c.is_missed)
    return sa.select(*(ranked.c[column.name] for column in rows.c)).where(kept)


def _insert(session: Session, rows: sa.Select[Any]) -> int:
    names = [column.name for column in rows.selected_columns]
    table: Any = Delivery.__table__
    insert: Any = shared.INSERT[session.get_bind().dialect.name](table)
    insert = insert.from_select(names, rows.where(sa.true()))
    fresh = (
        "rule_id",
        "stands_in_for_id",
        "due_at",
        "next_at",
        "useful_until",
        "state",
        "is_late",
        "address",
        "reason",
        "error",
        "updated_at",
    )
    revived = insert.on_conflict_do_update(
        index_elements=["delivery_key"],
        set_={name: insert.excluded[name] for name in fresh},
        where=Delivery.state == State.CANCELLED,
    )
    result: Any = session.execute(revived, execution_options={"preserve_rowcount": True})
    if result.rowcount >= 0:
        return int(result.rowcount)
    return session.scalar(sa.select(sa.func.changes())) or 0  # sqlite3 does not count WITH … INSERT
