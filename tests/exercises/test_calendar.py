"""The calendar entry of a drill."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from drills.exercises import calendar
from drills.exercises.models import Status

URL = "https://drills.example/drills/1/"


def entry(drill, language="vi"):
    body = calendar.event(drill, host="drills.example", url=URL, language=language)
    assert b"\r\n" in body
    return Calendar.from_ical(body)


def test_the_entry_names_the_drill_in_its_own_zone(make):
    drill = make.drill(
        title="Mã độc tống tiền; đợt 2, tại Sở",
        starts_at=datetime(2026, 12, 1, 1, 0, tzinfo=UTC),
        place="Hội trường A, tầng 2",
    )
    found = entry(drill)
    event = found.walk("VEVENT")[0]
    assert event["UID"] == f"drill-{drill.id}@drills.example"
    assert event["SUMMARY"] == "[DIỄN TẬP] Mã độc tống tiền; đợt 2, tại Sở"
    assert event["LOCATION"] == "Hội trường A, tầng 2"
    assert event["DTSTART"].params["TZID"] == "Asia/Ho_Chi_Minh"
    assert event.decoded("DTSTART") == drill.starts_at
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(hours=3)
    assert [str(zone["TZID"]) for zone in found.walk("VTIMEZONE")] == ["Asia/Ho_Chi_Minh"]
    assert URL in event["DESCRIPTION"]
    assert "[EXERCISE]" in entry(drill, "en").walk("VEVENT")[0]["SUMMARY"]


def test_a_zone_with_summer_time_carries_its_rules(make):
    start = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    drill = make.drill(starts_at=start, time_zone="Australia/Sydney")
    found = entry(drill)
    assert found.walk("VTIMEZONE")[0].walk("DAYLIGHT")
    assert found.walk("VEVENT")[0].decoded("DTSTART") == start


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (Status.PLANNED, "CONFIRMED"),
        (Status.POSTPONED, "TENTATIVE"),
        (Status.CANCELLED, "CANCELLED"),
    ],
)
def test_the_entry_says_whether_the_drill_stands(make, status, told):
    assert entry(make.drill(status=status)).walk("VEVENT")[0]["STATUS"] == told


def test_a_changed_drill_replaces_its_earlier_entry(make, session):
    drill = make.drill()
    before = entry(drill).walk("VEVENT")[0]
    drill.place = "Hội trường B"
    session.commit()
    after = entry(drill).walk("VEVENT")[0]
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_the_page_offers_the_entry_as_a_file(browser, make):
    drill = make.drill()
    answer = browser.raw(f"/drills/{drill.id}/calendar.ics")
    assert answer.mimetype == "text/calendar"
    assert f"{drill.code}.ics" in answer.headers["Content-Disposition"]
    event = Calendar.from_ical(answer.data).walk("VEVENT")[0]
    assert event["UID"] == f"drill-{drill.id}@drills.test"
