"""The lists of messages stay quick, however much will be sent."""

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from drills.reminders import lists
from drills.reminders.services import previewing
from tests.conftest import NOW


@pytest.fixture
def drills(rules, make):
    lead = make.person()
    return [make.drill(starts_at=NOW + timedelta(days=8 + n), lead=lead) for n in range(6)]


@pytest.fixture
def reckoned(monkeypatch):
    """The subjects whose messages were looked for."""
    seen, recipients = [], previewing.recipients

    def note(session, kind, rules, some, when):
        seen.extend((kind.key, slot.subject_id) for slot in some)
        return recipients(session, kind, rules, some, when)

    monkeypatch.setattr(previewing, "recipients", note)
    return seen


def test_what_is_planned_of_one_drill_is_reckoned_from_that_drill_alone(browser, drills, reckoned):
    page = browser.get(f"/drills/{drills[3].id}/reminders/")
    assert drills[3].title in page.text
    assert set(reckoned) == {("drill", drills[3].id)}


def test_the_letter_of_one_message_is_reckoned_from_its_subject_alone(browser, drills, reckoned):
    href = browser.get("/reminders/").select_one("a[href^='/reminders/ahead/']")["href"]
    reckoned.clear()
    browser.get(href)
    assert set(reckoned) == {("drill", drills[0].id)}


def listed(page, drills):
    return [drill for drill in drills if drill.title in page.select_one("#list").text]


def test_a_list_of_very_much_ends_early_says_so_and_can_be_narrowed(browser, drills, monkeypatch):
    """Six drills, each reminded of 7 days, 1 day and 1 hour before."""
    assert listed(browser.get("/reminders/"), drills) == drills
    monkeypatch.setattr(lists, "SLOTS_MOST", 4)
    page = browser.get("/reminders/")
    assert listed(page, drills) == drills[:4]
    assert "danh sách chỉ đến 27/11/2026" in page.text
    narrowed = browser.get("/reminders/?kind=drill")
    assert listed(narrowed, drills) == drills
    assert "danh sách chỉ đến" not in narrowed.text


def test_the_export_holds_all_however_early_the_list_ends(browser, drills, monkeypatch):
    monkeypatch.setattr(lists, "SLOTS_MOST", 1)
    data = io.BytesIO(browser.raw("/reminders/export.xlsx").data)
    rows = list(load_workbook(data).worksheets[0].iter_rows(values_only=True))
    assert len(rows) == 1 + 3 * len(drills)
