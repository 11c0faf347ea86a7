"""Who and what took part in drills: one definition for every page, list and file."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest

from drills.accounts.models import Role
from drills.core.tabular import read
from drills.exercises.models import (
    Answer,
    Attendance,
    DrillTeam,
    DrillUnit,
    Invitation,
    Presence,
    Status,
)
from drills.exercises.services import history
from drills.exercises.services.history import Subject, Summary
from drills.roster.lists import Wanted
from tests.conftest import NOW

TODAY = NOW.date()
SPRING = datetime(2026, 4, 1, 2, tzinfo=UTC)
SINCE = datetime(2025, 11, 23, tzinfo=UTC)


def words(page):
    return " ".join(page.main.text.split())


@pytest.fixture
def viewer(make):
    make.organisation()
    return make.person(role=Role.ADMINISTRATOR)


@pytest.fixture
def held(make):
    """A drill of last spring that is finished."""
    return lambda **given: make.drill(**{"status": Status.COMPLETED, "starts_at": SPRING} | given)


@pytest.fixture
def took_part(session, viewer):
    def ask(person, subject=Subject.PERSON):
        return history.summary(session, subject, person.id, viewer, SINCE).total

    return ask


def noted(make, drill, person, presence):
    make.save(Attendance(drill_id=drill.id, person=person, presence=presence, noted_at=NOW))


def invited(make, drill, person, **given):
    make.save(Invitation(drill=drill, person=person, invited_at=NOW, **given))


# The definition


@pytest.mark.parametrize("status", list(Status))
def test_only_a_finished_drill_counts(make, took_part, status):
    person = make.person()
    make.drill(people=[person], status=status, starts_at=SPRING)
    is_over = status in {Status.COMPLETED, Status.EVALUATED, Status.CLOSED}
    assert took_part(person) == is_over


def test_a_person_takes_part_by_name_as_lead_by_invitation_and_through_a_team(
    make, held, took_part
):
    named, lead, asked, member = (make.person() for _ in range(4))
    drill = held(people=[named], lead=lead)
    invited(make, drill, asked)
    team = make.team()
    make.member(team=team, person=member)
    make.save(DrillTeam(drill_id=drill.id, team_id=team.id))
    assert [took_part(one) for one in (named, lead, asked, member)] == [1, 1, 1, 1]
    assert took_part(team, Subject.TEAM) == 1


def test_who_declined_or_was_asked_no_more_did_not_take_part(make, held, took_part):
    no, revoked, maybe = (make.person() for _ in range(3))
    drill = held()
    answered = {"answered_at": NOW, "answered_for": SPRING}
    invited(make, drill, no, answer=Answer.NO, **answered)
    invited(make, drill, maybe, answer=Answer.MAYBE, **answered)
    invited(make, drill, revoked, revoked_at=NOW)
    assert [took_part(one) for one in (no, revoked, maybe)] == [0, 0, 1]


def test_what_was_noted_on_the_day_counts_before_everything_else(make, held, took_part):
    absent, late, guest = (make.person() for _ in range(3))
    drill = held(people=[absent, late], lead=absent)
    noted(make, drill, absent, Presence.ABSENT)
    noted(make, drill, late, Presence.LATE)
    noted(make, drill, guest, Presence.PRESENT)
    assert [took_part(one) for one in (absent, late, guest)] == [0, 1, 1]


def test_a_team_brings_those_who_were_in_it_on_the_day(make, held, took_part):
    team, day = make.team(), SPRING.date()
    left = make.member(team=team, ends_on=day - timedelta(days=1)).person
    last_day = make.member(team=team, ends_on=day).person
    joined = make.member(team=team, starts_on=day).person
    later = make.member(team=team, starts_on=day + timedelta(days=1)).person
    make.save(DrillTeam(drill_id=held().id, team_id=team.id))
    assert [took_part(one) for one in (left, last_day, joined, later)] == [0, 1, 1, 0]


def test_one_drill_counts_once_however_many_roads_lead_into_it(make, held, took_part):
    person, team = make.person(), make.team()
    make.member(team=team, person=person)
    drill = held(people=[person], lead=person)
    invited(make, drill, person)
    noted(make, drill, person, Presence.PRESENT)
    make.save(DrillTeam(drill_id=drill.id, team_id=team.id))
    assert took_part(person) == 1


def test_a_unit_takes_part_when_named_or_in_charge_and_a_system_when_exercised(
    make, held, took_part
):
    in_charge, named, other, system = make.unit(), make.unit(), make.unit(), make.system()
    drill = held(unit=in_charge, systems=[system])
    make.save(DrillUnit(drill_id=drill.id, unit_id=named.id))
    units = [took_part(one, Subject.UNIT) for one in (in_charge, named, other)]
    assert units == [1, 1, 0]
    assert took_part(system, Subject.SYSTEM) == 1


def test_the_summary_tells_the_last_one_and_those_of_a_year(make, session, held, viewer):
    person = make.person()
    held(people=[person])
    held(people=[person], starts_at=SINCE)
    held(people=[person], starts_at=SINCE - timedelta(seconds=1))
    found = history.summary(session, Subject.PERSON, person.id, viewer, SINCE)
    assert found == Summary(SPRING, 2, 3)
    none = history.summary(session, Subject.PERSON, make.person().id, viewer, SINCE)
    assert none == Summary(None, 0, 0)


def test_months_go_back_to_the_first_moment_of_the_day_where_the_reader_is(viewer):
    found = history.months_ago(date(2026, 8, 31), 6, viewer.zone)
    assert found.astimezone(UTC) == datetime(2026, 2, 27, 17, tzinfo=UTC)


# Pages


def test_person_team_unit_and_system_show_what_they_took_part_in(browser, make, held):
    person, team, unit, system = make.person(), make.team(), make.unit(), make.system()
    drill = held(title="Diễn tập mùa xuân", people=[person], unit=unit, systems=[system])
    make.save(DrillTeam(drill_id=drill.id, team_id=team.id))
    for url in (
        f"/people/{person.id}/drills/",
        f"/teams/{team.id}/drills/",
        f"/units/{unit.id}/drills/",
        f"/systems/{system.id}/drills/",
    ):
        page = browser.get(url)
        values = [dd.text.strip() for dd in page.select(".figs dd") if dd.b]
        assert values == ["01/04/2026", "1", "1"], url
        assert drill.title in page.select_one("#drills tbody").text
        assert page.select(".tabs a[aria-current]"), url


def test_a_person_page_tells_what_is_ahead_and_what_they_came_to_unasked(browser, make, held):
    person = make.person()
    noted(make, held(title="Đến dự"), person, Presence.PRESENT)
    make.drill(title="Sắp tới", people=[person])
    page = browser.get(f"/people/{person.id}/drills/")
    assert [a.text for a in page.select("#drills th a")] == ["Sắp tới", "Đến dự"]
    assert page.select_one(".figs").text.count("01/04/2026") == 1


def test_nothing_yet_is_said_with_what_to_do(browser, make):
    assert "Chưa có cuộc diễn tập đã kết thúc nào" in words(
        browser.get(f"/teams/{make.team().id}/drills/")
    )
    assert "chưa tham gia cuộc diễn tập nào" in words(
        browser.get(f"/units/{make.unit().id}/drills/")
    )


def test_a_drill_hidden_from_the_reader_is_not_in_what_they_read(browser, make, held):
    unit, other = make.unit(), make.unit()
    person = make.member(person=make.person(unit=unit)).person
    system = make.system(owner=unit, level=3)
    hidden = held(title="Bí mật", unit=other, people=[person], systems=[system])
    officer = make.person(role=Role.UNIT_OFFICER, unit=unit)
    for url, is_told in (
        (f"/people/{person.id}/drills/", True),
        (f"/systems/{system.id}/drills/", True),
        ("/drills/idle/", False),
        ("/drills/coverage/?show=never", False),
    ):
        browser.sign_in(officer)
        page = words(browser.get(url))
        assert hidden.title not in page
        assert "01/04/2026" not in page
        browser.sign_in(make.person(role=Role.ADMINISTRATOR))
        assert ("01/04/2026" in words(browser.get(url))) == is_told
    browser.sign_in(officer)
    assert person.name in words(browser.get("/drills/idle/"))
    assert system.name in words(browser.get("/drills/coverage/?show=never"))


# Who has not taken part


def idle(page):
    return [a.text for a in page.select("#people th a")]


def test_members_who_have_not_taken_part_are_listed_those_who_never_did_first(browser, make, held):
    team = make.team()
    never, long_ago, recent = (
        make.member(team=team, person=make.person(name=name)).person
        for name in ("Không bao giờ", "Lâu rồi", "Mới đây")
    )
    make.person(name="Không ở đội nào")
    make.member(person=make.person(name="Đã rời đội"), ends_on=TODAY - timedelta(days=1))
    held(people=[long_ago], starts_at=datetime(2025, 6, 1, tzinfo=UTC))
    held(people=[long_ago, recent])
    noted(make, held(), long_ago, Presence.ABSENT)
    assert idle(browser.get("/drills/idle/?months=12")) == [never.name]
    assert idle(browser.get("/drills/idle/?months=6")) == [never.name, recent.name, long_ago.name]
    assert idle(browser.get("/drills/idle/?months=x")) == [never.name]
    assert "01/04/2026" in words(browser.get("/drills/idle/?months=6"))


def test_the_list_is_narrowed_by_unit_team_and_name_and_exported(browser, make):
    unit, team = make.unit(), make.team()
    make.member(team=team, person=make.person(name="Vừ A Dính", unit=unit))
    make.member(person=make.person(name="Kim Đồng"))
    assert idle(browser.get(f"/drills/idle/?unit={unit.id}")) == ["Vừ A Dính"]
    assert idle(browser.get(f"/drills/idle/?team={team.id}")) == ["Vừ A Dính"]
    assert idle(browser.get("/drills/idle/?q=kim+dong")) == ["Kim Đồng"]
    assert "Không có ai phù hợp" in words(browser.get("/drills/idle/?q=zzz"))
    data = browser.raw(f"/drills/idle/export.xlsx?months=6&team={team.id}").data
    sheet = read(io.BytesIO(data), "x.xlsx", limit=10)
    assert [row.cells[0] for row in sheet.rows] == ["Vừ A Dính"]


def test_the_list_takes_at_most_six_statements_however_long(browser, make, held, queries):
    team = make.team()
    make.save(DrillTeam(drill_id=held().id, team_id=team.id))

    def cost():
        browser.get("/drills/idle/?months=6")
        with queries() as seen:
            page = browser.get("/drills/idle/?months=6")
        return len(idle(page)), len(seen)

    make.member(team=team, starts_on=TODAY)
    few = cost()
    for _ in range(20):
        make.member(team=team, starts_on=TODAY, person=make.person(unit=make.unit()))
    many = cost()
    assert (few[0], many[0]) == (1, 21)
    assert few[1] == many[1] <= 6


def test_home_leads_to_both_lists_in_one_step_with_their_counts(browser, make, held):
    make.system(level=4)
    drilled = make.system(level=3)
    held(systems=[drilled], kind_key="tabletop")
    make.member()
    rows = browser.get("/").select("#neglected .row")
    found = {row.a["href"]: row.select_one(".st").text for row in rows}
    assert found == {
        "/drills/coverage/?show=never": "1",
        "/drills/coverage/?show=late": "2",
        "/drills/idle/?months=12": "1",
    }
    browser.sign_in(make.person(role=Role.IR_MEMBER))
    assert not browser.get("/").select("#neglected")


def test_what_home_counts_is_what_the_lists_hold(make, session, held, viewer):
    for n in range(3):
        member = make.member().person
        held(people=[member], starts_at=SINCE - timedelta(days=n - 1))
    found = history.neglected(session, viewer, TODAY, viewer.zone)
    since = history.months_ago(TODAY, history.YEAR, viewer.zone)
    listed = session.execute(history.idle(Wanted(on=TODAY), viewer, since)).unique().all()
    assert found.people == len(listed) == 1
