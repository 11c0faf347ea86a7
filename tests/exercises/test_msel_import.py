"""Lists of injects from people's sheets, and back into them."""

import io

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drills.audit.models import Entry
from drills.core import tabular
from drills.core.errors import Conflict, DomainError
from drills.exercises.models import Inject, InjectStatus, MselColumn, Objective, Side
from drills.exercises.services import msel
from drills.exercises.services.msel import details_of
from drills.exercises.services.msel.cells import join_message, split_message
from tests.exercises.sheets import (
    chronogram,
    exported,
    imported,
    planned,
    told,
    workbook,
)

HEADER = ["STT", "Thời gian", "Tình huống", "Nội dung", "Đơn vị nhận", "Hành động mong đợi"]
EVERY_SET = ["standard", "mitre", "hseep"]


def count(session, model=Inject):
    return session.scalar(sa.select(sa.func.count()).select_from(model))


def all_details(session, drill):
    return [details_of(inject) for inject in msel.known(session, drill).injects]


@pytest.mark.parametrize("chosen", EVERY_SET)
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_sixty_injects_go_in_out_and_in_again_without_difference(session, make, chosen, ending):
    drill, other = make.drill(), make.drill()
    first = imported(session, drill, workbook(chronogram(chosen)))
    assert (len(first.additions), first.unchanged, first.layout.ignored) == (60, 0, [])
    sheet = exported(session, drill, chosen, ending)
    again = imported(session, drill, sheet, f"msel.{ending}")
    assert (len(again.additions), len(again.changes), again.unchanged) == (0, 0, 60)
    imported(session, other, sheet, f"msel.{ending}")
    assert all_details(session, other) == all_details(session, drill)
    assert exported(session, other, chosen, "csv") == exported(session, drill, chosen, "csv")


@pytest.mark.parametrize("chosen", EVERY_SET)
def test_what_a_set_has_no_column_for_is_left_as_it_was(session, make, chosen):
    drill = make.drill()
    imported(session, drill, workbook(chronogram("standard")))
    before = all_details(session, drill)
    again = imported(session, drill, exported(session, drill, chosen))
    assert (len(again.changes), again.unchanged) == (0, 60)
    assert all_details(session, drill) == before


def test_our_own_columns_carry_everything(session, make):
    drill, other = make.drill(), make.drill()
    rows = [
        [*HEADER, "Dự phòng", "Sau tình huống số", "Phát hiện trong (phút)", "Mục tiêu", "Pha"],
        [1, "T+5", "Thư lạ", "Có thư lạ", "SOC", "Báo", "", "", 10, "Báo cáo kịp thời", "Pha 1"],
        [2, "khi cần", "Gợi ý", "Xem lại thư", "", "", "x", 1, "", "", "Pha 1"],
    ]
    imported(session, drill, workbook(rows))
    spare = session.scalars(sa.select(Inject).where(Inject.number == "2")).one()
    assert spare.is_contingency
    assert spare.depends_on.number == "1"
    assert spare.offset_seconds is None
    imported(session, other, exported(session, drill, "ours"))
    assert all_details(session, other) == all_details(session, drill)


def test_a_real_sheet_with_titles_sections_and_merged_cells_is_read(session, make):
    drill = make.drill()
    rows = [
        [],
        [],
        HEADER,
        [],
        [1, "T+15", "Thư lừa đảo", "Có thư", "", "Báo cáo"],
        [2, "", "Mã độc", "Máy trạm", "", "Cô lập"],
        ["II", "PHA 2: LAN RỘNG"],
        [3, "09:05", "Máy chủ", "Tệp bị khóa", "Sở Khoa học và Công nghệ", "Khôi phục"],
        HEADER,
        [4, "H+1:30", "Báo chí", "Có tin", "SOC, Phòng CNTT và Tổ báo chí", "Trả lời"],
    ]
    merged = [
        (0, 0, 0, 5, "KỊCH BẢN DIỄN TẬP"),
        (3, 0, 3, 5, "PHA 1: XÂM NHẬP"),
        (4, 4, 5, 4, "SOC / Phòng CNTT"),
    ]
    rows[5][1] = "M-5"
    plan = imported(session, drill, workbook(rows, merged=merged))
    assert plan.phases == ["PHA 1: XÂM NHẬP", "PHA 2: LAN RỘNG"]
    found = all_details(session, drill)
    assert [(d.number, d.phase, d.offset_seconds) for d in found] == [
        ("1", "PHA 1: XÂM NHẬP", 900),
        ("2", "PHA 1: XÂM NHẬP", -300),
        ("3", "PHA 2: LAN RỘNG", None),
        ("4", "PHA 2: LAN RỘNG", 5400),
    ]
    assert [d.sides for d in found] == [
        ("phong-cntt", "soc"),
        ("phong-cntt", "soc"),
        ("skhvcn",),
        ("phong-cntt", "soc", "to-bao-chi"),
    ]
    assert found[2].planned_at.astimezone(drill.zone).strftime("%H:%M") == "09:05"
    assert set(session.scalars(sa.select(Side.name))) >= {"Sở Khoa học và Công nghệ"}


def test_the_sheet_with_the_list_is_found_behind_a_cover(session, make):
    cover = ("Bìa", [["KẾ HOẠCH"], ["Đơn vị", "Sở"]])
    rows = [HEADER, [1, "T+1", "Thư", "Nội dung", "SOC", "Báo"]]
    plan = imported(session, make.drill(), workbook(rows, sheets=[cover]))
    assert len(plan.additions) == 1


def test_a_sheet_without_a_header_is_refused_with_a_remedy(session, make):
    with pytest.raises(DomainError, match="No line of the file looks like the header"):
        planned(session, make.drill(), workbook([[1, "T+15", "Thư"], [2, "T+20", "Mã độc"]]))


def test_every_bad_row_is_named_at_once_and_nothing_is_saved(session, make):
    drill = make.drill()
    rows = [
        [*HEADER, "Sau tình huống số", "Khống chế trong (phút)"],
        [1, "T+15", "Tốt", "…", "SOC", "Báo", "", 30],
        [2, "lúc nào đó", "Giờ sai", "…", "SOC", "Báo"],
        [2, "25:61", "Số trùng", "…", "SOC", "Báo"],
        ["", "T+1:75", "Không số", "…", "SOC", "Báo"],
        [5, "T+20", "", "", "SOC", "Báo"],
        [6, "T+20", "X" * 201, "…", "SOC", "Báo"],
        [7, "T+20", "Chờ ai", "…", "SOC", "Báo", 99],
        [8, "T+20", "Vòng", "…", "SOC", "Báo", 9],
        [9, "T+20", "Tròn", "…", "SOC", "Báo", 8],
        [10, "T+20", "Phút", "…", "SOC", "Báo", "", "lâu"],
    ]
    known, plan = planned(session, drill, workbook(rows))
    assert told(plan) == [
        (3, "Thời gian", "lúc nào đó"),
        (4, "Thời gian", "25:61"),
        (4, "STT", "2"),
        (5, "STT", ""),
        (5, "Thời gian", "T+1:75"),
        (6, "Tình huống", ""),
        (7, "Tình huống", "X" * 60 + "…"),
        (11, "Khống chế trong (phút)", "lâu"),
        (8, "Sau tình huống số", "99"),
        (9, "Sau tình huống số", "9"),
        (10, "Sau tình huống số", "8"),
    ]
    assert all(problem.reason and problem.remedy for problem in plan.problems)
    with pytest.raises(Conflict):
        msel.carry_out(session, known, plan, by=None)
    assert count(session) == count(session, Side) == 0


def test_a_merged_cell_that_is_wrong_is_named_in_every_row_it_covers(session, make):
    drill = make.drill()
    rows = [[*HEADER, "Người trực"], *([n, "", "Thư", "…", "SOC", "", "Lan"] for n in range(1, 4))]
    data = workbook(rows, merged=[(1, 1, 3, 1, "đầu giờ sáng")])
    known, plan = planned(session, drill, data)
    assert told(plan) == [(row, "Thời gian", "đầu giờ sáng") for row in (2, 3, 4)]
    assert plan.layout.ignored == ["Người trực"]
    with pytest.raises(Conflict):
        msel.carry_out(session, known, plan, by=None)
    assert count(session) == 0


def test_unknown_columns_are_named_or_kept_when_asked(session, make):
    drill = make.drill()
    data = workbook([[*HEADER, "Người phụ trách"], [1, "T+1", "Thư", "…", "SOC", "", "Lan"]])
    known, plan = planned(session, drill, data)
    assert plan.layout.ignored == ["Người phụ trách"]
    pages = tabular.pages(io.BytesIO(data), "x", limit=9)
    kept = msel.with_meanings(plan.layout, [*plan.layout.meanings[:-1], "column"])
    plan = msel.plan_import(known, pages, kept)
    msel.carry_out(session, known, plan, by=None)
    session.commit()
    column = session.scalars(sa.select(MselColumn)).one()
    assert (column.label, column.audience) == ("Người phụ trách", "control")
    assert session.scalars(sa.select(Inject)).one().extra == {column.key: "Lan"}


def test_a_second_import_tells_new_from_changed_by_number(session, make):
    drill = make.drill()
    one, two = [1, "T+1", "Thư", "Có thư", "SOC", "Báo"], [2, "T+2", "Mã", "Có mã", "SOC", ""]
    imported(session, drill, workbook([HEADER, one, two]))
    changed = [2, "T+12", "Mã độc", "Có mã", "SOC", ""]
    new = [3, "T+30", "Tin", "Có tin", "", ""]
    _known, plan = planned(session, drill, workbook([HEADER, changed, new]))
    assert [a.details.number for a in plan.additions] == ["3"]
    assert [(c.inject.number, c.keys) for c in plan.changes] == [("2", ["title", "offset_seconds"])]
    assert plan.kept == ["1"]


def test_a_released_inject_is_not_changed_by_a_file(session, make):
    drill = make.drill()
    imported(session, drill, workbook([HEADER, [1, "T+1", "Thư", "Có thư", "SOC", "Báo"]]))
    inject = session.scalars(sa.select(Inject)).one()
    inject.status, inject.released_at = InjectStatus.RELEASED, make.now
    session.commit()
    same = workbook([HEADER, [1, "T+1", "Thư", "Có thư", "SOC", "Báo"]])
    assert planned(session, drill, same)[1].unchanged == 1
    other = workbook([HEADER, [1, "T+1", "Khác", "Có thư", "SOC", "Báo"]])
    assert told(planned(session, drill, other)[1]) == [(2, "Tình huống", "Khác")]


def test_one_entry_of_the_trail_tells_of_the_batch(session, make):
    drill, person = make.drill(), make.person()
    imported(session, drill, workbook(chronogram("hseep")), by=person)
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "msel_imported")).one()
    assert (entry.subject_kind, entry.subject_id, entry.actor_id) == ("msel", drill.id, person.id)
    assert entry.changes["added"] == ["", "60"]
    assert entry.changes["file"] == "msel.xlsx"


def test_objectives_a_sheet_names_are_added_once(session, make):
    drill = make.drill()
    imported(session, drill, workbook(chronogram("hseep")))
    assert count(session, Objective) == 4


def test_a_cell_that_would_run_is_text(session, make):
    drill = make.drill()
    imported(session, drill, workbook([HEADER, [1, "T+1", "=cmd()", "@x", "SOC", "-1"]]))
    text = exported(session, drill, "ours", "csv").decode("utf-8-sig")
    assert "'=cmd()" in text
    assert "'@x" in text
    assert "'-1" in text
    assert imported(session, drill, exported(session, drill, "ours", "csv"), "x.csv").unchanged == 1


@given(
    title=st.text("ab ế\t.!", min_size=1, max_size=30).map(str.split).map(" ".join).filter(bool),
    content=st.text("ab. ế\n!", max_size=400).map(str.strip),
)
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=300)
def test_a_title_and_a_content_survive_as_one_message(title, content):
    assert split_message(join_message(title, content)) == (title, content)
