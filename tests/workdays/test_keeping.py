from datetime import date

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.audit.models import Entry
from drills.core.errors import Conflict, DomainError
from drills.workdays import services
from drills.workdays.models import Holiday, HolidayDetails
from tests.browser import Browser


def words(page):
    return " ".join(page.main.text.split())


def listed(session):
    return {h.day: (h.name, h.is_working) for h in session.scalars(sa.select(Holiday))}


def test_a_year_is_filled_with_the_public_holidays_and_swapped_days(session):
    assert services.seed(session, [2026]) > 10
    days = listed(session)
    assert days[date(2026, 9, 2)] == ("Quốc khánh", False)
    assert days[date(2026, 8, 22)][1] is True
    calendar = services.calendar(session, date(2026, 1, 1), date(2026, 12, 31))
    assert not calendar.is_working(date(2026, 8, 31))
    assert calendar.is_working(date(2026, 8, 22))
    assert calendar.add(date(2026, 8, 28), 2) == date(2026, 9, 4)


def test_a_year_somebody_keeps_is_left_alone(session, make):
    person = make.person(role=Role.ADMINISTRATOR)
    services.add(session, HolidayDetails(date(2026, 1, 2), "Nghỉ thêm"), by=person)
    assert services.seed(session, [2026]) == 0
    assert list(listed(session)) == [date(2026, 1, 2)]
    assert services.seed(session, [2027]) > 10
    assert services.seed(session, [2027]) == 0


def test_every_day_that_is_filled_in_stands_in_the_trail(session):
    count = services.seed(session, [2026])
    query = sa.select(sa.func.count()).where(Entry.subject_kind == "holiday")
    assert session.scalar(query) == count


def test_a_day_is_listed_once(session):
    services.add(session, HolidayDetails(date(2026, 1, 2), "Một"), by=None)
    with pytest.raises(Conflict, match="02/01/2026"):
        services.add(session, HolidayDetails(date(2026, 1, 2), "Hai"), by=None)


def test_only_a_weekend_day_is_made_a_working_day(session):
    with pytest.raises(DomainError, match="23/11/2026"):
        services.add(session, HolidayDetails(date(2026, 11, 23), "x", is_working=True), by=None)


def test_the_calendar_is_read_in_one_query(session, queries):
    services.seed(session, [2026])
    session.commit()
    with queries() as seen:
        calendar = services.calendar(session, date(2026, 1, 1), date(2026, 12, 31))
        calendar.add(date(2026, 1, 1), 200)
    assert len(seen) == 1


def test_the_page_offers_to_fill_an_empty_year(browser, session):
    page = browser.get("/workdays/?year=2027")
    assert page.select_one("form[action='/workdays/fill']")
    browser.post("/workdays/fill", {"year": 2027})
    assert "02/09/2027" in words(browser.get("/workdays/?year=2027"))


def test_a_day_is_added_and_removed_on_the_page(browser, session):
    browser.post("/workdays/", {"day": "24/11/2026", "name": "Ngày Văn hóa", "what": "off"})
    assert listed(session) == {date(2026, 11, 24): ("Ngày Văn hóa", False)}
    holiday = session.scalars(sa.select(Holiday)).one()
    browser.post(f"/workdays/{holiday.id}/remove")
    assert listed(session) == {}
    verbs = session.scalars(sa.select(Entry.verb).where(Entry.subject_kind == "holiday"))
    assert verbs.all() == ["created", "deleted"]


def test_two_days_are_swapped_on_the_page(browser, session):
    data = {"off": "02/01/2026", "worked": "10/01/2026", "reason": "Nghỉ Tết dương lịch"}
    browser.post("/workdays/swap", data | {"swap_source": "Thông báo 1"})
    assert listed(session) == {
        date(2026, 1, 2): ("Nghỉ Tết dương lịch", False),
        date(2026, 1, 10): ("Làm bù 02/01/2026", True),
    }


@pytest.mark.parametrize(
    ("path", "data", "field"),
    [
        ("/workdays/", {"day": "24/11/2026", "name": ""}, "name"),
        ("/workdays/", {"day": "32/11/2026", "name": "x"}, "day"),
        ("/workdays/", {"day": "24/11/2026", "name": "x", "what": "worked"}, "day"),
        ("/workdays/", {"day": "02/09/2026", "name": "x"}, "day"),
        ("/workdays/swap", {"off": "24/11/2026", "worked": "25/11/2026", "reason": "x"}, "worked"),
        ("/workdays/swap", {"off": "02/09/2026", "worked": "28/11/2026", "reason": "x"}, "off"),
    ],
)
def test_a_mistake_is_shown_at_its_field_and_nothing_is_kept(browser, session, path, data, field):
    services.add(session, HolidayDetails(date(2026, 9, 2), "Quốc khánh"), by=None)
    page = browser.post(path, data, status=422)
    assert page.select_one(f"#{field}-error")
    assert list(listed(session)) == [date(2026, 9, 2)]


def test_everybody_reads_the_list_and_only_the_administrator_changes_it(app, make, session):
    make.organisation()
    services.seed(session, [2026])
    reader = Browser(app, session, as_=make.person(role=Role.IR_MEMBER))
    page = reader.get("/workdays/?year=2026")
    assert "02/09/2026" in words(page)
    assert page.main.select("form[method=post]") == []
    reader.post("/workdays/", {"day": "24/11/2026", "name": "x"}, status=403)


def test_the_commands_list_add_remove_and_import(cli, session, tmp_path):
    assert "workdays fill" in cli("workdays", "list", "--year", 2026).output
    assert cli("workdays", "fill", "--year", 2026).exit_code == 0
    assert "2026-08-22  worked" in cli("workdays", "list", "--year", 2026).output
    assert cli("workdays", "add", "02/01/2026", "Nghỉ thêm").exit_code == 0
    assert cli("workdays", "add", "10/01/2026", "Làm bù", "--worked").exit_code == 0
    assert cli("workdays", "remove", "2026-11-24").exit_code == 0
    assert cli("workdays", "remove", "2026-11-24").exit_code == 1
    assert cli("workdays", "add", "nonsense", "x").exit_code == 2
    days = listed(session)
    assert days[date(2026, 1, 10)] == ("Làm bù", True)
    assert date(2026, 11, 24) not in days
    file = tmp_path / "days.csv"
    file.write_text("day,name,worked,source\n2026-01-02,x,,\n16/05/2026,y,x,TB 1\n", "utf-8")
    assert cli("workdays", "import", file).output == "Added: 1. On the list already: 1.\n"
    assert '"worked": true' in cli("workdays", "list", "--year", 2026, "--json").output


def test_an_import_stops_at_a_row_it_cannot_read(cli, session, tmp_path):
    file = tmp_path / "days.csv"
    file.write_text("day,name\n2026-01-02,x\nnever,y\n", "utf-8")
    result = cli("workdays", "import", file)
    assert result.exit_code == 1
    assert listed(session) == {}
