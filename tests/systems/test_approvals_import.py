"""Approvals from before the register was kept, taken in from the agency's own list."""

import io
from datetime import date

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drills.accounts.models import Role
from drills.core import tabular
from drills.core.tabular import Row, Sheet
from drills.core.text import normal
from drills.systems import services
from drills.systems.models import (
    Decision,
    DecisionDetails,
    DecisionState,
    Filters,
    InformationSystem,
)

TODAY = date(2026, 11, 23)
HEADERS = [
    "Tên hệ thống", "Đơn vị chủ quản", "Cấp độ", "Số QĐ phê duyệt", "Ngày QĐ", "Cơ quan phê duyệt",
    "Người ký", "Hiệu lực đến",
]  # fmt: skip
ROW = ("Bệnh án điện tử", "SYT", "3", "11/QĐ-UBND", "12/10/2025", "UBND tỉnh", "Lê Hoa", "")


@pytest.fixture
def unit(make):
    home = make.organisation()
    home.approvals_since = date(2026, 7, 1)
    return make.unit(code="SYT", name="Sở Y tế")


def sheet(*rows):
    return Sheet(HEADERS, [Row(n, tuple(cells)) for n, cells in enumerate(rows, start=2)])


def plan(session, *rows, by=None):
    return services.plan_import(session, sheet(*rows), by=by, on=TODAY)


def carry_out(session, *rows):
    made = plan(session, *rows)
    assert made.problems == []
    services.carry_out(session, made, by=None)
    session.commit()
    return made


def changed(row, **cells):
    places = {"level": 2, "number": 3, "day": 4, "authority": 5, "signer": 6, "until": 7}
    cells = {places[key]: value for key, value in cells.items()}
    return tuple(cells.get(place, value) for place, value in enumerate(row))


def history(session):
    query = sa.select(Decision).order_by(Decision.signed_on)
    return [(d.number, d.state) for d in session.scalars(query)]


def test_the_same_list_again_changes_nothing(session, unit):
    carry_out(session, ROW)
    made = plan(session, ROW)
    assert (made.problems, made.writes, made.unchanged) == ([], 0, 1)
    decision = session.scalars(sa.select(Decision)).one()
    assert (decision.signer, decision.is_historical) == ("Lê Hoa", True)


def test_older_and_newer_decisions_find_their_place(session, unit):
    carry_out(session, ROW)
    carry_out(session, changed(ROW, number="2/QĐ", day="01/02/2023", level="2"))
    carry_out(session, changed(ROW, number="30/QĐ", day="01/02/2026", level="4"))
    assert history(session) == [
        ("2/QĐ", DecisionState.SUPERSEDED),
        ("11/QĐ-UBND", DecisionState.SUPERSEDED),
        ("30/QĐ", DecisionState.IN_FORCE),
    ]
    system = session.scalars(sa.select(InformationSystem)).one()
    assert (system.level, system.decision_number) == (4, "30/QĐ")


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"authority": ""}, "Cơ quan phê duyệt"),
        ({"day": ""}, "Ngày QĐ"),
        ({"level": ""}, "Cấp độ"),
        ({"day": "01/07/2026"}, "Ngày QĐ"),
        ({"day": "24/11/2026"}, "Ngày QĐ"),
        ({"until": "11/10/2025"}, "Hiệu lực đến"),
    ],
)
def test_a_decision_that_is_not_whole_or_not_earlier_is_refused_with_its_row(
    session, unit, cells, column
):
    made = plan(session, ROW, changed(("Khác", *ROW[1:]), **cells))
    assert {(problem.row, problem.column) for problem in made.problems} == {(3, column)}


def test_whoever_signed_does_not_import_it(session, unit, make):
    signer = make.person(role=Role.SECURITY_TEAM, name="Lê Hoa")
    assert [p.column for p in plan(session, ROW, by=signer).problems] == ["Người ký"]
    assert plan(session, ROW, by=make.person(role=Role.SECURITY_TEAM)).problems == []


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"level": "4"}, "Cấp độ"),
        ({"signer": "Ai khác"}, "Người ký"),
        ({"authority": "Sở Y tế"}, "Cơ quan phê duyệt"),
    ],
)
def test_a_recorded_decision_is_not_rewritten_by_a_list(session, unit, cells, column):
    carry_out(session, ROW)
    assert [p.column for p in plan(session, changed(ROW, **cells)).problems] == [column]


def test_the_level_of_an_approved_system_needs_a_decision(session, unit):
    carry_out(session, ROW)
    bare = changed(ROW, number="", day="", authority="", signer="", level="5")
    assert [p.column for p in plan(session, bare).problems] == ["Cấp độ"]


LINE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp", "Cf")),
    min_size=1,
    max_size=30,
).map(lambda text: normal(" ".join(text.split())))


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=LINE, authority=LINE, signer=LINE, ending=st.sampled_from(["xlsx", "csv"]))
def test_whatever_the_texts_an_export_comes_back_without_a_change(
    session, unit, make, name, authority, signer, ending
):
    if not (name and authority and signer):
        return
    system = make.system(name=name, owner=unit, level=2)
    details = DecisionDetails(
        number="5/QĐ", signed_on=date(2025, 5, 5), authority=authority, level=2, signer=signer
    )
    services.record_first(session, [(system, details)], by=None, on=TODAY)
    session.commit()
    target = io.BytesIO()
    rows = services.export_rows(session, Filters(on=TODAY, ids=(system.id,)), None, "vi")
    headers = tabular.labels(services.COLUMNS, "vi")
    if ending == "csv":
        tabular.write_csv(target, headers, rows)
    else:
        tabular.write_xlsx(target, headers, rows, sheet="HTTT")
    target.seek(0)
    again = tabular.read(target, f"x.{ending}", limit=9)
    made = services.plan_import(session, again, by=None, on=TODAY)
    assert (made.problems, made.writes, made.unchanged) == ([], 0, 1)
