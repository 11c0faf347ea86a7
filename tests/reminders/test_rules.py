"""Rules: made, edited, seeded once; pausing everything; a second chance for what failed."""

from datetime import time, timedelta

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.audit.models import Entry
from drills.core.errors import DomainError, NotAllowedNow
from drills.reminders import services
from drills.reminders.kinds import KINDS
from drills.reminders.models import (
    Delivery,
    Direction,
    Hours,
    LeadUnit,
    ReminderRule,
    ReminderState,
    State,
)
from drills.reminders.services import RuleDetails, plan
from tests.conftest import NOW

DAY = timedelta(days=1)
OWNER = frozenset({"owner"})


@pytest.fixture
def admin(make, rules):
    return make.person(role=Role.ADMINISTRATOR)


def rule_of(session, kind, amount, direction="before"):
    query = sa.select(ReminderRule).filter_by(kind=kind, amount=amount, direction=direction)
    return session.scalars(query).one()


def test_every_kind_begins_with_its_rules_and_a_deleted_one_does_not_come_back(session, admin):
    kinds = set(session.scalars(sa.select(ReminderRule.kind)))
    assert kinds == set(KINDS)
    services.delete_rule(session, rule_of(session, "drill", 30), by=admin)
    services.seed_rules(session)
    plan(session, now=NOW)
    amounts = session.scalars(sa.select(ReminderRule.amount).filter_by(kind="drill")).all()
    assert sorted(amounts) == [1, 1, 7]


def test_a_kind_that_came_with_an_upgrade_gets_its_rules_at_the_next_planning(session, admin):
    state = session.get_one(ReminderState, 1)
    session.execute(sa.delete(ReminderRule).filter_by(kind="shift"))
    state.seeded = [key for key in state.seeded if key != "shift"]
    session.commit()
    plan(session, now=NOW)
    assert rule_of(session, "shift", 1)


def test_a_rule_is_written_with_everything_it_says(session, admin, make):
    named = make.person()
    details = RuleDetails(
        3, LeadUnit.WORKING_DAYS, OWNER, "action_due", Direction.AFTER, time(7, 30),
        Hours.WORKING, is_digest=True, person_ids=(named.id,),
    )  # fmt: skip
    rule = services.add_rule(session, details, by=admin)
    session.expire_all()
    assert (rule.amount, rule.unit, rule.direction) == (3, LeadUnit.WORKING_DAYS, Direction.AFTER)
    assert (rule.at_time, rule.hours, rule.is_digest) == (time(7, 30), Hours.WORKING, True)
    assert rule.audiences == OWNER
    assert [one.person_id for one in rule.named] == [named.id]


@pytest.mark.parametrize(
    "details",
    [
        RuleDetails(7, LeadUnit.DAYS, OWNER, "action_due"),
        RuleDetails(4, LeadUnit.DAYS, frozenset(), "action_due"),
        RuleDetails(4, LeadUnit.DAYS, frozenset({"lead"}), "action_due"),
    ],
    ids=["it exists", "to nobody", "to nobody this kind knows"],
)
def test_a_rule_that_makes_no_sense_is_refused(session, admin, details):
    with pytest.raises(DomainError):
        services.add_rule(session, details, by=admin)


def test_the_same_amount_may_stand_before_and_after_and_for_several_kinds(session, admin):
    for direction in Direction:
        details = RuleDetails(9, LeadUnit.DAYS, OWNER, "action_due", direction)
        services.add_rule(session, details, by=admin)
    assert services.add_rule(
        session, RuleDetails(9, LeadUnit.DAYS, OWNER, "condition_due"), by=admin
    ).id


def test_an_edited_rule_speaks_to_others_from_the_next_planning_on(session, admin, make):
    owner = make.person()
    make.action(owner=owner, due_on=NOW.date() + 7 * DAY)
    session.commit()
    plan(session, now=NOW)
    (delivery,) = session.scalars(sa.select(Delivery)).all()
    rule = rule_of(session, "action_due", 7)
    details = RuleDetails(7, LeadUnit.DAYS, frozenset({"manager"}), "action_due")
    services.revise_rule(session, rule, details, by=admin)
    plan(session, now=NOW + timedelta(seconds=15))
    session.expire_all()
    assert delivery.state is State.CANCELLED
    entry = session.scalars(sa.select(Entry).filter_by(verb="reminder_rule.revised")).one()
    assert entry.changes["audiences"] == ["owner", "manager"]


def test_an_edit_that_changes_nothing_is_not_noted(session, admin):
    rule = rule_of(session, "action_due", 7)
    details = RuleDetails(7, LeadUnit.DAYS, rule.audiences, "action_due")
    services.revise_rule(session, rule, details, by=admin)
    verbs = set(session.scalars(sa.select(Entry.verb)))
    assert "reminder_rule.revised" not in verbs


def test_while_all_is_paused_messages_are_planned_and_none_leaves(session, admin, make, sink, send):
    make.drill(starts_at=NOW + DAY, people=[make.person()])
    services.pause(session, "máy chủ thư đang chuyển", by=admin, at=NOW)
    with pytest.raises(NotAllowedNow):
        services.pause(session, "again", by=admin, at=NOW)
    outcome = send(NOW)
    assert (outcome.planned, outcome.sent) == (1, 0)
    services.resume(session, by=admin)
    assert send(NOW + timedelta(minutes=1)).sent == 1
    verbs = session.scalars(sa.select(Entry.verb).where(Entry.verb.like("reminders.%"))).all()
    assert verbs == ["reminders.paused", "reminders.resumed"]
    with pytest.raises(NotAllowedNow):
        services.resume(session, by=admin)


def test_pausing_needs_a_reason(session, admin):
    with pytest.raises(DomainError):
        services.pause(session, "  ", by=admin, at=NOW)


def test_all_that_failed_and_still_applies_is_sent_again(session, admin, make, sink, send):
    make.drill(starts_at=NOW + DAY, people=[make.person(), make.person()])
    gone = make.drill(starts_at=NOW + DAY, people=[make.person()])
    sink.faults["rcpt"] = "550 no"
    send(NOW)
    sink.faults.clear()
    session.execute(
        sa.text("UPDATE drill SET status = 'cancelled' WHERE id = :id"), {"id": gone.id}
    )
    assert services.resend_all(session, at=NOW, by=admin) == 2
    sent = send(NOW + timedelta(minutes=1)).sent
    drills = sa.select(Delivery).filter_by(kind="drill", state=State.SENT)
    assert len(session.scalars(drills).all()) == 2
    assert sent >= 2


def test_health_counts_what_waits_and_what_failed(session, admin, make):
    make.drill(starts_at=NOW + DAY, people=[make.person(), make.person()])
    session.commit()
    plan(session, now=NOW)
    first = session.scalars(sa.select(Delivery).order_by(Delivery.id)).first()
    first.state = State.FAILED
    session.flush()
    found = services.health(session, now=NOW)
    assert (found.waiting, found.failed, found.oldest_due_at) == (1, 1, NOW)
    later = services.health(session, now=NOW + 2 * DAY)
    assert later.failed == 0, "the drill is over"
