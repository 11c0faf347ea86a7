"""Hours, limits and silent addresses, by page and by command."""

from datetime import time, timedelta

import pytest
import sqlalchemy as sa

from drills.audit.models import Entry
from drills.reminders.models import Delivery, ReminderRule, ReminderState, SuppressedAddress
from drills.reminders.services import suppression
from tests.conftest import NOW

PAGE = "/reminders/sending"
IN_A_DAY = NOW + timedelta(days=1)


def state(session):
    session.expire_all()
    return session.get_one(ReminderState, 1)


def test_hours_and_limits_are_settled_shown_again_and_noted(rules, browser, session):
    typed = {"quiet_from": "22:00", "quiet_to": "06:00", "per_minute": "30", "per_domain": ""}
    browser.post(PAGE, typed)
    kept = state(session)
    assert (kept.quiet_from, kept.quiet_to) == (time(22), time(6))
    assert (kept.per_minute, kept.per_domain) == (30, None)
    page = browser.get(PAGE)
    assert page.select_one("[name=quiet_from]")["value"] == "22:00"
    assert page.select_one("[name=per_minute]")["value"] == "30"
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "reminders.sending_settled")).one()
    assert entry.changes["quiet_from"] == ["", "22:00:00"]
    browser.post(PAGE, typed)
    assert session.query(Entry).filter_by(verb="reminders.sending_settled").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet_from": "22:00"},
        {"quiet_from": "22:00", "quiet_to": "22:00"},
        {"per_minute": "-1"},
        {"quiet_from": "late", "quiet_to": "06:00"},
    ],
)
def test_hours_and_limits_that_make_no_sense_are_refused(rules, browser, session, wrong):
    browser.post(PAGE, wrong, status=422)
    assert (state(session).quiet_from, state(session).per_minute) == (None, None)


def test_what_falls_due_in_quiet_hours_leaves_when_they_end(rules, make, browser, session, send):
    """It is 09:00 in Hanoi; the drill is at that hour tomorrow."""
    session.execute(sa.update(ReminderRule).where(ReminderRule.amount != 1).values(is_active=False))
    browser.post(PAGE, {"quiet_from": "08:00", "quiet_to": "10:30"})
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    assert send(NOW).sent == 0
    assert send(NOW + timedelta(minutes=91)).sent == 1


def test_an_address_that_fell_silent_is_shown_and_tried_again(rules, browser, session):
    suppression.suppress(session, "gone@x.example", reason="5.1.1 unknown", code=550, at=NOW)
    session.commit()
    page = browser.get(PAGE)
    assert "gone@x.example" in page.text
    assert "5.1.1 unknown" in page.text
    row = session.scalars(sa.select(SuppressedAddress)).one()
    browser.post(f"/reminders/addresses/{row.id}/lift")
    assert row.lifted_at == NOW
    browser.get(PAGE)
    assert "gone@x.example" not in browser.get(PAGE).text


def test_the_command_settles_hours_and_limits(rules, cli, session):
    answer = cli("reminders", "sending", "--quiet", "22:00", "06:00", "--per-minute", "9")
    assert "22:00 to 06:00" in answer.stdout
    assert "Per minute: 9." in answer.stdout
    assert (state(session).quiet_to, state(session).per_minute) == (time(6), 9)
    answer = cli("reminders", "sending", "--no-quiet", "--default-limits", "--json")
    assert answer.stdout.strip() == '{"quiet": null, "per_minute": 0, "per_domain": 0}'
    assert cli("reminders", "sending", "--quiet", "22:00", "late").exit_code == 2


def test_rules_are_added_switched_and_deleted_by_command(rules, cli, session):
    cli("reminders", "add-rule", "action_due", "3", "days", "before", "--to", "owner", "--digest")
    rule = session.scalars(sa.select(ReminderRule).filter_by(kind="action_due", amount=3)).one()
    assert (rule.audiences, rule.is_digest) == ({"owner"}, True)
    number = str(rule.id)
    cli("reminders", "switch-rule", number, "off")
    session.refresh(rule)
    assert rule.is_active is False
    assert cli("reminders", "add-rule", "drill", "3", "days", "before").exit_code == 1
    assert cli("reminders", "delete-rule", number).exit_code == 0
    assert cli("reminders", "delete-rule", number).exit_code == 1


def test_one_message_is_sent_again_by_command(rules, make, cli, sink, session, states):
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    session.commit()
    sink.faults["rcpt"] = ["550 unknown"]
    cli("reminders", "send")
    number = str(session.scalars(sa.select(Delivery.id).where(Delivery.state == "failed")).one())
    assert cli("reminders", "resend", number).exit_code == 0
    cli("reminders", "send")
    assert cli("reminders", "resend", number).exit_code == 1
    assert cli("reminders", "resend", "0").exit_code == 1
    assert len(sink.letters) == 1
