"""Members are asked by a link before their numbers are too old; nobody has to think of it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from drills.core import clock
from drills.obligations.jobs import ask_contacts
from drills.obligations.services import rules
from drills.reminders.kinds import KINDS as REMINDERS
from drills.reminders.kinds.kind import At
from drills.roster.models import ChannelKind, ContactAsk, ContactChannel, ContactCheck
from drills.roster.services import contact_checks
from tests.conftest import NOW

DAY = timedelta(days=1)


@pytest.fixture
def ask(session, monkeypatch):
    """``ask(days)``: the job runs that many days from now; who has been asked so far."""

    def ask(days=0):
        monkeypatch.setattr(clock, "now", lambda: NOW + days * DAY)
        said = ask_contacts(session, {}, lambda: False)
        people = session.scalars(sa.select(ContactAsk.person_id).order_by(ContactAsk.id)).all()
        return list(people), said

    return ask


@pytest.fixture
def member(make, add_rule, request):
    """A member whose numbers are to be confirmed again in 20 days."""
    make.organisation()
    add_rule("c", "person", "contact_check", cadence={"kind": "rolling", "months": 12})
    found = make.member()
    at = NOW - 345 * DAY
    make.save(
        ContactChannel(person=found.person, kind=ChannelKind.MOBILE, value="0900", verified_at=at)
    )
    return found


def test_who_is_due_soon_is_asked_once(make, session, ask, member):
    make.member(starts_on=NOW.date()), make.person()
    people, said = ask()
    assert people == [member.person_id]
    assert said == "asked 1 whether their numbers are right"
    check = session.scalars(sa.select(ContactCheck)).one()
    assert check.name == "Kiểm tra liên lạc định kỳ, 11/2026"
    assert check.opened_by_id is None
    assert ask() == (people, "")
    assert ask(29) == (people, "")


def test_who_did_not_answer_is_asked_again_after_a_month_and_who_did_is_not(session, ask, member):
    ask()
    assert len(ask(31)[0]) == 2
    last = session.scalars(sa.select(ContactAsk).order_by(ContactAsk.id.desc())).first()
    contact_checks.confirm(session, last, at=NOW + 32 * DAY)
    session.commit()
    assert len(ask(70)[0]) == 2


def test_a_rule_that_does_not_remind_asks_nobody(session, ask, member):
    rule = rules.all_rules(session)[0]
    rule.reminds = False
    session.commit()
    assert ask() == ([], "")


def test_who_is_asked_by_a_link_gets_no_reminder_of_the_duty_besides(session, ask, member):
    ask()
    at = At.of(NOW, NOW.date())
    assert session.execute(REMINDERS["obligation_due"].subjects(at)).all() == []
    assert len(session.execute(REMINDERS["contact_ask"].subjects(at)).all()) == 1
