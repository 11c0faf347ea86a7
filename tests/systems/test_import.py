"""Lists of systems from people's spreadsheets: understood, refused whole, or taken whole."""

import io
import json
from datetime import date

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.audit.models import Entry
from drills.core import tabular
from drills.core.tabular import Row, Sheet
from drills.systems import services
from drills.systems.models import (
    Approval,
    Decision,
    DecisionState,
    Filters,
    InformationSystem,
    SystemKind,
    SystemStatus,
)
from drills.systems.services.cells import BadCell, read_level
from tests.browser import Browser

TODAY = date(2026, 11, 23)
HEADERS = [
    "Mã HT",
    "Tên hệ thống thông tin",
    "Chủ quản",
    "Cấp độ",
    "Số QĐ",
    "Ngày ký",
    "Cơ quan phê duyệt",
]


def sheet(*rows, headers=HEADERS):
    return Sheet(list(headers), [Row(n, tuple(cells)) for n, cells in enumerate(rows, start=2)])


def plan(session, given, by=None):
    return services.plan_import(session, given, by=by, on=TODAY)


def workbook(headers, rows):
    target = io.BytesIO()
    tabular.write_xlsx(target, headers, rows, sheet="HTTT")
    target.seek(0)
    return target


def sent(browser, headers, rows, name="ds.xlsx"):
    data = {"file": (workbook(headers, rows), name)}
    answer = browser.post("/systems/import/", data, content_type="multipart/form-data")
    return answer.location


@pytest.mark.parametrize(
    ("text", "level"),
    [("3", 3), ("III", 3), ("Cấp 3", 3), ("cấp độ 3", 3), ("CẤP ĐỘ IV", 4), ("v", 5), ("", None),
     ("Level 2", 2), ("chưa xác định", None)],
)  # fmt: skip
def test_levels_as_people_write_them(text, level):
    assert read_level(text) == level


@pytest.mark.parametrize("text", ["6", "cấp 0", "ba", "3.5", "33"])
def test_what_is_no_level_is_refused(text):
    with pytest.raises(BadCell):
        read_level(text)


def test_new_systems_take_codes_units_by_name_and_the_decision_as_approval(make, session):
    unit = make.unit(code="SYT", name="Sở Y tế")
    made = plan(
        session,
        sheet(
            ("", "Bệnh án điện tử", "so y te", "Cấp 3", "1187/QĐ-UBND", "12/10/2025", "UBND tỉnh"),
            ("X-9", "Đất đai", "SYT", "II", "", "", ""),
        ),
    )
    assert made.problems == []
    services.carry_out(session, made, by=None)
    session.commit()
    first, second = session.scalars(sa.select(InformationSystem).order_by(InformationSystem.id))
    assert (first.code, first.owner_id, first.operator_id) == ("HT-0001", unit.id, unit.id)
    assert (first.level, first.approval) == (3, Approval.APPROVED)
    assert first.decision_date == date(2025, 10, 12)
    assert (second.code, second.level, second.approval) == ("X-9", 2, Approval.NONE)
    verbs = session.scalars(sa.select(Entry.verb).order_by(Entry.id)).all()
    assert verbs == ["imported", "imported", "decision.recorded"]
    decision = session.scalars(sa.select(Decision)).one()
    assert (decision.system_id, decision.is_historical) == (first.id, True)
    assert decision.state is DecisionState.IN_FORCE


def test_every_mistake_is_told_with_row_column_value_reason_and_remedy(make, session):
    make.unit(code="SYT", name="Sở Y tế")
    made = plan(
        session,
        sheet(
            ("A", "Một", "Sở Y tê", "7", "", "31/02/2025", ""),
            ("A", "", "", "1", "", "", ""),
            ("B", "Hai", "Sở Y tt", "x", "5/QĐ", "01/01/2030", ""),
        ),
    )
    told = [(p.row, p.column, p.value) for p in made.problems]
    assert (2, "Cấp độ", "7") in told
    assert (2, "Ngày ký", "31/02/2025") in told
    assert (2, "Mã HT", "A") in told
    assert (3, "Mã HT", "A") in told
    assert (4, "Chủ quản", "Sở Y tt") in told
    near = next(p for p in made.problems if p.value == "Sở Y tt")
    assert near.remedy % near.values == "Did you mean “Sở Y tế”?"
    assert made.bad_rows == 3
    with pytest.raises(Exception, match="mistakes"):
        services.carry_out(session, made, by=None)


def test_approved_without_a_decision_and_dates_to_come_are_refused(make, session):
    make.unit(code="SYT")
    headers = [
        "Tên",
        "Đơn vị",
        "Cấp",
        "Tình trạng phê duyệt",
        "Số QĐ",
        "Ngày QĐ",
        "Cơ quan QĐ",
        "Ghi chú",
    ]
    made = plan(
        session,
        sheet(
            ("Một", "SYT", "3", "Đã phê duyệt", "", "", "", "x"),
            ("Hai", "SYT", "3", "Đã phê duyệt", "1/QĐ", "01/01/2027", "UBND", ""),
            ("Ba", "SYT", "3", "Phê chuẩn", "1/QĐ", "01/01/2026", "UBND", ""),
            headers=headers,
        ),
    )
    assert [(p.row, p.column) for p in made.problems] == [
        (2, "Số QĐ"), (2, "Ngày QĐ"), (2, "Cơ quan QĐ"), (3, "Ngày QĐ"), (4, "Tình trạng phê duyệt"),
    ]  # fmt: skip
    assert made.ignored == ["Ghi chú"]


def test_a_known_code_changes_cell_by_cell_and_absent_columns_stay(make, session):
    unit = make.unit(code="SYT", name="Sở Y tế")
    system = make.system(code="HT-0042", name="Cũ", owner=unit, level=2, description="Giữ lại")
    made = plan(session, sheet(("HT-0042", "Mới", "Sở Y tế (SYT)", "cấp độ 3", "", "", "")))
    (revision,) = made.revisions
    assert revision.cells == (("name", "Cũ", "Mới"), ("level", "2", "3"))
    services.carry_out(session, made, by=None)
    session.commit()
    assert (system.name, system.level, system.description) == ("Mới", 3, "Giữ lại")
    entry = session.scalars(sa.select(Entry)).one()
    assert entry.changes == {"name": ["Cũ", "Mới"], "level": ["2", "3"]}


def test_a_list_without_codes_may_come_again(make, session):
    make.unit(code="SYT")
    given = sheet(("Một", "SYT"), ("Hai", "SYT"), headers=["Tên", "Đơn vị"])
    services.carry_out(session, plan(session, given), by=None)
    again = plan(session, given)
    assert (again.writes, again.unchanged) == (0, 2)
    twice = sheet(("Ba", "SYT"), ("Ba", "SYT"), headers=["Tên", "Đơn vị"])
    assert plan(session, twice).bad_rows == 1


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_our_own_export_comes_back_unchanged(make, session, language, ending):
    unit = make.unit(code="SYT", name="Sở Y tế (tỉnh)")
    person = make.person(name="Hoàng Minh Đức", unit=unit)
    make.system(code="=1+1", name="-cú pháp", description="dòng một\ndòng hai", owner=unit)
    make.system(
        code="HT-0002", owner=unit, level=4, approval=Approval.APPROVED, responsible=person,
        decision_number="07/QĐ-TTg", decision_date=date(2024, 1, 2), decision_authority="TTg",
        review_due_on=date(2027, 1, 20), kind=SystemKind.INDUSTRIAL_CONTROL,
        status=SystemStatus.SUSPENDED, has_personal_data=True,
    )  # fmt: skip
    make.system(code="HT-0003", owner=unit, approval=Approval.SENT, decision_number="nháp")
    make.system(code="0012", name="2024", owner=unit)
    rows = services.export_rows(session, Filters(on=TODAY), None, language)
    target = io.BytesIO()
    headers = tabular.labels(services.COLUMNS, language)
    if ending == "csv":
        tabular.write_csv(target, headers, rows)
    else:
        tabular.write_xlsx(target, headers, rows, sheet="HTTT")
    target.seek(0)
    made = plan(session, tabular.read(target, f"x.{ending}", limit=100))
    assert made.problems == []
    assert made.ignored == []
    assert [r.cells for r in made.revisions] == []
    assert (len(made.additions), made.unchanged) == (0, 4)


def test_312_rows_with_two_bad_ones_save_nothing_then_all(browser, make, session):
    make.unit(code="SYT", name="Sở Y tế")
    rows = [("", f"Hệ thống số {n}", "SYT", n % 5 + 1, "", "", "") for n in range(312)]
    bad = [*rows]
    bad[10] = ("", "Sai cấp", "SYT", "9", "", "", "")
    bad[200] = ("", "Sai đơn vị", "Sở Y tá", 2, "", "", "")
    page = browser.get(sent(browser, HEADERS, bad))
    cells = [row.text for row in page.select("#mistakes tbody tr")]
    assert len(cells) == 2
    assert "12" in cells[0]
    assert "Sở Y tế" in cells[1]
    assert not page.select("form.one input[name=plan]")
    assert session.scalar(sa.select(sa.func.count(InformationSystem.id))) == 0
    address = sent(browser, HEADERS, rows)
    page = browser.get(address)
    token = page.select_one("form.one input[name=plan]")["value"]
    browser.post(address, {"plan": token})
    assert session.scalar(sa.select(sa.func.count(InformationSystem.id))) == 312
    assert "312" in browser.get(address).select_one(".figs").text
    browser.post(address, {"plan": token})
    assert session.scalar(sa.select(sa.func.count(InformationSystem.id))) == 312


def test_what_was_agreed_to_is_what_is_done(browser, make, session):
    unit = make.unit(code="SYT")
    system = make.system(code="A", name="Cũ", owner=unit)
    address = sent(browser, HEADERS[:3], [("A", "Mới", "SYT")])
    token = browser.get(address).select_one("input[name=plan]")["value"]
    system.level = 5
    session.commit()
    browser.post(address, {"plan": token}, status=409)
    session.refresh(system)
    assert system.name == "Cũ"


def test_an_upload_is_its_senders_alone(browser, app, make, session):
    make.unit(code="SYT")
    address = sent(browser, HEADERS[:3], [("A", "Mới", "SYT")])
    other = Browser(app, session, as_=make.person(role=Role.ADMINISTRATOR))
    assert other.raw(address).status_code == 404
    assert browser.raw("/systems/import/..%2f..%2fsecret-key/").status_code == 404


def test_the_list_with_mistakes_comes_back_with_a_column_and_can_be_sent_again(browser, make):
    make.unit(code="SYT")
    address = sent(browser, HEADERS[:4], [("A", "Một", "SYT", "9"), ("B", "Hai", "SYT", "2")])
    book = tabular.read(io.BytesIO(browser.raw(f"{address}mistakes.xlsx").data), "x", limit=9)
    assert "9" not in book.rows[0].cells[0]
    assert book.rows[0].cells[0] != ""
    assert book.rows[1].cells[0] == ""
    assert book.headers[1:] == HEADERS[:4]


def test_units_and_systems_outside_the_scope_are_refused(make, session):
    own, other = make.unit(code="OWN"), make.unit(code="OTHER")
    make.system(code="THEIRS", owner=other)
    officer = make.person(role=Role.SECURITY_TEAM, unit=own)
    made = plan(
        session,
        sheet(
            ("N1", "Một", "OTHER"), ("THEIRS", "Hai", "OWN"), ("N3", "Ba", "OWN"),
            headers=HEADERS[:3],
        ),
        by=officer,
    )  # fmt: skip
    assert [(p.row, p.column) for p in made.problems] == [(2, "Chủ quản"), (3, "Mã HT")]
    assert len(made.additions) == 1


def test_a_file_without_a_name_or_code_is_refused_with_what_to_do(browser):
    data = {"file": (workbook(["Cột lạ"], [("x",)]), "x.xlsx")}
    page = browser.post("/systems/import/", data, status=422, content_type="multipart/form-data")
    assert "Tên hệ thống" in page.select_one(".errors").text
    assert browser.post("/systems/import/", {}, status=422).select(".errors")


def test_the_template_is_a_list_that_can_be_filled_in(browser):
    book = tabular.read(io.BytesIO(browser.raw("/systems/template.xlsx").data), "t", limit=9)
    assert len(book.headers) == len(services.COLUMNS)
    assert book.rows == []


def test_the_command_refuses_whole_and_imports_whole(cli, make, session, tmp_path):
    make.unit(code="SYT")
    path = tmp_path / "ds.csv"
    path.write_text("Tên;Đơn vị;Cấp\nMột;SYT;3\nHai;SYT;9\n", encoding="utf-8")
    result = cli("systems", "import", path)
    assert result.exit_code == 1
    assert "9" in result.stderr
    path.write_text("Tên;Đơn vị;Cấp\nMột;SYT;3\nHai;SYT;2\n", encoding="utf-8")
    dry = cli("systems", "import", path, "--dry-run", "--json")
    assert json.loads(dry.stdout)["new"] == 2
    assert session.scalar(sa.select(sa.func.count(InformationSystem.id))) == 0
    assert cli("systems", "import", path).exit_code == 0
    assert session.scalar(sa.select(sa.func.count(InformationSystem.id))) == 2
    out = tmp_path / "out.xlsx"
    assert cli("systems", "export", out).exit_code == 0
    again = json.loads(cli("systems", "import", out, "--json").stdout)
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 2)
    assert cli("systems", "export", tmp_path / "x.doc").exit_code == 2


def test_312_rows_with_their_approvals_ask_no_more_for_each_row_than_a_few_do(
    make, session, queries
):
    make.unit(code="SYT", name="Sở Y tế")
    rows = [
        ("", f"Hệ thống {n}", "Sở Y tế", "Cấp 3", f"{n}/QĐ", "12/10/2025", "UBND tỉnh")
        for n in range(312)
    ]
    with queries() as seen:
        services.carry_out(session, plan(session, sheet(*rows)), by=None)
        session.commit()
    assert len(seen) <= 6 * len(rows)
