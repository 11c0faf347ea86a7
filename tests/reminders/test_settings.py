"""What each person settles for themselves."""

from datetime import date, time

import pytest

from drills.accounts.models import Role
from drills.reminders.models import ReminderSetting, Unsubscription
from tests.browser import Browser

PAGE = "/profile/reminders"
TYPED = {"digest_at": "07:30", "kinds": ["survey"]}


@pytest.fixture
def person(make):
    make.organisation()
    return make.person(role=Role.IR_MEMBER)


@pytest.fixture
def own(app, session, person):
    return Browser(app, session, as_=person)


def setting(session):
    return session.query(ReminderSetting).one_or_none()


def test_a_digest_and_a_deputy_are_kept_and_shown_again(make, session, own, person):
    deputy = make.person(role=Role.IR_MEMBER)
    away = {"away_from": "01/12/2026", "away_to": "05/12/2026", "deputy_id": deputy.id}
    own.post(PAGE, TYPED | away)
    kept = setting(session)
    assert (kept.person_id, kept.digest_at, kept.deputy_id) == (person.id, time(7, 30), deputy.id)
    assert (kept.away_from, kept.away_to) == (date(2026, 12, 1), date(2026, 12, 5))
    page = own.get(PAGE)
    assert page.select_one("[name=digest_at]")["value"] == "07:30"
    assert page.select_one("[name=away_to]")["value"] == "05/12/2026"
    own.post(PAGE, {"kinds": ["survey"]})
    assert setting(session).digest_at is None


def test_an_optional_kind_is_stopped_and_wanted_again(session, own, person):
    own.post(PAGE, {"digest_at": ""})
    assert [(row.person_id, row.kind) for row in session.query(Unsubscription)] == [
        (person.id, "survey")
    ]
    assert not own.get(PAGE).select_one("[value=survey]").has_attr("checked")
    own.post(PAGE, TYPED)
    assert session.query(Unsubscription).count() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"away_from": "05/12/2026", "away_to": "01/12/2026"},
        {"away_to": "01/12/2026"},
        {"away_from": "01/12/2026"},
        {"digest_at": "7 o’clock or so"},
        {"kinds": ["drill"]},
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_kept(session, own, wrong):
    page = own.post(PAGE, TYPED | wrong, status=422)
    assert page.select(".errors li")
    assert setting(session) is None


def test_nobody_stands_in_for_themselves(session, own, person):
    typed = TYPED | {"away_from": "01/12/2026", "deputy_id": person.id}
    own.post(PAGE, typed, status=422)


def test_a_test_message_goes_out_at_once(own, sink, person):
    own.post(f"{PAGE}/test")
    [letter] = sink.letters
    assert sink.recipients == [person.email]
    assert "Thư thử" in letter["Subject"]
    assert "thư nhắc đến được" in letter.get_body(("plain",)).get_content()


def test_why_a_test_message_did_not_leave_is_said(own, sink):
    sink.faults["rcpt"] = "550 no such person"
    own.post(f"{PAGE}/test")
    assert "550 no such person" in own.get(PAGE).text
