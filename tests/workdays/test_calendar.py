from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drills.workdays.models import WorkingCalendar

TET = [date(2026, 2, day) for day in range(16, 21)]
SWAP = {date(2026, 8, 22): True, date(2026, 8, 31): False}
YEAR = WorkingCalendar(dict.fromkeys(TET, False) | SWAP)

days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
calendars = st.dictionaries(days, st.booleans(), max_size=40).map(WorkingCalendar)


def test_weekends_are_off_and_other_days_are_worked():
    plain = WorkingCalendar()
    week = [plain.is_working(date(2026, 11, 23) + timedelta(n)) for n in range(7)]
    assert week == [True] * 5 + [False] * 2


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        (date(2026, 11, 23), 7, date(2026, 12, 2)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
        (date(2026, 2, 13), 1, date(2026, 2, 23)),
        (date(2026, 8, 21), 1, date(2026, 8, 22)),
        (date(2026, 8, 28), 1, date(2026, 9, 1)),
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
    ],
)
def test_time_limits_in_working_days(start, n, expected):
    assert YEAR.add(start, n) == expected


def test_a_limit_is_not_counted_backwards():
    with pytest.raises(ValueError, match="forward"):
        YEAR.add(date(2026, 11, 23), -1)


def test_the_last_working_day_before_tet_is_the_friday():
    assert YEAR.last_before(date(2026, 2, 23)) == date(2026, 2, 13)


@settings(deadline=None)
@given(calendars, days, st.integers(0, 60))
def test_adding_and_counting_agree(calendar, day, n):
    until = calendar.add(day, n)
    assert calendar.count(day, until) == n
    assert n == 0 or calendar.is_working(until)


@settings(deadline=None)
@given(calendars, days, st.integers(-30, 400))
def test_counting_is_what_one_does_with_a_finger(calendar, after, distance):
    until = after + timedelta(distance)
    between = [after + timedelta(n) for n in range(1, distance + 1)]
    assert calendar.count(after, until) == sum(map(calendar.is_working, between))


@settings(deadline=None)
@given(calendars, days, days, days)
def test_counts_add_up(calendar, a, b, c):
    a, b, c = sorted((a, b, c))
    assert calendar.count(a, b) + calendar.count(b, c) == calendar.count(a, c)


@settings(deadline=None)
@given(calendars, days)
def test_nothing_is_worked_between_the_last_day_before_and_the_day(calendar, day):
    last = calendar.last_before(day)
    assert last < day
    assert calendar.is_working(last)
    assert calendar.count(last, day - timedelta(1)) == 0


@settings(deadline=None)
@given(calendars, days, st.integers(0, 40))
def test_a_later_start_never_ends_earlier(calendar, day, n):
    assert calendar.add(day, n) <= calendar.add(day + timedelta(1), n)
