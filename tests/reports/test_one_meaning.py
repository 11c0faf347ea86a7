"""Approved, overdue, due soon: the same wherever somebody reads it."""

import io
import json
import re
from datetime import timedelta

import openpyxl
import pytest
import sqlalchemy as sa

from drills import resources
from drills.core import due
from drills.obligations.models import Obligation, ObligationRule, Standing
from drills.systems.models import Approval, InformationSystem, SystemStatus
from tests.conftest import NOW

TODAY = NOW.date()
BY_HAND = re.compile(
    r"(due_on|valid_until|fix_by|late_after)\S* *(<|<=|>|>=) *(on|today|self\.on)\b"
)


def test_nobody_compares_a_due_day_by_hand_or_has_a_notice_of_their_own():
    found = {
        f"{path.name}: {line.strip()}"
        for path in [*resources.PACKAGE.rglob("*.py"), *resources.TEMPLATES.rglob("*.html")]
        for line in path.read_text(encoding="utf-8").splitlines()
        if path.name != "due.py" and (BY_HAND.search(line) or re.match(r"\w*SOON\w* = ", line))
    }
    assert found == {"terms.py: SOON = 2"}, "the clocks of dossiers count working days"


@pytest.mark.parametrize("days", [-1, 0, 1, 30, 31])
def test_a_day_is_overdue_or_soon_in_the_database_as_in_the_program(session, days):
    day = TODAY + timedelta(days=days)
    column = sa.literal(day, sa.Date)
    row = session.execute(sa.select(due.is_overdue(column, TODAY), due.is_soon(column, TODAY)))
    assert tuple(map(bool, row.one())) == (due.is_overdue(day, TODAY), due.is_soon(day, TODAY))
    assert (due.is_overdue(day, TODAY), due.is_soon(day, TODAY)) == (days < 0, 0 <= days <= 30)


DAYS = [None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=31)]


def test_a_review_is_overdue_in_lists_as_on_its_page_whichever_day_comes_first(make, browser):
    systems = [
        make.system(level=3, approval=approval, review_due_on=review, valid_until=end)
        for approval in (Approval.APPROVED, Approval.SENT)
        for review in DAYS
        for end in DAYS
    ]
    overdue = {one.code for one in systems if one.is_overdue(TODAY)}
    assert len(overdue) == 7
    rows = browser.get("/systems/?approval=overdue").select("table.grid tbody tr")
    assert {code for code in overdue if any(code in row.text for row in rows)} == overdue
    assert len(rows) == len(overdue)


@pytest.fixture
def figures(demo_year, browser, session):
    """The demonstration year on its own day, its obligations derived."""
    browser.get("/obligations/")
    return session


def owed(session, met_by, state):
    query = sa.select(Obligation.subject_id).join(ObligationRule)
    return set(
        session.scalars(query.where(ObligationRule.met_by == met_by, Obligation.state == state))
    )


def test_the_reviews_overdue_are_the_same_on_every_page_and_in_every_file(figures, browser, cli):
    systems = figures.scalars(sa.select(InformationSystem)).all()
    overdue = {one.id for one in systems if one.is_overdue(TODAY)}
    assert overdue
    assert all(one.status is SystemStatus.OPERATING for one in systems if one.id in overdue)
    assert owed(figures, "reappraisal", Standing.OVERDUE) == overdue

    home = browser.get("/")
    assert f"{len(overdue)}" in home.select_one(".figs").text
    heat = [a for a in home.select("#standings td a") if "approval=overdue" in a["href"]]
    assert sum(int(a.text) for a in heat) == len(overdue)
    register = browser.get("/systems/?approval=overdue&size=200")
    assert len(register.select("table.grid tbody tr")) == len(overdue)
    book = openpyxl.load_workbook(
        io.BytesIO(browser.client.get("/systems/export.xlsx?approval=overdue").data)
    )
    assert sum(1 for _row in book.worksheets[0].iter_rows(min_row=2)) == len(overdue)
    found = cli("obligations", "list", "--rule", "reappraisal", "--state", "overdue", "--json")
    assert {one["subject_id"] for one in json.loads(found.output)} == overdue


def test_checks_overdue_are_counted_as_the_wall_has_them(figures, browser):
    late = owed(figures, "periodic_check", Standing.OVERDUE)
    link = browser.get("/reports/levels/").select_one("a[href*='kinds/periodic_check']")
    assert int(re.search(r"\d+", link.text)[0]) == len(late)
    listed = browser.get(browser.client.get(link["href"]).headers["Location"])
    assert f"trên {len(late)}" in " ".join(listed.main.text.split())


def test_the_number_of_overdue_obligations_is_one_number(figures, browser, cli):
    late = figures.scalar(sa.select(sa.func.count()).where(Obligation.state == Standing.OVERDUE))
    tasks = browser.get("/").select_one("#tasks")
    assert tasks.select_one("a[href*='state=overdue']")
    assert str(late) in tasks.text
    assert (
        len(json.loads(cli("obligations", "list", "--state", "overdue", "--json").output)) == late
    )
    data = browser.client.get("/obligations/export.xlsx?state=overdue").data
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert sum(1 for line in sheet.iter_rows(min_row=2)) == late


def test_approved_is_one_number(figures, browser):
    approved = sum(one.is_approved for one in figures.scalars(sa.select(InformationSystem)))
    assert str(approved) in browser.get("/").select_one(".figs").text
    levels = browser.get("/reports/levels/")
    assert str(approved) in levels.select_one(".figs").text
    register = " ".join(browser.get("/systems/?approval=approved").main.text.split())
    assert f"trên {approved}" in register
