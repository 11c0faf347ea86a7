"""Programmes, yearly plans, recurring drills, and the month as a grid."""

from datetime import date, datetime, timedelta
from io import BytesIO

import pytest

from drills.accounts.models import Role
from drills.core.errors import DomainError, NotAllowedNow
from drills.exercises.models import (
    Drill,
    PlannedDrillDetails,
    Programme,
    Recurrence,
    Status,
)
from drills.exercises.services import programmes
from tests.browser import Browser
from tests.exercises.test_plan import form_of

TODAY = date(2026, 11, 23)


@pytest.fixture
def programme(make):
    make.organisation()
    return make.programme()


def line(session, programme, **given):
    defaults = {"year": 2026, "title": "Diễn tập quý", "kind_key": "tabletop",
                "unit_id": programme.unit_id}  # fmt: skip
    return programmes.add_line(session, programme, PlannedDrillDetails(**defaults | given), by=None)


def test_a_programme_is_written_and_its_years_are_kept(session, browser, programme):
    browser.post(
        "/programmes/new",
        {"name": "Chương trình 2027-2029", "unit_id": programme.unit_id, "from_year": "2027",
         "to_year": "2029", "aims": ""},
    )  # fmt: skip
    assert session.query(Programme).count() == 2
    wrong = {"name": "X", "unit_id": programme.unit_id, "from_year": "2029", "to_year": "2027"}
    browser.post("/programmes/new", wrong, status=422)


def test_a_line_lies_in_the_years_of_its_programme(session, programme):
    with pytest.raises(DomainError):
        line(session, programme, year=2031)


def test_the_years_cannot_leave_a_line_out(session, browser, programme):
    line(session, programme, year=2028)
    form = form_of(browser.get(f"/programmes/{programme.id}/edit"))
    browser.post(f"/programmes/{programme.id}/edit", form | {"to_year": "2027"}, status=422)


@pytest.mark.parametrize(
    ("given", "late"),
    [({"month": 10}, True), ({"month": 11}, False), ({"quarter": 3}, True), ({"quarter": 4}, False),
     ({}, False), ({"year": 2027, "month": 1}, False)],
)  # fmt: skip
def test_a_line_is_late_when_its_month_has_passed_without_a_drill(session, programme, given, late):
    assert line(session, programme, **given).is_late(TODAY) is late


def test_a_drill_planned_from_a_line_belongs_to_it(make, session, browser, programme):
    foreseen = line(session, programme, month=12, title="Phòng chống mã độc")
    path = f"/drills/new?line={foreseen.id}"
    form = form_of(browser.get(path))
    assert form["title"] == "Phòng chống mã độc"
    browser.post(path, form)
    drill = session.query(Drill).one()
    assert foreseen.drill_id == drill.id
    assert drill.code in browser.get(f"/programmes/{programme.id}/").text
    with pytest.raises(NotAllowedNow):
        programmes.drop_line(session, foreseen, by=None)


def test_the_plan_leaves_as_a_sheet_with_what_became_of_it(make, session, browser, programme):
    from python_calamine import CalamineWorkbook

    held = line(session, programme, month=3, title="=1+1")
    drill = make.drill()
    programmes.hold_line(session, held, drill, by=None)
    line(session, programme, quarter=4)
    answer = browser.raw(f"/programmes/{programme.id}/plan.xlsx")
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    answer.close()
    assert [row[2] for row in rows[1:]] == ["=1+1", "Diễn tập quý"]
    assert rows[1][5:7] == [drill.code, drill.day]
    assert rows[2][1] == "Quý 4"


def test_one_drill_stands_for_one_line(make, session, programme):
    drill, first, second = make.drill(), line(session, programme), line(session, programme)
    programmes.hold_line(session, first, drill, by=None)
    with pytest.raises(DomainError):
        programmes.hold_line(session, second, drill, by=None)
    programmes.hold_line(session, first, None, by=None)
    programmes.hold_line(session, second, drill, by=None)


def test_the_programme_of_another_unit_does_not_exist(app, make, session):
    make.organisation()
    foreign, unit = make.programme(unit=make.unit()), make.unit()
    for role in (Role.UNIT_OFFICER, Role.SECURITY_TEAM):
        browser = Browser(app, session, as_=make.person(role=role, unit=unit))
        browser.get(f"/programmes/{foreign.id}/", status=404)


def test_a_programme_page_asks_the_same_for_many_lines(make, session, browser, programme, queries):
    def cost():
        session.commit()
        with queries() as seen:
            browser.raw(f"/programmes/{programme.id}/")
        return len(seen)

    line(session, programme)
    cost()
    few = cost()
    for number in range(1, 12):
        held = line(session, programme, month=number)
        programmes.hold_line(session, held, make.drill(unit=make.unit()), by=None)
    assert cost() <= few + 1 <= 9


# What recurs


def recurrence(make, **given):
    defaults = {"name": "Diễn tập quý", "unit": make.root(), "kind_key": "tabletop",
                "every_months": 3, "first_on": date(2026, 1, 31)}  # fmt: skip
    return make.save(Recurrence(**defaults | given))


def test_a_series_falls_on_the_last_day_of_a_shorter_month(make):
    make.organisation()
    series = recurrence(make, until=date(2027, 2, 1))
    assert list(series.days()) == [
        date(2026, 1, 31), date(2026, 4, 30), date(2026, 7, 31), date(2026, 10, 31),
        date(2027, 1, 31),
    ]  # fmt: skip


def on(make, day, **given):
    starts = datetime(day.year, day.month, day.day, 1, tzinfo=make.now.tzinfo)
    return make.drill(starts_at=starts, **given)


def test_the_next_day_is_the_first_without_a_drill(make):
    make.organisation()
    series = recurrence(make)
    held = [on(make, date(2026, 1, 30)), on(make, date(2026, 5, 6)), on(make, date(2026, 7, 31))]
    assert programmes.next_day(series, held, TODAY) == date(2026, 10, 31)
    held.append(on(make, date(2026, 11, 3)))
    assert programmes.next_day(series, held, TODAY) == date(2027, 1, 31)
    held[-1].status = Status.CANCELLED
    assert programmes.next_day(series, held, TODAY) == date(2026, 10, 31)
    assert programmes.next_day(recurrence(make, until=date(2026, 4, 1)), [], TODAY) is None


def test_the_next_of_a_series_is_copied_from_the_last(make, session, browser):
    make.organisation()
    series = recurrence(make)
    last = on(make, date(2026, 10, 30), title="Quý IV", scope="Cổng dịch vụ công")
    last.recurrence_id = series.id
    make.save(last)
    page = browser.get("/programmes/")
    assert "31/01/2027" in page.text
    path = f"/drills/new?recurrence={series.id}"
    form = form_of(browser.get(path))
    assert (form["title"], form["starts_on"]) == ("Diễn tập quý", "31/01/2027")
    browser.post(path, form)
    new = session.query(Drill).filter(Drill.id != last.id).one()
    assert (new.recurrence_id, new.copied_from_id) == (series.id, last.id)
    assert new.scope == "Cổng dịch vụ công"


# The month


def test_a_month_shows_its_drills_on_their_days(make, browser):
    make.organisation()
    drill = make.drill(starts_at=datetime(2026, 11, 26, 1, tzinfo=make.now.tzinfo))
    long = make.drill(
        starts_at=datetime(2026, 11, 10, 1, tzinfo=make.now.tzinfo),
        ends_at=datetime(2026, 11, 11, 17, tzinfo=make.now.tzinfo),
    )
    off = make.drill(
        starts_at=datetime(2026, 11, 12, 1, tzinfo=make.now.tzinfo), status=Status.CANCELLED
    )
    page = browser.get("/drills/calendar/month?month=2026-11")

    def days(title):
        return [
            cell.select_one("time")["datetime"]
            for cell in page.select(".month td")
            if any(title in link.text for link in cell.select("a"))
        ]

    assert days(drill.title) == ["2026-11-26"]
    assert days(long.title) == ["2026-11-10", "2026-11-11"]
    assert days(off.title) == ["2026-11-12"]
    assert page.select_one("td.today time")["datetime"] == "2026-11-23"
    assert page.select_one("[aria-current=date]").text.strip().startswith("23")


def test_a_day_that_the_holidays_take_is_grey(make, session, browser):
    from drills.workdays.models import Holiday

    make.organisation()
    make.save(Holiday(day=date(2026, 11, 24), name="Ngày nghỉ bù", is_working=False))
    page = browser.get("/drills/calendar/month?month=2026-11")
    grey = {cell.select_one("time")["datetime"] for cell in page.select(".month td.off")}
    assert "2026-11-24" in grey
    assert "2026-11-22" in grey
    assert "2026-11-25" not in grey


def test_a_month_asks_few_questions_whatever_it_holds(make, session, browser, queries):
    def cost():
        session.commit()
        with queries() as seen:
            browser.raw("/drills/calendar/month?month=2026-12")
        return len(seen)

    make.organisation()
    cost()
    few = cost()
    for number in range(12):
        make.drill(starts_at=make.now + timedelta(days=10 + number), unit=make.unit())
    assert cost() <= few <= 8


# The library


def test_a_changed_story_is_a_new_version_and_drills_keep_theirs(make, session, browser):
    make.organisation()
    scenario = make.scenario()
    drill = make.drill()
    page = browser.get(f"/scenarios/{scenario.id}/")
    use = page.select_one("#use a")["href"]
    browser.post(use, {"version_id": scenario.newest.id})
    assert drill.scenario_version_id == scenario.newest.id
    form = form_of(browser.get(f"/scenarios/{scenario.id}/edit"))
    browser.post(f"/scenarios/{scenario.id}/edit", form | {"title": "Tên khác"})
    assert [version.number for version in scenario.versions] == [1]
    form = form_of(browser.get(f"/scenarios/{scenario.id}/edit"))
    browser.post(
        f"/scenarios/{scenario.id}/edit", form | {"story": "Khác hẳn", "change": "Thêm hồi 2"}
    )
    assert [version.number for version in scenario.versions] == [2, 1]
    assert drill.scenario_version_id == scenario.versions[1].id
    assert "phiên bản 2" in browser.get(f"/drills/{drill.id}/plan/").select_one("#scenario").text
    browser.post(f"/scenarios/{scenario.id}/edit", form, status=409)


def test_a_retired_scenario_leaves_the_list_and_can_come_back(make, session, browser):
    make.organisation()
    scenario = make.scenario(title="Thư lừa đảo")
    browser.post(f"/scenarios/{scenario.id}/retire")
    assert "Thư lừa đảo" not in browser.get("/scenarios/").text
    assert "Thư lừa đảo" in browser.get("/scenarios/?retired=1").text
    browser.post(f"/scenarios/{scenario.id}/retire", {"is": "no"})
    assert "Thư lừa đảo" in browser.get("/scenarios/").text


def test_the_trail_does_not_tell_the_story(make, session, browser):
    from drills.audit.models import Entry

    make.organisation()
    form = {"title": "Kịch bản kín", "unit_id": make.root().id, "kind_key": "", "summary": "bí-1",
            "story": "bí-2", "assumptions": "bí-3"}  # fmt: skip
    browser.post("/scenarios/new", form)
    assert not any("bí-" in str(entry.changes) for entry in session.query(Entry))


def test_a_scenario_of_another_unit_does_not_exist(app, make, session):
    make.organisation()
    scenario = make.scenario(unit=make.unit())
    planner = make.person(role=Role.SECURITY_TEAM, unit=make.unit())
    browser = Browser(app, session, as_=planner)
    browser.get(f"/scenarios/{scenario.id}/", status=404)
    browser.post(f"/scenarios/{scenario.id}/retire", status=404)
    assert scenario.title not in browser.get("/scenarios/").text
