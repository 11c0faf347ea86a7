"""The link that stops a kind of message: safe against scanners, one click for mail programs."""

import pytest
import sqlalchemy as sa

from drills.audit.models import Entry
from drills.reminders.letters.stopping import stop_address
from drills.reminders.models import Unsubscription
from tests.browser import Browser
from tests.reminders import matters


@pytest.fixture
def person(make):
    make.organisation()
    return make.person(email="an@lamgiang.example")


@pytest.fixture
def link(app, make, person):
    root = type("Subject", (), {"id": 1})
    letter = matters.delivery(make, "survey", root, person)
    with app.app_context():
        return stop_address(letter).removeprefix("http://drills.test")


@pytest.fixture
def visitor(app, session):
    return Browser(app, session)


def stopped(session):
    session.commit()
    found = [(row.person_id, row.kind) for row in session.query(Unsubscription)]
    session.commit()
    return found


def test_opening_the_link_changes_nothing(session, visitor, link):
    page = visitor.get(link)
    assert "an@lamgiang.example" in page.select_one("main").text
    assert stopped(session) == []


def test_a_mail_program_stops_it_by_one_post_without_cookie_or_token(app, session, person, link):
    app.config["WTF_CSRF_ENABLED"] = True
    session.commit()
    answer = app.test_client().post(link, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert stopped(session) == [(person.id, "survey")]
    assert app.test_client().post(link).status_code == 200
    assert stopped(session) == [(person.id, "survey")], "once is enough"
    assert session.scalars(sa.select(Entry.verb)).all() == ["reminders.stopped"]


def test_whoever_regrets_it_gets_them_again(session, visitor, link):
    page = visitor.post(link, status=200)
    assert page.select_one("input[name=again]")
    visitor.post(link, {"again": "yes"}, status=200)
    assert stopped(session) == []


@pytest.mark.parametrize("token", ["x", "không", "a" * 300])
def test_a_link_nobody_made_leads_nowhere(visitor, person, token):
    visitor.get(f"/stop/{token}", status=404)
    visitor.post(f"/stop/{token}", status=404)


def test_what_is_a_duty_has_no_such_link(app, make, person):
    root = type("Subject", (), {"id": 1})
    letter = matters.delivery(make, "action_due", root, person)
    with app.app_context():
        assert stop_address(letter) == ""
