"""When a reminder falls due: the local hour for days, elapsed time for hours, DST included."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from drills.reminders.kinds import KINDS
from drills.reminders.models import Direction, Hours, LeadTime, LeadUnit
from drills.reminders.services.slots import end_of, out_of, span_of
from drills.workdays.models import WorkingCalendar

HOURS, DAYS = LeadUnit.HOURS, LeadUnit.DAYS


@pytest.mark.parametrize(
    ("zone", "starts", "amount", "unit", "due"),
    [
        ("Asia/Ho_Chi_Minh", "2026-12-01 09:00", 7, DAYS, "2026-11-24 02:00"),
        ("Asia/Ho_Chi_Minh", "2026-12-01 01:00", 2, HOURS, "2026-11-30 16:00"),
        # the clock goes back on 25 October: 09:00 both times, 169 hours apart
        ("Europe/Berlin", "2026-10-28 09:00", 7, DAYS, "2026-10-21 07:00"),
        ("Europe/Berlin", "2027-03-30 09:00", 7, DAYS, "2027-03-23 08:00"),
        ("Europe/Berlin", "2026-10-25 09:00", 24, HOURS, "2026-10-24 08:00"),
        ("Europe/Berlin", "2026-10-25 09:00", 1, DAYS, "2026-10-24 07:00"),
        ("Europe/Berlin", "2027-03-28 04:00", 2, HOURS, "2027-03-28 00:00"),
        # 02:30 does not exist on 28 March: forward to 03:30
        ("Europe/Berlin", "2027-03-29 02:30", 1, DAYS, "2027-03-28 01:30"),
        # 02:30 happens twice on 25 October: the first one
        ("Europe/Berlin", "2026-10-26 02:30", 1, DAYS, "2026-10-25 00:30"),
        ("America/New_York", "2027-03-14 09:00", 1, DAYS, "2027-03-13 14:00"),
        ("Australia/Lord_Howe", "2026-10-04 09:00", 1, DAYS, "2026-10-02 22:30"),
        ("Asia/Ho_Chi_Minh", "2029-02-28 09:00", 365, DAYS, "2028-02-29 02:00"),
    ],
)
def test_the_moment_before(zone, starts, amount, unit, due):
    lead = LeadTime(amount, unit)
    start = datetime.fromisoformat(starts).replace(tzinfo=ZoneInfo(zone))
    expected = datetime.fromisoformat(due).replace(tzinfo=UTC)
    assert lead.due_at(start.astimezone(UTC), ZoneInfo(zone), WorkingCalendar()) == expected


DAYS_OFF = WorkingCalendar({date(2026, 10, 24) + timedelta(days=n): False for n in range(9)})
LEADS = [
    LeadTime(amount, unit, direction, time(17, 30), hours)
    for amount, unit, direction, hours in product((0, 1, 30), LeadUnit, Direction, Hours)
]


@pytest.mark.parametrize("zone", [ZoneInfo("Pacific/Kiritimati"), ZoneInfo("America/New_York")])
@pytest.mark.parametrize("lead", LEADS, ids=str)
def test_what_falls_due_is_looked_for_where_it_is(lead, zone):
    """A query by the anchor finds it, whatever clocks, days off and quiet hours do."""
    for n in range(60):
        at = datetime(2026, 10, 1, (5 * n) % 24, tzinfo=UTC) + timedelta(days=n)
        for kind, anchor in ((KINDS["drill"], at), (KINDS["action_due"], at.date())):
            due = lead.due_at(anchor, zone, DAYS_OFF)
            if lead.direction is Direction.BEFORE and due >= end_of(anchor, zone):
                continue
            put_off = due if lead.unit is HOURS else out_of((time(22), time(21)), due, zone)
            for moment in (due, put_off):
                first, last = span_of(kind, lead, moment - timedelta(seconds=1), moment)
                assert first <= anchor <= last
