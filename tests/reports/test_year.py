"""The five sentences of the year-end report, as exact figures."""

from datetime import UTC, date, datetime

import pytest

from drills.accounts.models import Role
from drills.exercises.models import Edition, Participation, Series, Status
from drills.roster.models import TrainingAttendance, TrainingResult
from drills.systems.models import Approval

YEAR_END = date(2023, 12, 31)


@pytest.fixture
def page(demo_year, browser):
    return browser.get("/reports/2024/")


def text(page, part):
    return " ".join(page.select_one(part).get_text(" ").split())


def test_approved_levels_come_with_the_rank_and_its_source(page):
    levels = text(page, "#levels")
    assert "312 trên 312" in levels
    assert "3 trên 63 (63 tỉnh, thành phố)" in levels
    assert "Báo cáo tổng kết năm 2024" in levels
    counts = [td.text for td in page.select("#levels tbody td")]
    assert counts == ["1", "6", "71", "168", "66"]


def test_live_fire_drills_are_counted_with_the_tiers_that_took_part(page):
    live = text(page, "#live")
    assert "Số đợt diễn tập thực chiến 3" in live
    assert "Cấp huyện (đến 30/06/2025) 13" in live
    assert "Xã, phường, đặc khu 96" in live


def test_each_international_drill_names_rank_denominator_and_source(page):
    rows = [" ".join(row.text.split()) for row in page.select("#international tbody tr")]
    assert len(rows) == 2
    assert "APCERT 2024" in rows[0]
    assert "6 trên 63" in rows[0]
    assert "4 trên 63" in rows[1]
    assert all("không phải kết quả đã công bố" in row for row in rows)


def test_what_is_not_kept_here_is_said_and_not_counted_as_none(page):
    assert "không theo dõi sự cố" in text(page, "#incidents")


def test_courses_are_counted_with_the_people_who_came(browser, make):
    first, second = make.training(starts_on=date(2023, 5, 4)), make.training(starts_on=YEAR_END)
    make.training(starts_on=date(2024, 1, 1))
    twice, once, absent = make.person(), make.person(), make.person()
    for event, person in ((first, twice), (second, twice), (second, once)):
        make.save(TrainingAttendance(training_event=event, person=person))
    gone = TrainingResult.ABSENT
    make.save(TrainingAttendance(training_event=second, person=absent, result=gone))
    told = text(browser.get("/reports/2023/"), "#training")
    assert "Số lớp đã tổ chức 2" in told
    assert "Số người tham dự 2" in told


def test_the_lists_behind_the_figures_hold_as_many_rows(page, browser):
    link = page.select_one("#live .linkrow")["href"]
    assert "year=2024" in link
    rows = browser.get(link).select("main a[href^='/drills/']")
    assert len({a["href"] for a in rows if a["href"].split("/")[2].isdigit()}) == 3


def test_decisions_of_a_later_year_are_not_counted_yet(browser, make):
    given = {"level": 2, "approval": Approval.APPROVED, "decision_number": "1/QĐ"}
    make.system(decision_date=date(2024, 12, 31), **given)
    make.system(decision_date=date(2025, 1, 1), **given)
    assert "1 trên 1 " in text(browser.get("/reports/2024/"), "#levels")
    assert "2 trên 2" in text(browser.get("/reports/2025/"), "#levels")


def test_a_year_that_is_not_over_says_as_of_when(browser):
    assert "23/11/2026" in text(browser.get("/reports/2026/"), ".head")


def test_a_response_member_is_refused(browser, make):
    browser.sign_in(make.person(role=Role.IR_MEMBER))
    browser.get("/reports/2024/", status=403)


def test_a_year_nobody_lives_in_is_not_found(browser):
    browser.get("/reports/9999/", status=404)


def held(make, edition, count):
    """Systems with an approved level and drills that were held, one in two of them abroad."""
    for n in range(count):
        make.system(
            level=2, approval=Approval.APPROVED, decision_number="1", decision_date=date(2025, 5, 1)
        )
        make.drill(
            unit=make.unit(),
            starts_at=datetime(2025, 6, 1 + n, tzinfo=UTC),
            status=Status.CLOSED,
            kind_key="live_fire",
            participation=Participation(edition=edition, rank=n + 1) if n % 2 else None,
        )


def test_the_figures_of_a_year_take_at_most_eight_statements(browser, make, queries):
    series = make.save(Series(code="ACID", name="ACID"))
    edition = make.save(Edition(series_id=series.id, year=2025, source="csa.gov.sg"))
    counts = []
    for count, abroad in ((2, 1), (6, 1 + 3)):
        held(make, edition, count)
        rows = browser.get("/reports/2025/").select("#international tbody tr")
        assert len(rows) == abroad
        with queries() as seen:
            browser.client.get("/reports/2025/")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 8


def test_remembered_levels_follow_the_register(browser, make):
    given = {"level": 2, "approval": Approval.APPROVED, "decision_number": "1/QĐ"}
    make.system(decision_date=date(2024, 12, 31), **given)
    assert "1 trên 1 " in text(browser.get("/reports/2024/"), "#levels")
    make.system(decision_date=date(2024, 12, 30), **given)
    assert "2 trên 2 " in text(browser.get("/reports/2024/"), "#levels")
