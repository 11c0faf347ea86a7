"""A whole drill in one workbook: recorded in one go, handed out, recorded again without difference."""

import io
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask_babel import force_locale

from drills.accounts.models import Role
from drills.core import tabular
from drills.exercises.models import (
    Attendance,
    Audience,
    ClockAct,
    Drill,
    DrillSystem,
    DrillTeam,
    DrillUnit,
    Edition,
    Inject,
    InjectStatus,
    InjectVerdict,
    LogEntry,
    LogKind,
    MselColumn,
    Part,
    Participation,
    Presence,
    Priority,
    Rating,
    Series,
    Status,
    Verdict,
)
from drills.exercises.services import results
from drills.findings import whole
from drills.findings.models import ActionState, CorrectiveAction
from tests.conftest import NOW

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
START = datetime(2026, 5, 8, 1, 0, tzinfo=UTC)


def book(**sheets):
    """A workbook of sheets by name: lists of rows."""
    target = io.BytesIO()
    pages = [(name.replace("_", " "), rows[0], rows[1:]) for name, rows in sheets.items()]
    tabular.write_book(target, pages)
    target.seek(0)
    return target


def pages(target):
    target.seek(0)
    return tabular.pages(target, "x.xlsx", limit=1000)


@pytest.fixture
def planned(app, session):
    """What a workbook would record; translations belong to an application."""

    def plan(target, by=None):
        with app.app_context():
            return whole.plan(session, pages(target), by=by, at=NOW, zone=ZONE)

    return plan


@pytest.fixture
def exported(app, session):
    """What is written of a drill: the file, and its texts by sheet."""

    def write(drill):
        target, found = io.BytesIO(), whole.record(session, drill)
        with app.app_context(), force_locale("vi"):
            whole.write(target, found, found.known.columns, "vi")
        return target, {page.name: [row.cells for row in page.rows] for page in pages(target)}

    return write


@pytest.fixture
def facts(make):
    unit = make.unit(code="STTTT", name="Sở Thông tin và Truyền thông")
    return [
        ["Mục", "Nội dung"],
        ["Tên cuộc diễn tập", "Diễn tập tháng 5"],
        ["Loại hình", "Thực chiến"],
        ["Đơn vị", unit.name],
        ["Bắt đầu", "08/05/2026 08:00"],
        ["Kết thúc", "11:30"],
    ]


@pytest.fixture
def past(make, session):
    """A drill with something on every sheet."""
    unit, lead, other = make.unit(code="TT"), make.person(name="Lan"), make.person(name="Minh")
    series = make.save(Series(code="ACID", name="ACID"))
    edition = make.save(Edition(series_id=series.id, year=2026, source="csa.gov.sg"))
    drill = make.drill(
        unit=unit,
        lead=lead,
        title="Diễn tập thực chiến",
        kind_key="live_fire",
        part=Part.PLAYER,
        starts_at=START,
        status=Status.EVALUATED,
        scope="Ba hệ thống",
        detect_target_minutes=15,
        participation=Participation(edition=edition, rank=3, rank_of=63, score=81.5, source="Báo"),
    )
    make.objective(
        drill, text="Phát hiện sớm", priority=Priority.HIGH, rating=Rating.SOME_CHALLENGES,
        score=3, score_of=4, rating_note="Chậm 5 phút",
    )  # fmt: skip
    team = make.team(name="Đội A")
    make.member(team=team, person=other)
    make.save(DrillUnit(drill_id=drill.id, unit_id=unit.id, part=Part.BLUE))
    make.save(DrillTeam(drill_id=drill.id, team_id=team.id, part=Part.PLAYER))
    make.save(DrillSystem(drill_id=drill.id, system_id=make.system(code="HT-1").id))
    soc, red = make.side(drill, "soc", team_id=team.id), make.side(drill, "red", position=2)
    make.named(drill, lead, Part.EXCON)
    make.named(drill, make.person(name="Tú", email=None), Part.PLAYER, side_id=soc.id)
    for person, presence in ((lead, Presence.PRESENT), (other, Presence.LATE)):
        row = Attendance(drill_id=drill.id, person_id=person.id, presence=presence, noted_at=NOW)
        make.save(row)
    make.save(MselColumn(drill_id=drill.id, key="own", label="Chỉ số", audience=Audience.PLAYERS))
    happened(make, drill, soc, red, lead)
    finding = make.finding(drill, text="Chưa có quy trình", is_restricted=False)
    make.action(
        drill, text="Viết quy trình", finding=finding, owner=lead, unit=unit,
        state=ActionState.VERIFIED, evidence="QT-01", done_by=lead, done_at=NOW,
        verified_by=other, verified_at=NOW,
    )  # fmt: skip
    make.action(drill, text="Mua thiết bị", owner=other, unit=unit)
    return drill


def happened(make, drill, soc, red, lead):
    def at(minutes, seconds=0):
        return START + timedelta(minutes=minutes, seconds=seconds)

    make.clock(
        drill,
        (ClockAct.START, at(0)),
        (ClockAct.PAUSE, at(60)),
        (ClockAct.RESUME, at(75)),
        (ClockAct.END, at(180)),
    )
    first = make.inject(
        drill, number="1", sides=[soc, red], released_at=at(10, 30), extra={"own": "K1"},
        released_exercise_seconds=630, objective=None, content="Dòng một\nDòng hai",
    )  # fmt: skip
    make.inject(drill, number="2", depends_on=first, status=InjectStatus.SKIPPED)
    make.inject(drill, number="3", is_contingency=True, offset_seconds=None)
    given = {"inject": first, "by": lead}
    make.line(drill, kind=LogKind.RELEASED, at=at(10, 30), text="", **given)
    make.line(drill, kind=LogKind.DETECTED, side=soc, at=at(14, 2), text="", **given)
    make.line(
        drill,
        kind=LogKind.CONTAINED,
        side=soc,
        at=at(90),
        text="FS-01",
        exercise_seconds=4500,
        **given,
    )
    make.line(drill, kind=LogKind.DETECTED, side=red, at=at(20), text="", **given)
    make.line(drill, kind=LogKind.DETECTED, side=red, at=at(20), text="Lần hai", **given)
    make.line(
        drill,
        kind=LogKind.DECISION,
        at=at(100),
        exercise_seconds=5100,
        text="Tạm ngắt mạng",
        by=lead,
    )
    make.save(
        InjectVerdict(inject_id=first.id, side_id=soc.id, verdict=Verdict.PARTLY, note="Chậm")
    )


def test_a_drill_comes_out_and_goes_in_again_without_difference(session, past, planned, exported):
    target, before = exported(past)
    plan = planned(target)
    assert plan.problems == []
    assert plan.ignored == []
    assert plan.likely == past.code
    again = whole.carry_out(session, plan, by=past.lead, at=NOW)
    session.commit()
    session.expire_all()
    _target, after = exported(again)
    assert after == before
    assert again.id != past.id
    assert {len(rows) > 1 for rows in before.values()} == {True}
    ours, theirs = (results.of_drill(session, drill).whole for drill in (past, again))
    assert ours == theirs


def test_a_past_drill_is_recorded_as_good_as_one_run_live(make, session, facts, planned):
    owner = make.person(name="Trần Văn Chủ")
    plan = planned(
        book(
            Cuộc_diễn_tập=facts,
            Mục_tiêu=[["Nội dung", "Ưu tiên"], ["Khôi phục dữ liệu", "Cao"]],
            Thành_phần=[["Loại", "Tên", "Mã"], ["Bên", "Đội SOC", "soc"]],
            Tình_huống=[["STT", "Thời gian", "Tình huống", "Đơn vị nhận"], ["1", "T+5", "Mã độc", "soc"]],
            Kết_quả=[
                ["Số", "Đội", "Thời gian phát", "Phát hiện", "Khống chế", "Đạt"],
                ["1", "Đội SOC", "08:05", "08:12", "T+40", "Đúng như mong đợi"],
            ],
            Nhật_ký=[["Giờ", "Nội dung"], ["08:20", "Gọi cho lãnh đạo"]],
            Hạn_chế=[["Nội dung", "Tình huống số"], ["Chậm gọi", "1"]],
            Khắc_phục=[
                ["Hạn chế số", "Biện pháp", "Phụ trách", "Thời hạn"],
                ["1", "Lập danh bạ", owner.name, "30/06/2026"],
            ],
        ),
    )  # fmt: skip
    assert plan.problems == []
    drill = whole.carry_out(session, plan, by=None, at=NOW)
    session.commit()
    assert drill.status is Status.COMPLETED
    assert drill.ends_at == datetime(2026, 5, 8, 4, 30, tzinfo=UTC)
    inject = session.scalars(sa.select(Inject).where(Inject.drill_id == drill.id)).one()
    assert (inject.status, [side.key for side in inject.sides]) == (InjectStatus.RELEASED, ["soc"])
    (outcome,) = results.of_drill(session, drill).outcomes
    assert (outcome.detected_after, outcome.contained_after) == (7 * 60, 35 * 60)
    assert outcome.verdict is Verdict.MET
    lines = session.scalars(sa.select(LogEntry).where(LogEntry.drill_id == drill.id)).all()
    assert len(lines) == 4
    assert all(line.is_afterwards for line in lines)
    action = session.scalars(sa.select(CorrectiveAction)).one()
    assert (action.finding.inject_id, action.due_on) == (inject.id, date(2026, 6, 30))


def test_the_same_workbook_may_be_english(session, facts, make, planned):
    make.unit(code="DIC", name="Department")
    sheet = [
        ["Field", "Value"],
        ["Title", "May drill"],
        ["Kind", "Live-fire"],
        ["Unit in charge", "DIC"],
        ["Begins at", "2026-05-08 08:00"],
        ["Ends at", "2026-05-08 11:30"],
        ["Status", "Closed"],
    ]
    plan = planned(book(Drill=sheet, Findings=[["Finding", "Severity"], ["Slow", "High"]]))
    assert plan.problems == []
    drill = whole.carry_out(session, plan, by=None, at=NOW)
    assert (drill.status, drill.kind_key) == (Status.CLOSED, "live_fire")


WRONG = {
    "Mục tiêu": ([["Mục tiêu", "Ưu tiên"], ["A", "Vô cùng"]], 2, "Ưu tiên"),
    "Tham gia": ([["Là gì", "Tên"], ["Người", "Không Ai Biết"]], 2, "Tên"),
    "Tình huống": ([["Số", "Thời điểm", "Tình huống"], ["1", "lúc nào đó", "B"]], 2, "Thời điểm"),
    "Kết quả": ([["Tình huống số", "Phát lúc"], ["77", "08:10"]], 2, "Tình huống số"),
    "Nhật ký": ([["Thời điểm", "Nội dung"], ["31/12/2027 08:00", "x"]], 2, "Thời điểm"),
    "Hạn chế": ([["Hạn chế", "Mức độ"], ["", "Cao"]], 2, "Hạn chế"),
    "Khắc phục": ([["Biện pháp", "Phụ trách", "Hạn"], ["A", "B", "hôm nào"]], 2, "Hạn"),
}


def test_every_bad_cell_is_named_with_its_sheet_and_nothing_is_saved(
    session, facts, cli, tmp_path, planned
):
    facts[2][1] = "Bơi lội"
    sheets = {name.replace(" ", "_"): rows for name, (rows, _row, _column) in WRONG.items()}
    target = book(Cuộc_diễn_tập=facts, **sheets)
    told = {(p.sheet, p.row, p.column) for p in planned(target).problems}
    assert ("Cuộc diễn tập", 3, "Loại hình") in told
    assert {(name, row, column) for name, (_rows, row, column) in WRONG.items()} <= told
    (tmp_path / "x.xlsx").write_bytes(target.getvalue())
    answer = cli("drills", "import", tmp_path / "x.xlsx")
    assert answer.exit_code == 1
    assert "Cuộc diễn tập, 3, Loại hình “Bơi lội”" in answer.stderr
    assert session.scalar(sa.select(sa.func.count(Drill.id))) == 0


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (["1", "", "08:10", "08:05", "", ""], "detected_at"),
        (["1", "", "", "08:05", "", ""], "released_at"),
        (["1", "", "08:10", "", "", "x"], "left_out"),
        (["1", "đỏ", "08:10", "", "", ""], "side"),
    ],
)
def test_results_that_cannot_be_are_refused(session, facts, row, column, planned):
    heads = ["inject", "side", "released at", "detected at", "contained at", "left out"]
    target = book(
        Cuộc_diễn_tập=facts, Injects=[["Number", "Title"], ["1", "A"]], Results=[heads, row]
    )
    (problem,) = planned(target).problems
    label = next(c.label_vi for c in whole.sheets.RESULTS.columns if c.key == column)
    assert (problem.sheet, problem.row, problem.column) == ("Results", 2, label)


def test_a_clock_goes_through_its_turns(session, facts, planned):
    log = [["Thời điểm", "Loại"], ["08:00", "start"], ["09:00", "resume"]]
    (problem,) = planned(book(Cuộc_diễn_tập=facts, Nhật_ký=log)).problems
    assert (problem.row, problem.column) == (3, "Loại")


def test_whoever_owes_an_action_has_not_verified_it(session, facts, make, planned):
    owner = make.person(name="Lan")
    heads = ["Action", "Owner", "Due on", "Status", "What was done", "Verified by"]
    row = ["A", "Lan", "1/6/2026", "verified", "QT", owner.email]
    (problem,) = planned(book(Cuộc_diễn_tập=facts, Actions=[heads, row])).problems
    assert problem.column == "Người xác minh"


def test_the_page_shows_what_would_be_and_records_once(browser, session, facts):
    target = book(Cuộc_diễn_tập=facts, Tình_huống=[["STT", "Tình huống"], ["1", "Mã độc"]])
    answer = browser.post("/drills/import", {"file": (target, "thang5.xlsx")})
    page = browser.get(answer.location)
    assert "Diễn tập tháng 5" in page.main.text
    assert session.scalar(sa.select(sa.func.count(Drill.id))) == 0
    done = browser.post(answer.location)
    drill = session.scalars(sa.select(Drill)).one()
    assert done.location.endswith(f"/drills/{drill.id}/")
    browser.post(answer.location, status=422)
    assert session.scalar(sa.select(sa.func.count(Drill.id))) == 1


def test_the_page_names_mistakes_and_refuses_to_record(browser, session, facts):
    facts[3][1] = "Sở Không Có"
    answer = browser.post("/drills/import", {"file": (book(Cuộc_diễn_tập=facts), "x.xlsx")})
    page = browser.get(answer.location)
    assert "Sở Không Có" in page.select_one("#mistakes").text
    browser.post(answer.location, status=409)
    assert session.scalar(sa.select(sa.func.count(Drill.id))) == 0
    wrong = book(Linh_tinh=[["a"], ["b"]])
    assert (
        "Cuộc diễn tập"
        in browser.post("/drills/import", {"file": (wrong, "x.xlsx")}, status=422).text
    )


def test_the_template_can_be_filled_in(browser, planned):
    answer = browser.raw("/drills/import/template.xlsx")
    found = tabular.pages(io.BytesIO(answer.data), "x.xlsx", limit=100)
    assert [page.name for page in found] == [kind.label_vi for kind in whole.sheets.SHEETS]
    plan = planned(io.BytesIO(answer.data))
    assert {problem.sheet for problem in plan.problems} == {"Cuộc diễn tập"}
    assert plan.ignored == []


def test_only_those_who_know_the_secrets_take_the_workbook(browser, make, past):
    assert browser.raw(f"/drills/{past.id}/record.xlsx").status_code == 200
    player = make.person(role=Role.IR_MEMBER)
    make.named(past, player, Part.PLAYER)
    browser.sign_in(player)
    assert browser.raw(f"/drills/{past.id}/record.xlsx").status_code == 403
    browser.get("/drills/import", status=403)


def test_the_command_tries_imports_and_writes(cli, session, facts, tmp_path):
    path, out = tmp_path / "x.xlsx", tmp_path / "out.xlsx"
    path.write_bytes(book(Cuộc_diễn_tập=facts).getvalue())
    tried = cli("drills", "import", path, "--dry-run", "--json")
    assert (tried.exit_code, '"imported": false' in tried.output) == (0, True)
    assert session.scalar(sa.select(sa.func.count(Drill.id))) == 0
    assert cli("drills", "import", path).exit_code == 0
    drill = session.scalars(sa.select(Drill)).one()
    assert cli("drills", "export", drill.code, out).exit_code == 0
    assert pages(io.BytesIO(out.read_bytes()))[0].rows[1].cells == ("Tên", "Diễn tập tháng 5")
