"""The yearly plan as a sheet: handed out, taken in again; all rows or none."""

from io import BytesIO

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.core import tabular
from drills.exercises.models import PlannedDrill
from tests.exercises.test_programmes import line

HEADS = ["Năm", "Thời gian", "Tên", "Loại hình", "Đơn vị", "Ghi chú"]


@pytest.fixture
def programme(make):
    make.organisation()
    return make.programme()


def sheet(*rows, heads=HEADS):
    target = BytesIO()
    tabular.write_xlsx(target, heads, rows, sheet="Kế hoạch")
    target.seek(0)
    return target


def send(browser, programme, file, status=200):
    address = f"/programmes/{programme.id}/import"
    return browser.post(address, {"file": (file, "plan.xlsx")}, status=status)


def decide(browser, programme, page):
    return browser.post(
        f"/programmes/{programme.id}/import", {"text": page.select_one("[name=text]")["value"]}
    )


def planned(session):
    query = sa.select(PlannedDrill).order_by(PlannedDrill.id)
    return [
        (one.year, one.month, one.quarter, one.title, one.kind_key, one.unit.code)
        for one in session.scalars(query)
    ]


def test_a_plan_is_looked_at_then_written(browser, session, make, programme):
    unit = make.unit(code="SYT", name="Sở Y tế")
    page = send(
        browser,
        programme,
        sheet(
            [2026, "Tháng 5", "Mã độc", "Thực chiến", "Sở Y tế", ""],
            [2027, "Quý II", "Lừa đảo", "tabletop", "SYT", "Toàn tỉnh"],
            [2028, "", "Tổng kết", "Trên bàn", "", ""],
        ),
    )
    assert len(page.select("#new tbody tr")) == 3
    assert planned(session) == []
    decide(browser, programme, page)
    assert planned(session) == [
        (2026, 5, None, "Mã độc", "live_fire", unit.code),
        (2027, None, 2, "Lừa đảo", "tabletop", unit.code),
        (2028, None, None, "Tổng kết", "tabletop", programme.unit.code),
    ]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_exported_plan_changes_nothing(browser, session, make, programme, language):
    browser.person.language = language
    line(session, programme, month=3, title="=1+1")
    line(session, programme, quarter=4, note="Hai\nDòng")
    line(session, programme, quarter=4)
    held = line(session, programme)
    held.drill_id = make.drill().id
    session.commit()
    before = planned(session)
    answer = browser.raw(f"/programmes/{programme.id}/plan.xlsx")
    page = send(browser, programme, BytesIO(answer.data))
    assert [figure.text for figure in page.select(".figs b")] == ["0", "0", "4", "0"]
    assert not page.select("[name=text]")
    assert planned(session) == before


def test_a_line_that_is_there_is_changed_and_gets_its_drill(browser, session, make, programme):
    foreseen, drill = line(session, programme, month=3), make.drill()
    heads = [*HEADS[:4], "Mã diễn tập"]
    page = send(
        browser,
        programme,
        sheet([2026, "T3", "Diễn tập quý", "Thực chiến", drill.code], heads=heads),
    )
    decide(browser, programme, page)
    session.refresh(foreseen)
    assert (foreseen.kind_key, foreseen.drill_id) == ("live_fire", drill.id)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ([1999, "", "A", "Trên bàn", "", ""], "Năm"),
        ([2026, "Tháng 13", "A", "Trên bàn", "", ""], "Tháng hoặc quý"),
        ([2026, "", "", "Trên bàn", "", ""], "Cuộc diễn tập dự kiến"),
        ([2026, "", "A", "Bơi", "", ""], "Loại"),
        ([2026, "", "A", "Trên bàn", "Sở Không Có", ""], "Đơn vị chủ trì"),
    ],
)
def test_a_bad_cell_is_named_and_nothing_is_saved(browser, session, programme, row, column):
    page = send(browser, programme, sheet([2026, "", "Tốt", "Trên bàn", "", ""], row), status=422)
    cells = [cell.text for cell in page.select("#mistakes tbody td")]
    assert cells[:2] == ["3", column]
    assert not page.select("[name=text]")
    assert planned(session) == []


def test_the_template_has_the_columns_of_the_plan(browser, programme):
    answer = browser.raw(f"/programmes/{programme.id}/template.xlsx")
    found = tabular.read(BytesIO(answer.data), "x.xlsx", limit=10)
    assert found.headers[:4] == ["Năm", "Tháng hoặc quý", "Cuộc diễn tập dự kiến", "Loại"]
    assert found.rows == []


def test_only_the_security_team_imports_a_plan(browser, make, programme):
    browser.sign_in(make.person(role=Role.UNIT_OFFICER))
    browser.get(f"/programmes/{programme.id}/import", status=403)
