import re
from pathlib import Path

import pytest

from drills import resources
from drills.accounts.models import Role
from drills.audit import services as audit
from drills.audit import words
from drills.exercises.models import Status
from tests.browser import Browser


@pytest.fixture
def renamed(session, make, browser):
    unit = make.unit(name="Sở Cũ")
    with audit.changing(session, "revised", unit, by=browser.person):
        unit.name = "Sở Mới"
    session.commit()
    return unit


def test_the_log_shows_who_changed_what_from_what_to_what(browser, renamed):
    page = browser.get("/audit/")
    change = page.select_one(".diff li")
    assert change.get_text(" ", strip=True) == "Tên Sở Cũ → Sở Mới"
    assert browser.person.name in page.text


def test_a_status_and_a_yes_are_told_in_the_readers_language(browser, session, make):
    drill = make.drill()
    with audit.changing(session, "moved", drill, by=browser.person):
        drill.move_to(Status.RUNNING)
        drill.is_online = True
    told = [li.get_text(" ", strip=True) for li in browser.get("/audit/").select(".diff li")]
    assert sorted(told) == ["Trực tuyến không → có", "Tình trạng Kế hoạch → Đang diễn ra"]


def test_the_log_is_narrowed_by_the_address(browser, renamed):
    assert "Sở Mới" in browser.get("/audit/?kind=unit&verb=revised&q=Mới").select_one("#rows").text
    assert "Sở Mới" not in browser.get("/audit/?kind=drill").select_one("#rows").text
    assert "Sở Mới" not in browser.get("/audit/?until=01/01/2020").select_one("#rows").text


def test_the_export_equals_the_list_and_runs_no_formula(browser, session, make):
    audit.record(session, "created", make.unit(code="=1+1"), by=None)
    text = browser.raw("/audit/export.csv").text
    assert text.startswith("\ufeff")
    assert ",'=1+1 " in text


def test_an_auditor_reads_the_log_and_a_unit_officer_does_not(app, session, make):
    make.organisation()
    Browser(app, session, as_=make.person(role=Role.AUDITOR)).get("/audit/")
    Browser(app, session, as_=make.person(role=Role.UNIT_OFFICER)).get("/audit/", status=403)


def test_the_log_takes_few_queries_however_long_it_is(browser, session, make, queries):
    unit = make.unit()
    for _ in range(60):
        audit.record(session, "created", unit, by=browser.person)
    with queries() as seen:
        browser.get("/audit/")
    assert len(seen) <= 6


def test_every_verb_of_the_program_has_words():
    pattern = re.compile(
        r'(?:audit\.(?:record|entry|changing)|_noting|_changing|_note)\((?:[\w.]+, )?"([\w. ]+)"'
    )
    used = {
        v for p in Path(resources.PACKAGE).rglob("*.py") for v in pattern.findall(p.read_text())
    }
    assert used <= set(words.VERBS)
