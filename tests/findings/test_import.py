"""Corrective actions from a spreadsheet: all rows or none, and every bad cell named."""

import io
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.core.tabular import Row, Sheet, read
from drills.exercises.models import Status
from drills.findings import imports
from drills.findings.models import ActionDetails, ActionState, CorrectiveAction
from drills.findings.services import actions
from tests.browser import Browser
from tests.conftest import NOW

TODAY = NOW.date()
HEADERS = ["Biện pháp khắc phục", "Người phụ trách", "Đơn vị", "Hạn", "Mã"]


@pytest.fixture
def drill(make):
    make.organisation()
    return make.drill(starts_at=NOW - timedelta(days=5), status=Status.COMPLETED)


@pytest.fixture
def owner(make):
    return make.person(name="Lê Thị Chủ", email="chu@lamgiang.example")


@pytest.fixture
def security(make):
    return make.person(role=Role.SECURITY_TEAM)


def sheet(*rows):
    return Sheet(HEADERS, [Row(n, list(row)) for n, row in enumerate(rows, start=2)])


def test_a_row_becomes_an_action(session, drill, owner, security):
    plan = imports.plan(
        session,
        drill,
        sheet(["Bật xác thực hai lớp", "CHU@lamgiang.example", "", "15/12/2026", ""]),
        by=security,
        on=TODAY,
    )
    assert imports.carry_out(session, drill, plan, by=security, at=NOW) == (1, 0)
    session.commit()
    action = session.scalars(sa.select(CorrectiveAction)).one()
    assert (action.owner, action.due_on) == (owner, date(2026, 12, 15))
    assert action.unit_id == owner.unit_id


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (["", "Lê Thị Chủ", "", "1/12/2026", ""], "Biện pháp khắc phục"),
        (["Vá", "", "", "1/12/2026", ""], "Người thực hiện"),
        (["Vá", "Không Ai", "", "1/12/2026", ""], "Người thực hiện"),
        (["Vá", "le thi chu", "Không có", "1/12/2026", ""], "Đơn vị"),
        (["Vá", "le thi chu", "", "31/11/2026", ""], "Hạn"),
        (["Vá", "le thi chu", "", "1/12/2026", "KP-1999-001"], "Mã"),
    ],
)
def test_a_bad_cell_is_named_and_nothing_is_saved(session, drill, owner, security, row, column):
    good = ["Bật nhật ký", "Lê Thị Chủ", "", "1/12/2026", ""]
    plan = imports.plan(session, drill, sheet(good, row), by=security, on=TODAY)
    assert [(p.row, p.column) for p in plan.problems] == [(3, column)]
    with pytest.raises(Exception, match="every row is right"):
        imports.carry_out(session, drill, plan, by=security, at=NOW)
    assert session.scalar(sa.select(sa.func.count(CorrectiveAction.id))) == 0


def test_a_name_that_two_people_have_is_asked_for_as_an_address(
    session, make, drill, owner, security
):
    make.person(name="Lê Thị Chủ")
    row = ["Vá", "Lê Thị Chủ", "", "1/12/2026", ""]
    plan = imports.plan(session, drill, sheet(row), by=security, on=TODAY)
    assert [p.column for p in plan.problems] == ["Người thực hiện"]


def test_a_closed_action_is_not_changed_by_a_file(session, drill, owner, security):
    action = _action(session, drill, owner, security)
    action.state = ActionState.CANCELLED
    session.commit()
    row = ["Khác", "Lê Thị Chủ", "", "1/12/2026", action.code]
    plan = imports.plan(session, drill, sheet(row), by=security, on=TODAY)
    assert [p.column for p in plan.problems] == ["Mã"]


def test_what_was_exported_comes_back_unchanged(app, session, drill, owner, security):
    action = _action(session, drill, owner, security)
    browser = Browser(app, session, as_=security)
    for ending in ("xlsx", "csv"):
        answer = browser.raw(f"/actions/export.{ending}")
        found = read(io.BytesIO(answer.data), f"actions.{ending}", limit=100)
        plan = imports.plan(session, drill, found, by=security, on=TODAY)
        assert plan.problems == []
        assert (plan.unchanged, plan.additions, plan.changes) == ([action.code], [], [])


def test_the_file_is_seen_before_it_is_written(app, session, drill, owner, security):
    browser = Browser(app, session, as_=security)
    text = "Biện pháp khắc phục;Người thực hiện;Hạn\n=Vá gấp;chu@lamgiang.example;1/12/2026\n"
    address = f"/drills/{drill.id}/actions/import"
    data = {"file": (io.BytesIO(text.encode()), "actions.csv")}
    page = browser.post(address, data, status=200)
    assert session.scalar(sa.select(sa.func.count(CorrectiveAction.id))) == 0
    kept = page.select_one("input[name=text]")["value"]
    browser.post(address, {"text": kept})
    session.expire_all()
    assert session.scalars(sa.select(CorrectiveAction.text)).one().endswith("Vá gấp")


def _action(session, drill, owner, security):
    details = ActionDetails("Vá máy chủ", owner.id, drill.unit_id, date(2026, 12, 1))
    action = actions.ask(session, drill, details, by=security, at=NOW)
    session.commit()
    return action
