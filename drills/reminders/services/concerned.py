"""Whom a reminder is for, as queries: nobody is looked up one by one."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from drills.accounts.models import Person
from drills.reminders.kinds import AUDIENCES, KINDS, At, Kind
from drills.reminders.kinds.people import sees_unit
from drills.reminders.models import (
    ReminderRule,
    ReminderSetting,
    RulePerson,
    State,
    Unsubscription,
)

NAMED, DEPUTY = "named", "deputy"
_RANKS = {audience: rank for rank, audience in enumerate(AUDIENCES)}
"""The smaller, the better a reason to name to somebody whom several concern."""


def rank_of(audience: str) -> int:
    return _RANKS[audience]


def reason_of(kind: Kind, rank: Any) -> Any:
    known = (*kind.audiences, NAMED, DEPUTY)
    return sa.case({rank_of(audience): audience for audience in known}, value=rank)


@cache
def has_rounds(key: str) -> bool:
    """Whether one person can be told of one anchor of this kind more than once, at any time."""
    when = At.of(datetime(2000, 1, 1, tzinfo=UTC), date(2000, 1, 1))
    queries = (query for people in KINDS[key].audiences.values() for query in people(when))
    return any("round" in query.selected_columns for query in queries)


def people_of(kind: Kind, rules: Iterable[ReminderRule], slot: sa.CTE, when: At) -> sa.Subquery:
    """Each slot with the people it is for, each once: its columns, person_id, rank, round."""
    every: list[sa.Select[Any]] = []
    rules = list(rules)
    for audience, people in kind.audiences.items():
        ids = [rule.id for rule in rules if audience in rule.audiences]
        for query in people(when) if ids else ():
            found = query.subquery()
            every.append(
                sa.select(
                    slot.c.n,
                    found.c.person_id,
                    sa.literal(rank_of(audience)).label("rank"),
                    found.c.get("round", sa.literal(0)).label("round"),
                )
                .select_from(slot)
                .join(found, found.c.subject_id == slot.c.subject_id)
                .where(slot.c.rule_id.in_(ids))
            )
    if any(rule.named for rule in rules):
        every.append(_named(slot))
    if not every:
        none = (sa.literal(0).label(name) for name in ("person_id", "rank", "round"))
        every.append(sa.select(slot.c.n, *none).where(sa.false()))
    best = _once(every)
    mine = (best.c[name] for name in ("person_id", "rank", "round"))
    return sa.select(*slot.c, *mine).join(best, best.c.n == slot.c.n).subquery("concerned")


def _named(slot: sa.CTE) -> sa.Select[Any]:
    """The people a rule names, where they may see the unit the subject belongs to."""
    return (
        sa.select(
            slot.c.n,
            RulePerson.person_id,
            sa.literal(rank_of(NAMED)).label("rank"),
            sa.literal(0).label("round"),
        )
        .select_from(slot)
        .join(RulePerson, RulePerson.rule_id == slot.c.rule_id)
        .join(Person, Person.id == RulePerson.person_id)
        .where(sees_unit(Person, slot.c.unit_id))
    )


def _once(every: Sequence[sa.Select[Any]]) -> sa.Subquery:
    union = sa.union_all(*every).subquery("each")
    best = (sa.func.min(union.c[name]).label(name) for name in ("rank", "round"))
    query = sa.select(union.c.n, union.c.person_id, *best)
    return query.group_by(union.c.n, union.c.person_id).subquery("best")


def with_deputies(concerned: sa.Subquery, when: At) -> sa.Subquery:
    """The same people, and the deputies of those who are away: with ``stands_in_for_id``."""
    none = sa.literal(None, sa.Integer).label("stands_in_for_id")
    own = sa.select(*concerned.c, none)
    columns = [c for c in concerned.c if c.name not in ("person_id", "rank", "round")]
    deputy = aliased(Person)
    deputies = (
        sa.select(
            *columns,
            ReminderSetting.deputy_id.label("person_id"),
            sa.literal(rank_of(DEPUTY)).label("rank"),
            sa.func.min(concerned.c.round).label("round"),
            sa.func.min(concerned.c.person_id).label("stands_in_for_id"),
        )
        .select_from(concerned)
        .join(ReminderSetting, ReminderSetting.person_id == concerned.c.person_id)
        .join(deputy, deputy.id == ReminderSetting.deputy_id)
        .where(ReminderSetting.away(when.today), sees_unit(deputy, concerned.c.unit_id))
        .group_by(*columns, ReminderSetting.deputy_id)
    )
    already = aliased(concerned)
    known = sa.select(1).where(
        already.c.head == concerned.c.head, already.c.person_id == ReminderSetting.deputy_id
    )
    return sa.union_all(own, deputies.where(~known.exists())).subquery("all_concerned")


def reachable(kind: Kind, person_id: Any) -> sa.ColumnElement[bool]:
    """Whether a person has an address and has not done without this kind: about a Person."""
    has_address = sa.and_(Person.id == person_id, Person.email.is_not(None))
    if not kind.is_optional:
        return has_address
    done_without = sa.select(1).where(
        Unsubscription.person_id == Person.id, Unsubscription.kind == kind.key
    )
    return sa.and_(has_address, ~done_without.correlate(Person).exists())


def first_state(kind: Kind, rule: Any, person_id: Any) -> Any:
    """Waiting for a worker, or for the digest of the person if they or the rule want one."""
    if not kind.groups:
        return sa.literal(State.PENDING.value)
    wants = sa.select(1).where(
        ReminderSetting.person_id == person_id, ReminderSetting.digest_at.is_not(None)
    )
    grouped = sa.or_(rule.is_digest, wants.correlate_except(ReminderSetting).exists())
    return sa.case((grouped, State.GROUPED.value), else_=State.PENDING.value)
