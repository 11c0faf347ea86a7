"""Private calendar addresses: what they show, and to whom they lead nowhere."""

import logging
import re
from datetime import timedelta

import icalendar
import pytest

from drills.accounts.models import Role
from drills.exercises.models import DrillTeam, Feed, Part, Status
from tests.browser import Browser


@pytest.fixture
def person(make):
    make.organisation()
    return make.person(role=Role.IR_MEMBER, language="vi")


@pytest.fixture
def browser(app, session, person):
    return Browser(app, session, as_=person)


@pytest.fixture
def visitor(app, session):
    return Browser(app, session)


def made(page):
    return re.search(r"http://drills\.test(/feed/\S+\.ics)", page.select_one("code.break").text)[1]


@pytest.fixture
def address(browser):
    return made(browser.post("/calendar-addresses/mine", status=200))


def events(visitor, address):
    answer = visitor.raw(address)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    calendar = icalendar.Calendar.from_ical(answer.data)
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


def test_the_address_is_shown_once_and_only_its_hash_is_kept(session, browser, address):
    [feed] = session.query(Feed).all()
    token = address.removeprefix("/feed/").removesuffix(".ics")
    assert feed.token_hash == Feed.hash_of(token)
    assert token not in browser.get("/calendar-addresses/").text


def test_a_persons_calendar_has_the_drills_they_are_in_and_no_other(make, visitor, person,
                                                                    address):  # fmt: skip
    named, led = make.drill(people=[person]), make.drill(lead=person)
    member = make.member(person=person)
    through_team = make.drill()
    make.save(DrillTeam(drill_id=through_team.id, team_id=member.team_id))
    make.drill()
    found = events(visitor, address)
    assert set(found) == {f"drill-{d.id}@drills.test" for d in (named, led, through_team)}
    assert all("[DIỄN TẬP]" in str(event["SUMMARY"]) for event in found.values())


def test_what_is_called_off_stays_and_says_so_with_a_higher_sequence(make, visitor, person,
                                                                     address):  # fmt: skip
    drill = make.drill(people=[person])
    [before] = events(visitor, address).values()
    drill.status, drill.status_reason = Status.CANCELLED, "Bão"
    make.save(drill)
    [after] = events(visitor, address).values()
    assert str(after["UID"]) == str(before["UID"])
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert (str(before["STATUS"]), str(after["STATUS"])) == ("CONFIRMED", "CANCELLED")


def test_a_calendar_does_not_tell_the_scenario(make, visitor, person, address):
    scenario = make.scenario(title="Mã độc trong đêm", story="Máy chủ FS-01 bị mã hoá")
    drill = make.drill(people=[person], scenario_version_id=scenario.newest.id)
    make.inject(drill, title="Thư lừa đảo")
    text = visitor.raw(address).text
    assert not re.search("Mã độc trong đêm|FS-01|Thư lừa đảo", text)


def test_an_address_taken_back_or_replaced_leads_nowhere(session, browser, visitor, address):
    new = made(browser.post("/calendar-addresses/mine", status=200))
    visitor.get(address, status=404)
    events(visitor, new)
    feed = session.query(Feed).filter(Feed.revoked_at.is_(None)).one()
    browser.post(f"/feeds/{feed.id}/revoke")
    visitor.get(new, status=404)


def test_a_closed_account_has_no_calendar(make, visitor, person, address):
    person.active = False
    make.save(person)
    visitor.get(address, status=404)


@pytest.mark.parametrize("token", ["x", "không-có", "a" * 500, "..%2f"])
def test_a_secret_nobody_made_leads_nowhere(visitor, person, token):
    visitor.get(f"/feed/{token}.ics", status=404)


def test_a_teams_calendar_is_made_by_its_members_and_by_those_who_keep_teams(
    app, make, session, browser, visitor, person
):
    own, foreign = make.member(person=person).team, make.team()
    drill = make.drill()
    make.save(DrillTeam(drill_id=drill.id, team_id=own.id))
    address = made(browser.post(f"/teams/{own.id}/calendar-address", status=200))
    assert list(events(visitor, address)) == [f"drill-{drill.id}@drills.test"]
    browser.post(f"/teams/{foreign.id}/calendar-address", status=403)
    keeper = Browser(app, session, as_=make.person(role=Role.SECURITY_TEAM))
    keeper.post(f"/teams/{foreign.id}/calendar-address", status=200)


def test_one_persons_feed_is_nothing_to_another(app, make, session, address):
    feed = session.query(Feed).one()
    other = Browser(app, session, as_=make.person(role=Role.ADMINISTRATOR))
    other.post(f"/feeds/{feed.id}/revoke", status=404)


def test_the_secret_is_never_logged(app, address, caplog):
    from drills.web import errors

    with app.test_request_context(address), caplog.at_level(logging.DEBUG):
        errors._crash(RuntimeError("no"))
    assert "/feed/<token>.ics" in caplog.text
    assert address.removeprefix("/feed/") not in caplog.text


def test_the_page_says_when_the_calendar_was_last_read(session, browser, visitor, address):
    assert "chưa được đọc lần nào" in browser.get("/calendar-addresses/").text
    events(visitor, address)
    assert "đọc lần cuối" in browser.get("/calendar-addresses/").text


def test_a_long_calendar_costs_no_more_questions(make, visitor, person, address, queries):
    def cost():
        make.session.commit()
        with queries() as seen:
            events(visitor, address)
        return len(seen)

    for _ in range(2):
        make.drill(people=[person])
    events(visitor, address)
    few = cost()
    for number in range(10):
        drill = make.drill(starts_at=make.now + timedelta(days=number))
        make.named(drill, person, Part.EVALUATOR)
    assert cost() == few <= 9
