"""Messages between calendars, read back by a calendar program's own parser."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from drills.exercises import calendar
from drills.exercises.calendar import Errand, Method, Party
from drills.exercises.models import Status
from tests.conftest import NOW

REQUIRED = {
    "REQUEST": {"ATTENDEE", "DTSTAMP", "DTSTART", "ORGANIZER", "SEQUENCE", "SUMMARY", "UID"},
    "CANCEL": {"ATTENDEE", "DTSTAMP", "ORGANIZER", "SEQUENCE", "STATUS", "UID"},
}
"""RFC 5546, 3.2.2 and 3.2.5: what an event must hold; SEQUENCE whenever it is above zero."""
US = Party("UBND tỉnh Lam Giang", "drills@lamgiang.example")
GUEST = Party('Trần "Bình", An', "an@lamgiang.example")
ZONES = ("Asia/Ho_Chi_Minh", "Australia/Sydney", "Europe/Berlin", "America/Santiago")


def message(drill, method=Method.REQUEST, number=0, at=NOW):
    errand = Errand(method, US, GUEST, number, at)
    url = f"https://drills.example/drills/{drill.id}/"
    body = calendar.message(drill, errand, host="drills.example", url=url, language="vi")
    return Calendar.from_ical(body)


def entry(*given, **more):
    [found] = message(*given, **more).walk("VEVENT")
    return found


@pytest.mark.parametrize("method", Method)
def test_a_message_has_what_the_standard_asks_of_its_method(make, method):
    found = message(make.drill(), method)
    event = found.walk("VEVENT")[0]
    assert (str(found["METHOD"]), str(found["VERSION"])) == (method, "2.0")
    assert REQUIRED[method] <= set(event)
    assert "REQUEST-STATUS" not in event, "that is for answers"


def test_the_person_is_asked_to_answer_and_the_organizer_named(make):
    event = entry(make.drill())
    attendee, organizer = event["ATTENDEE"], event["ORGANIZER"]
    assert (str(attendee), attendee.params["RSVP"]) == ("mailto:an@lamgiang.example", "TRUE")
    assert attendee.params["PARTSTAT"] == "NEEDS-ACTION"
    assert attendee.params["CN"] == "Trần 'Bình', An"
    assert str(organizer) == "mailto:drills@lamgiang.example"
    assert organizer.params["CN"] == "UBND tỉnh Lam Giang"


def test_what_is_cancelled_says_so_whatever_the_drill_does(make):
    event = entry(make.drill(status=Status.PLANNED), Method.CANCEL)
    assert str(event["STATUS"]) == "CANCELLED"
    assert "RSVP" not in event["ATTENDEE"].params


def test_each_message_about_a_drill_follows_on_the_one_before(make, session):
    drill = make.drill()
    asked = entry(drill, number=0)
    removed = entry(drill, Method.CANCEL, number=1)
    asked_again = entry(drill, number=2)
    drill.starts_at += timedelta(days=1)
    drill.ends_at += timedelta(days=1)
    make.save(drill)
    moved = entry(drill, number=3)
    numbers = [event["SEQUENCE"] for event in (asked, removed, asked_again, moved)]
    assert numbers == sorted(set(numbers))
    assert len({str(event["UID"]) for event in (asked, removed, asked_again, moved)}) == 1


def test_the_moment_of_writing_is_the_messages_own(make):
    at = NOW + timedelta(days=3)
    assert entry(make.drill(), at=at).decoded("DTSTAMP") == at


@pytest.mark.parametrize("zone", ZONES)
def test_the_rules_of_a_zone_say_what_the_clocks_there_show(make, zone):
    """Of each month of two years: the written rules and the tables of zones agree."""
    drill = make.drill(starts_at=datetime(2026, 7, 1, 2, tzinfo=UTC), time_zone=zone)
    [rules] = message(drill).walk("VTIMEZONE")
    written, known = rules.to_tz(lookup_tzid=False), ZoneInfo(zone)
    for month in range(24):
        wall = datetime(2026 + month // 12, month % 12 + 1, 15, 12)
        here = wall.replace(tzinfo=known).utcoffset()
        assert wall.replace(tzinfo=written).utcoffset() == here, wall


def test_a_drill_is_at_its_moment_in_a_zone_with_summer_time(make):
    start = datetime(2027, 1, 12, 22, 30, tzinfo=UTC)
    event = entry(make.drill(starts_at=start, time_zone="Australia/Sydney"))
    assert event["DTSTART"].params["TZID"] == "Australia/Sydney"
    assert event.decoded("DTSTART").replace(tzinfo=None) == datetime(2027, 1, 13, 9, 30)
    assert event.decoded("DTSTART") == start


def test_a_file_asks_nothing_of_anybody(make):
    body = calendar.event(make.drill(), host="drills.example", url="https://x/", language="vi")
    found = Calendar.from_ical(body)
    assert "METHOD" not in found
    assert "ATTENDEE" not in found.walk("VEVENT")[0]
