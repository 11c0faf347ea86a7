"""Digests: once a day, at the hour a person chose, what still stands."""

from datetime import time, timedelta

import pytest
import sqlalchemy as sa

from drills.findings.models import ActionState
from drills.reminders.models import DIGEST, Delivery, ReminderRule, ReminderSetting, State
from drills.reminders.services import digests, plan
from drills.reminders.services.slots import at as reckoned
from tests.conftest import NOW

HOUR = timedelta(hours=1)
DAY = 24 * HOUR
EIGHT = NOW - HOUR
"""08:00 in Viet Nam, when rules on days fall due."""


@pytest.fixture
def person(make, rules):
    """Somebody who reads everything at 17:00 in Viet Nam, at 10:00 UTC."""
    found = make.person()
    make.save(ReminderSetting(person=found, digest_at=time(17)))
    return found


@pytest.fixture
def rows(session):
    def run(at, kind=None):
        session.commit()
        plan(session, now=at)
        session.commit()
        session.expire_all()
        query = sa.select(Delivery).order_by(Delivery.id)
        return session.scalars(query.filter_by(kind=kind) if kind else query).all()

    return run


def action(make, person, days=7, **given):
    return make.action(owner=person, due_on=NOW.date() + timedelta(days=days), **given)


def test_what_may_wait_leaves_together_at_the_hour_chosen(make, person, rows):
    first, second = action(make, person), action(make, person, 1)
    waiting = rows(NOW)
    assert {row.state for row in waiting} == {State.GROUPED}
    assert rows(NOW + 8 * HOUR - timedelta(minutes=1), DIGEST) == []
    (digest,) = rows(NOW + 8 * HOUR, DIGEST)
    assert digest.state is State.PENDING
    assert digest.delivery_key == f"digest:{person.id}:2026-11-23"
    assert {row.digest_id for row in rows(NOW + 8 * HOUR, "action_due")} == {digest.id}
    assert {row.subject_id for row in waiting} == {first.id, second.id}


def test_what_comes_after_the_digest_of_the_day_waits_for_the_next(make, person, rows):
    action(make, person)
    (digest,) = rows(NOW + 8 * HOUR, DIGEST)
    digest.state = State.SENT
    action(make, person)
    assert len(rows(NOW + 9 * HOUR, DIGEST)) == 1
    assert len(rows(NOW + 31 * HOUR, DIGEST)) == 1
    assert len(rows(NOW + 32 * HOUR, DIGEST)) == 2


def test_a_digest_says_only_what_still_stands(make, person, rows, session):
    kept, done = action(make, person), action(make, person)
    (digest,) = rows(NOW + 8 * HOUR, DIGEST)
    done.state = ActionState.DONE
    session.commit()
    items = digests.items_of(session, digest, reckoned(session, NOW + 8 * HOUR))
    assert [item.subject_id for item in items] == [kept.id]


def test_a_digest_with_nothing_left_to_say_is_not_sent(make, person, rows):
    done = action(make, person)
    (digest,) = rows(NOW + 8 * HOUR, DIGEST)
    done.state = ActionState.DONE
    rows(NOW + 9 * HOUR)
    rows(NOW + 10 * HOUR)
    assert digest.state is State.CANCELLED


def test_what_cannot_wait_leaves_by_itself(make, person, rows):
    make.drill(starts_at=NOW + 7 * DAY, lead=person)
    assert [row.state for row in rows(NOW)] == [State.PENDING]


def test_who_gives_the_digest_up_gets_what_waited(make, person, rows, session):
    action(make, person)
    rows(NOW)
    session.execute(sa.update(ReminderSetting).values(digest_at=None))
    (row,) = rows(NOW + 20 * timedelta(minutes=1), "action_due")
    assert row.state is State.PENDING


def test_a_rule_may_ask_for_the_digest(make, rules, rows, session):
    session.execute(sa.update(ReminderRule).filter_by(kind="action_due").values(is_digest=True))
    action(make, make.person())
    assert [row.state for row in rows(NOW, "action_due")] == [State.GROUPED]
    (digest,) = rows(NOW, DIGEST)
    assert digest.due_at == EIGHT, "at eight, if the person has set no hour"


@pytest.mark.parametrize("days", [1, 3])
def test_a_scheduler_that_was_away_sends_one_digest_for_all_the_days(make, person, rows, days):
    action(make, person)
    rows(NOW)
    action(make, person, 7 + days)
    found = rows(NOW + days * DAY + 9 * HOUR, DIGEST)
    assert len(found) == 1
