"""Whether what was planned is still wanted: asked by the same definitions that planned it."""

from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from drills.accounts.models import Person
from drills.reminders.kinds import KINDS, At, Kind
from drills.reminders.kinds.people import sees_unit
from drills.reminders.models import (
    DIGEST,
    Delivery,
    ReminderRule,
    ReminderSetting,
    RuleAudience,
    RulePerson,
    State,
)
from drills.reminders.services.concerned import DEPUTY, NAMED, reachable
from drills.reminders.services.slots import counts_days, rows_of


def stands(when: At, kinds: Iterable[str] = (*KINDS, DIGEST)) -> sa.ColumnElement[bool]:
    """About a Delivery; name the ``kinds`` if they are known, the others cost time.

    Asked of the next full minute, so that the question is put together once a minute.
    """
    minute = _full(when)
    return sa.or_(sa.false(), *(_of_kind(key, minute) for key in kinds))


def _full(when: At) -> At:
    full = when.now.replace(second=0, microsecond=0)
    return At.of(full if full == when.now else full + timedelta(minutes=1), when.today)


@lru_cache(maxsize=128)
def _of_kind(key: str, when: At) -> sa.ColumnElement[bool]:
    wanted = _digest_stands() if key == DIGEST else _stands(KINDS[key], when)
    return sa.and_(Delivery.kind == key, wanted)


def _digest_stands() -> sa.ColumnElement[bool]:
    """While it carries anything."""
    item = aliased(Delivery)
    query = sa.select(1).where(item.digest_id == Delivery.id, item.state == State.GROUPED)
    return query.correlate(Delivery).exists()


def _stands(kind: Kind, when: At) -> sa.ColumnElement[bool]:
    """Subject, anchor, rule and person are as when it was planned."""
    rows = rows_of(kind, when)
    anchor = "anchor_on" if counts_days(kind.key) else "anchor_at"
    same = rows.c[anchor] == getattr(Delivery, anchor)
    anew = sa.or_(rows.c.since.is_(None), rows.c.since <= Delivery.due_at)
    subject = sa.select(1).where(rows.c.id == Delivery.subject_id, same, anew)
    rule = sa.select(1).where(ReminderRule.id == Delivery.rule_id, ReminderRule.is_active)
    person = sa.select(1).where(reachable(kind, Delivery.person_id))
    return sa.and_(
        subject.correlate(Delivery).exists(),
        rule.correlate(Delivery).exists(),
        person.correlate(Delivery).exists(),
        _concerns(kind, when, rows),
    )


def _concerns(kind: Kind, when: At, rows: sa.Subquery) -> sa.ColumnElement[bool]:
    """The person, or the one they stand in for, is still of an audience of the rule."""
    who = sa.func.coalesce(Delivery.stands_in_for_id, Delivery.person_id)
    every = [
        sa.and_(_speaks_to(audience), _is_of(query, who))
        for audience, people in kind.audiences.items()
        for query in people(when)
    ]
    named = (
        sa.select(1)
        .select_from(RulePerson)
        .join(Person, Person.id == RulePerson.person_id)
        .join(rows, rows.c.id == Delivery.subject_id)
        .where(RulePerson.rule_id == Delivery.rule_id, RulePerson.person_id == who)
        .where(sees_unit(Person, rows.c.unit_id), Delivery.reason.in_((NAMED, DEPUTY)))
    )
    deputised = sa.select(1).where(
        ReminderSetting.person_id == Delivery.stands_in_for_id,
        ReminderSetting.deputy_id == Delivery.person_id,
        ReminderSetting.away(when.today),
    )
    own = sa.or_(Delivery.stands_in_for_id.is_(None), deputised.correlate(Delivery).exists())
    return sa.and_(own, sa.or_(*every, named.correlate(Delivery).exists()))


def _speaks_to(audience: str) -> sa.ColumnElement[bool]:
    query = sa.select(1).where(
        RuleAudience.rule_id == Delivery.rule_id, RuleAudience.audience == audience
    )
    return query.correlate(Delivery).exists()


def _is_of(query: sa.Select[Any], who: Any) -> sa.ColumnElement[bool]:
    found = query.subquery()
    one = sa.select(1).where(found.c.subject_id == Delivery.subject_id, found.c.person_id == who)
    return one.correlate(Delivery).exists()
