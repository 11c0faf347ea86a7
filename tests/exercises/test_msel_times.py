"""When an inject is due, as people write it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drills.exercises.services.msel.times import (
    OFFSET_MAX,
    BadTime,
    Due,
    Frame,
    read,
    write,
    write_due,
)

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def frame(first, last):
    return Frame(*(datetime.fromisoformat(at).replace(tzinfo=ZONE) for at in (first, last)), ZONE)


DAY = frame("2026-12-08T08:30", "2026-12-08T11:30")
NIGHT = frame("2026-12-08T22:00", "2026-12-09T03:00")


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("T+15", 15), ("T-5", -5), ("M-5", -5), ("M + 5", 5), ("H+1:30", 90), ("H+2", 120),
        ("T+1h30", 90), ("T+1g30", 90), ("+15", 15), ("15'", 15), ("15 phút", 15), ("90 min", 90), ("15", 15),
        ("+1 giờ 5 phút", 65), ("T+0:15:00", 15), ("STARTEX", 0), ("T0", 0), ("H", 0),
    ],
)  # fmt: skip
def test_time_of_the_exercise_is_read_in_every_way_it_is_written(text, minutes):
    assert read(text, DAY) == Due(offset=minutes * 60)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("09:05", "08T09:05"), ("9h05", "08T09:05"), ("9g05", "08T09:05"), ("9 giờ 05 phút", "08T09:05"),
        ("9:05 AM", "08T09:05"), ("2h15 chiều", "08T14:15"), ("09:05:30", "08T09:05:30"),
        ("08/12/2026 09:05", "08T09:05"), ("9h05 ngày 08/12/2026", "08T09:05"),
        ("2026-12-09T09:05:00", "09T09:05"), ("2026-12-08 02:05Z", "08T09:05"),
        ("D+1 09:05", "09T09:05"), ("ngày 2 9h05", "09T09:05"), ("0.378472", "08T09:05"),
        ("46364.378472", "08T09:05"),
    ],
)  # fmt: skip
def test_times_of_day_and_moments_are_read_in_the_zone_of_the_drill(text, clock):
    expected = datetime.fromisoformat(f"2026-12-{clock}").replace(tzinfo=ZONE)
    assert read(text, DAY) == Due(at=expected)


def test_after_midnight_is_the_next_day_of_a_drill_by_night():
    assert read("00:30", NIGHT).at.day == 9
    assert read("22:30", NIGHT).at.day == 8


@pytest.mark.parametrize("text", ["", "-", "—"])
def test_nothing_is_no_time(text):
    assert read(text, DAY) == Due()


@pytest.mark.parametrize(
    "text",
    ["25:61", "soon", "08/12/2026", "2026-12-08", "T+", "T+1:75", "31/02/2026 09:00", "T+999999"],
)
def test_what_names_no_time_is_refused(text):
    with pytest.raises(BadTime):
        read(text, DAY)


@given(st.integers(-OFFSET_MAX, OFFSET_MAX))
def test_an_offset_survives_being_written(seconds):
    assert read(write(seconds), DAY) == Due(offset=seconds)


@given(st.integers(-3 * 86_400, 5 * 86_400))
def test_a_moment_survives_being_written(seconds):
    at = datetime.fromtimestamp(NIGHT.starts_at.timestamp() + seconds, tz=UTC)
    assert read(write_due(None, at, NIGHT), NIGHT).at == at
