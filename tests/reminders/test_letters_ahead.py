"""The letter itself, read before it leaves."""

import json
import re
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from werkzeug.exceptions import HTTPException

from drills.accounts.models import Role
from drills.reminders.letters import show
from drills.reminders.models import Delivery, State
from drills.web import links
from tests.browser import Browser
from tests.conftest import NOW
from tests.reminders import matters

HREF = "a[href^='/reminders/ahead/']"


@pytest.fixture
def lead(make):
    return make.person(name="Nguyễn Thị Lan", language="vi")


@pytest.fixture
def drill(session, rules, make, lead):
    return make.drill(title="Khôi phục hệ thống", starts_at=NOW + timedelta(days=8), lead=lead)


def test_a_letter_is_read_as_it_will_stand_on_its_day_and_nothing_is_stored(
    browser, session, drill, lead
):
    row = browser.get("/reminders/").select_one(HREF)
    assert row.text == lead.name
    page = browser.get(row["href"])
    letter = page.select_one("p[lang=vi]").text
    assert drill.title in letter
    assert "còn 7 ngày" in letter
    assert lead.email in page.text
    assert session.scalar(sa.select(sa.func.count(Delivery.id))) == 0


def test_the_letter_shown_is_the_letter_that_is_sent(browser, drill, cli, sink, send):
    planned = json.loads(cli("reminders", "preview", "--json").stdout)["planned"][0]
    page = browser.get(f"/reminders/ahead/{planned['key']}/")
    send(datetime.fromisoformat(planned["due_at"]))
    (sent,) = sink.letters
    assert page.h1.text == sent["Subject"]
    text = sent.get_body(("plain",)).get_content()
    assert page.select_one("p[lang]").get_text("\n").split() == text.split()
    browser.get(f"/reminders/ahead/{planned['key']}/", status=404)


def test_a_letter_that_waits_is_read_until_it_has_left(browser, drill, sink, send):
    sink.faults["rcpt"] = "451 busy"
    send(NOW + timedelta(days=1))
    (href,) = {a["href"] for a in browser.get("/reminders/?tab=waiting").select("a[href$=letter]")}
    assert drill.title in browser.get(href).select_one("p[lang]").text
    browser.session.execute(sa.update(Delivery).values(state=State.SENT))
    browser.get(href, status=404)


def test_its_html_stands_alone_and_may_do_nothing(browser, drill):
    href = browser.get("/reminders/").select_one(HREF)["href"]
    answer = browser.raw(f"{href}?as=html")
    assert drill.title in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_the_command_line_prints_the_same_letter(drill, cli, browser, lead):
    planned = json.loads(cli("reminders", "preview", "--json").stdout)["planned"][0]
    page = browser.get(f"/reminders/ahead/{planned['key']}/")
    printed = cli("reminders", "letter", planned["key"])
    assert printed.exit_code == 0
    assert f"To: {lead.name} <{lead.email}>" in printed.stdout
    assert page.select_one("p[lang]").get_text("\n").split()[-5:] == printed.stdout.split()[-5:]


@pytest.mark.parametrize("key", ["drill:1:1:1:0", "drill", "drill:x", "nothing:1", "digest:1:0"])
def test_a_key_of_nothing_is_said_to_be_none(browser, drill, cli, key):
    browser.get(f"/reminders/ahead/{key}/", status=404)
    answer = cli("reminders", "letter", key)
    assert answer.exit_code == 1
    assert "No such message" in answer.stderr


def test_who_does_not_see_the_drill_does_not_read_its_letters(app, session, drill, make, cli):
    key = json.loads(cli("reminders", "preview", "--json").stdout)["planned"][0]["key"]
    stranger = make.person(role=Role.SECURITY_TEAM, unit=make.unit())
    Browser(app, session, as_=stranger).get(f"/reminders/ahead/{key}/", status=404)


def test_a_digest_is_not_shown_before_it_is_put_together(browser, make, session):
    person = make.person()
    digest = matters.all_deliveries(make, person)["digest"]
    browser.get(f"/reminders/{digest.id}/letter", status=404)


def test_links_that_act_for_the_reader_are_shown_to_nobody_else(app, session, make):
    make.organisation()
    app.config["PUBLIC_URL"] = "https://drills.lamgiang.example"
    deliveries = matters.all_deliveries(make, make.person())
    session.commit()
    withheld = set()
    with app.app_context(), app.test_request_context():
        for kind, delivery in deliveries.items():
            words = show(session, delivery, app.config, now=NOW)
            for path in re.findall(r"https://drills\.lamgiang\.example(/[^\s\"<>?#]*)", words.html):
                arguments = _arguments(app, path)
                if "token" in arguments:
                    assert arguments["token"] == links.NOBODYS, kind
                    withheld.add(kind)
    assert len(withheld) > 3


def _arguments(app, path):
    try:
        return app.url_map.bind("").match(path)[1]
    except HTTPException:
        return {}
