"""Form 08: totals that hold one another, exact words, the window of the data, what is missing."""

import io
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from drills.accounts.models import Role
from drills.approvals.models import Check, CheckKind
from drills.reports.models import form_08
from drills.systems.models import Approval, Decision, PlanState, SystemStatus
from tests.browser import Browser

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2026, 11, 23)


@pytest.fixture
def reader(make):
    make.organisation()
    return make.person(role=Role.MANAGER)


def approved(make, signed_on=date(2025, 3, 1), **given):
    summary = {
        "level": 3,
        "approval": Approval.APPROVED,
        "decision_number": "45/QĐ-UBND",
        "decision_date": signed_on,
        "decision_authority": "UBND tỉnh",
    }
    system = make.system(**summary | given)
    make.save(
        Decision(
            system=system,
            level=system.level,
            number="45/QĐ-UBND",
            signed_on=signed_on,
            authority="UBND tỉnh",
            recorded_at=make.now,
        )
    )
    return system


def checked(make, system, done_on, **given):
    make.save(
        Check(system=system, kind=CheckKind.COMPLIANCE, done_on=done_on, done_by="CAT", **given)
    )


def form(session, reader, year=2026, today=TODAY):
    return form_08.form(session, reader, year, today, ZONE)


def lines(session, reader, **given):
    return {line.code: line for line in form(session, reader, **given).lines}


def test_the_data_run_from_15_december_to_14_december(session, reader):
    running, over = form(session, reader), form(session, reader, year=2025)
    assert (running.since, running.until) == (date(2025, 12, 15), date(2026, 12, 14))
    assert (running.closed_on, running.is_closed) == (TODAY, False)
    assert (over.closed_on, over.is_closed) == (date(2025, 12, 14), True)


@pytest.mark.parametrize(
    ("approval", "word"),
    [
        (Approval.NONE, ""),
        (Approval.DRAFTING, "Đang dự thảo"),
        (Approval.SENT, "Đã gửi thẩm định"),
        (Approval.APPRAISED, "Đã thẩm định"),
    ],
)
def test_the_status_is_told_in_the_words_of_the_form(session, make, reader, approval, word):
    system = make.system(approval=approval)
    line = lines(session, reader)[system.code]
    assert form_08.APPROVAL_WORDS[line.standing] == word


def test_an_approval_whose_review_is_late_is_still_an_approval(session, make, reader):
    system = approved(make, review_due_on=TODAY - timedelta(days=1))
    line = lines(session, reader)[system.code]
    assert form_08.APPROVAL_WORDS[line.standing] == "Đã được phê duyệt"
    assert line.decision.text == "45/QĐ-UBND ngày 01/03/2025 của UBND tỉnh"


def test_totals_hold_one_another_and_leave_out_what_is_out_of_use(session, make, reader):
    one = approved(make)
    approved(make)
    checked(make, one, date(2026, 3, 1))
    for approval in (Approval.NONE, Approval.DRAFTING, Approval.SENT, Approval.APPRAISED):
        make.system(approval=approval, approval_expected_on=date(2027, 1, 31))
    make.system(status=SystemStatus.DECOMMISSIONED)
    totals = form(session, reader).totals
    counts = (totals.managed, totals.with_dossier, totals.appraised, totals.approved)
    assert counts == (6, 5, 3, 2)
    assert (totals.checked, totals.nested) == (1, True)
    assert totals.expected_by == date(2027, 1, 31)


def test_without_an_expected_day_for_each_there_is_no_day_for_all(session, make, reader):
    make.system(approval_expected_on=date(2027, 1, 31))
    make.system()
    assert form(session, reader).totals.expected_by is None


@pytest.mark.parametrize(
    ("done_on", "before", "words"),
    [
        (date(2025, 12, 14), False, ""),
        (date(2025, 12, 15), False, "Định kỳ"),
        (date(2023, 5, 1), True, "Trước khi đưa vào sử dụng"),
    ],
)
def test_a_periodic_check_counts_within_its_year(session, make, reader, done_on, before, words):
    system = approved(make)
    checked(make, system, done_on, is_before_use=before)
    assert lines(session, reader)[system.code].checks == words


def test_both_checks_are_told_together(session, make, reader):
    system = approved(make)
    checked(make, system, date(2023, 5, 1), is_before_use=True)
    checked(make, system, date(2026, 5, 1))
    assert lines(session, reader)[system.code].checks == "Trước khi đưa vào sử dụng; Định kỳ"


def test_each_line_says_what_it_lacks(session, make, reader):
    bare, done = make.system(level=2), approved(make)
    complete = approved(
        make,
        plan_state=PlanState.FULLY,
        regulation_number="12/QĐ",
        regulation_date=date(2024, 1, 2),
        regulation_authority="UBND tỉnh",
    )
    checked(make, complete, date(2026, 3, 1))
    found = lines(session, reader)
    assert found[bare.code].missing == ("dossier", "approval_day")
    assert found[done.code].missing == ("regulation", "plan", "check")
    assert found[complete.code].missing == ()


def test_a_plan_in_part_needs_the_day_it_will_be_whole(session, make, reader):
    system = approved(make, plan_state=PlanState.PARTLY)
    assert "plan_day" in lines(session, reader)[system.code].missing


def test_the_workbook_has_the_twelve_columns_and_the_exact_words(app, session, make, reader):
    system = approved(
        make,
        name="=HYPERLINK(1) <A&B>",
        plan_state=PlanState.PARTLY,
        plan_expected_on=date(2027, 2, 1),
    )
    checked(make, system, date(2026, 3, 1))
    browser = Browser(app, session, as_=reader)
    with browser.raw("/reports/form-08.xlsx?year=2026") as answer:
        assert answer.status_code == 200
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    texts = [str(row[0]) for row in book.get_sheet_by_index(0).to_python()]
    rows = book.get_sheet_by_index(1).to_python()
    assert "Số liệu từ ngày 15/12/2025 đến ngày 14/12/2026" in texts
    assert "- Tổng số hệ thống thông tin đã được phê duyệt cấp độ: 1;" in texts
    head = next(n for n, row in enumerate(rows) if row[0] == "STT")
    assert rows[head][11] == "Đã kiểm tra, đánh giá ANM"
    assert [str(cell) for cell in rows[head + 1]] == [f"({n})" for n in range(1, 13)]
    line = rows[head + 2]
    assert line[1] == "=HYPERLINK(1) <A&B>"
    assert line[5:7] == ["Đã được phê duyệt", "45/QĐ-UBND ngày 01/03/2025 của UBND tỉnh"]
    assert line[9] == "Đã triển khai một số hạng mục"
    assert line[11] == "Định kỳ"


def test_the_page_lists_what_is_missing_with_a_link_to_each(app, session, make, reader):
    system = make.system(level=2)
    browser = Browser(app, session, as_=reader)
    page = browser.get("/reports/form-08/?year=2026")
    links = [a["href"] for a in page.select("#missing a.go")]
    assert any("missing=dossier" in link for link in links)
    listed = browser.get(next(link for link in links if "missing=dossier" in link))
    assert listed.select_one(f"#lines a[href='/systems/{system.id}/']")


def test_a_year_that_has_not_begun_has_no_form(app, session, reader):
    Browser(app, session, as_=reader).get("/reports/form-08/?year=2028", status=404)


def test_the_form_takes_the_same_queries_however_long_it_is(session, make, reader, queries):
    counts = []
    for _ in range(2):
        for _ in range(3):
            approved(make, owner=make.unit())
        with queries() as seen:
            form(session, reader)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 9
