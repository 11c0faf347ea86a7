"""The arithmetic of cadences: no gap, no double, the same whenever it is computed."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drills.core.days import add_months
from drills.obligations.kinds.cadence import (
    AfterEvent,
    Calendar,
    MonthDay,
    Periodic,
    Rolling,
    Version,
    end_of,
    tiles,
)

HOME = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = timedelta(days=1)
YEARS = range(2018, 2031)
HARD = [
    date(year, month, day)
    for year in YEARS
    for month in range(1, 13)
    for day in (1, 28, 29, 30, 31)
    if day <= monthrange(year, month)[1]
]
"""The first and the last days of every month, 29 February among them."""
days = st.sampled_from(HARD) | st.dates(date(2018, 1, 1), date(2030, 12, 31))
safe_days = st.builds(MonthDay, st.integers(1, 12), st.integers(1, 28))
every_day = st.sampled_from(HARD).filter(lambda day: (day.month, day.day) != (2, 29))
any_day = safe_days | every_day.map(lambda day: MonthDay(day.month, day.day))
years = st.builds(Periodic, st.just(12), any_day, st.none() | any_day)
parts_of_years = st.builds(Periodic, st.sampled_from([1, 2, 3, 4, 6]), safe_days)
periods = years | parts_of_years
few = settings(max_examples=100, deadline=None)
YEAR = Periodic()
STATUTORY = Periodic(12, MonthDay(12, 15), MonthDay(12, 20))


def calendar(*versions, zone=HOME):
    return Calendar([Version(*one) for one in versions], zone)


@st.composite
def version_lists(draw):
    first = draw(st.lists(days, min_size=1, max_size=4, unique=True))
    return [Version(day, draw(periods)) for day in sorted(first)]


@few
@given(version_lists())
def test_periods_follow_each_other_without_gap_or_overlap(versions):
    for one, other in pairwise(islice(tiles(versions), 40)):
        assert one.start <= one.end
        assert other.start == one.end + DAY


@few
@given(version_lists(), days)
def test_every_day_lies_in_exactly_one_period(versions, day):
    found = list(islice(tiles(versions), 400))
    if day >= found[0].start:
        assert sum(tile.start <= day <= tile.end for tile in found) == 1


@few
@given(version_lists())
def test_a_period_that_has_begun_runs_to_the_end_it_had(versions):
    alone = list(islice(tiles(versions[:1]), 400))
    changed = list(islice(tiles(versions), 400))
    later = [version.valid_from for version in versions[1:]]
    begun = [tile for tile in alone if not later or tile.start < later[0]]
    assert changed[: len(begun)] == begun


@few
@given(version_lists())
def test_no_period_is_less_than_half_or_more_than_one_and_a_half(versions):
    longest = max(version.cadence.months for version in versions)
    shortest = min(version.cadence.months for version in versions)
    for tile in islice(tiles(versions), 60):
        length = (tile.end - tile.start + DAY).days
        assert shortest * 28 / 2 <= length <= longest * 31 * 1.5


@few
@given(version_lists())
def test_a_strict_day_is_the_last_before_its_date_and_the_first_after_the_period(versions):
    for tile in islice(tiles(versions), 20):
        holding = [one for one in versions if one.valid_from <= tile.start] or versions[:1]
        before = holding[-1].cadence.before
        if before is None:
            assert tile.due_on == tile.end
        else:
            after = tile.due_on + DAY
            assert MonthDay(after.month, after.day) == before
            assert tile.end <= tile.due_on < tile.end + 366 * DAY


@few
@given(version_lists(), days, st.integers(0, 800))
def test_what_is_done_once_is_asked_again_once(versions, since, wait):
    """Meeting each period on any day within it leads through all of them, none twice."""
    found = calendar(*((v.valid_from, v.cadence) for v in versions))
    due, seen = found.due(None, since), []
    for _ in range(6):
        assert due.period not in seen
        seen.append(due.period)
        tile = found.period_of(end_of(due.period))
        done = tile.start + (wait % ((tile.end - tile.start).days + 1)) * DAY
        due = found.due(done, since)
        assert due == found.due(tile.end, since)
        assert found.period_of(end_of(due.period)).start == tile.end + DAY


@few
@given(version_lists(), days, days)
def test_computing_again_gives_the_same(versions, since, last):
    pairs = [(v.valid_from, v.cadence) for v in versions]
    one = calendar(*pairs)
    one.due(since, since)
    assert one.due(last, since) == calendar(*pairs).due(last, since)


@few
@given(days, st.integers(1, 36))
def test_rolling_counts_from_the_last_time_and_never_skips_a_month(last, months):
    due = calendar((date(2015, 1, 1), Rolling(months))).due(last, date(2015, 1, 1)).on
    assert (due.year * 12 + due.month) - (last.year * 12 + last.month) == months
    assert due.day == last.day or (due + DAY).day == 1


@few
@given(
    st.lists(st.tuples(days, st.integers(1, 36)), min_size=1, max_size=4, unique_by=lambda v: v[0]),
    days,
    days,
    st.lists(st.integers(0, 500), min_size=4, max_size=4),
)
def test_an_interval_goes_by_the_version_it_began_under_and_is_asked_for_once(
    raw, since, last, waits
):
    versions = sorted((day, Rolling(months)) for day, months in raw)
    found = calendar(*versions)
    for wait in waits:
        due = found.due(last, since)
        start = last if due.on == add_months(last, found.on(last).cadence.months) else since
        held = [cadence for day, cadence in versions if day <= start] or [versions[0][1]]
        assert due.on == add_months(start, held[-1].months) >= since
        assert due.on > start
        last = max(due.on + (wait - 250) * DAY, start + DAY)


@few
@given(version_lists(), days, days)
def test_who_begins_in_the_middle_owes_this_period_or_the_next_and_never_an_earlier_one(
    versions, one, other
):
    first, second = sorted([one, other])
    found = calendar(*((v.valid_from, v.cadence) for v in versions))
    owed = [found.due(None, since) for since in (first, second)]
    assert end_of(owed[0].period) <= end_of(owed[1].period), "who begins later owes nothing sooner"
    for since, due in zip((first, second), owed, strict=True):
        here = found.period_of(since)
        following = found.period_of(here.end + DAY)
        assert due.period in {here.period, following.period}
        assert since <= due.on
        if since <= here.start:
            assert due.period == here.period


@few
@given(version_lists(), days, days, days)
def test_who_takes_over_is_asked_for_what_is_left_of_the_period_and_not_for_it_twice(
    versions, since, merged_on, done
):
    """What the unit before did is the last time of the unit after: see ``facts``."""
    found = calendar(*((v.valid_from, v.cadence) for v in versions))
    done = max(done, versions[0].valid_from)
    before = found.due(done, min(since, merged_on))
    after = found.due(done, merged_on)
    assert end_of(after.period) >= end_of(before.period)
    if merged_on <= found.period_of(done).end:
        assert after == before, "met before the merger: both are asked for the next period"
    following = found.due(end_of(after.period), merged_on)
    assert end_of(following.period) > end_of(after.period)


@pytest.mark.parametrize(
    ("last", "months", "due"),
    [
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-12-31", 2, "2027-02-28"),
    ],
)
def test_the_end_of_a_short_month_stands_for_the_day_it_lacks(last, months, due):
    found = calendar((date(2015, 1, 1), Rolling(months)))
    assert found.due(date.fromisoformat(last), date(2015, 1, 1)).on == date.fromisoformat(due)


def test_before_a_day_means_the_day_before_at_the_latest():
    found = calendar((date(2022, 10, 1), STATUTORY))
    due = found.due(None, date(2026, 1, 1))
    assert due.on == date(2026, 12, 19)
    assert due.period == "2025-12-15/2026-12-14"


def test_a_report_for_one_year_leads_to_the_next():
    found = calendar((date(2022, 10, 1), STATUTORY))
    due = found.due(date(2026, 12, 14), date(2026, 1, 1))
    assert (due.period, due.on) == ("2026-12-15/2027-12-14", date(2027, 12, 19))


def test_a_fixed_day_is_owed_however_short_the_time_until_it():
    found = calendar((date(2022, 10, 1), Periodic(before=MonthDay(6, 20), starts=MonthDay(6, 20))))
    assert found.due(None, date(2026, 6, 18)).on == date(2026, 6, 19)
    assert found.due(None, date(2026, 6, 20)).on == date(2027, 6, 19)


def test_who_begins_in_the_second_half_owes_the_next_period():
    found = calendar((date(2021, 9, 16), YEAR))
    assert found.due(None, date(2026, 7, 1)).on == date(2026, 12, 31)
    assert found.due(None, date(2026, 7, 3)).on == date(2027, 12, 31)


def test_a_late_drill_counts_for_the_year_it_was_held_in():
    found = calendar((date(2021, 9, 16), YEAR))
    since = date(2024, 1, 1)
    assert found.due(None, since).on == date(2024, 12, 31)
    assert found.due(date(2026, 2, 1), since).on == date(2027, 12, 31)


def test_a_drill_before_the_rule_does_not_meet_it():
    found = calendar((date(2021, 9, 16), YEAR))
    assert found.due(date(2019, 5, 1), date(2022, 1, 1)).on == date(2022, 12, 31)


def test_a_change_to_half_years_in_the_middle_asks_for_nothing_twice():
    found = calendar((date(2021, 1, 1), YEAR), (date(2026, 7, 1), Periodic(6)))
    since = date(2026, 1, 1)
    assert found.due(None, since).on == date(2026, 12, 31)
    assert found.due(date(2026, 9, 1), since).on == date(2027, 6, 30)


def test_a_remainder_of_less_than_half_joins_the_next_period():
    found = calendar((date(2021, 1, 1), STATUTORY), (date(2026, 7, 1), YEAR))
    due = found.due(date(2026, 12, 14), date(2026, 1, 1))
    assert due.period == "2026-12-15/2027-12-31"


def test_an_interval_that_began_under_a_version_ends_under_it():
    found = calendar((date(2020, 1, 1), Rolling(12)), (date(2026, 7, 1), Rolling(6)))
    since = date(2020, 1, 1)
    assert found.due(date(2026, 6, 30), since).on == date(2027, 6, 30)
    assert found.due(date(2026, 7, 1), since).on == date(2027, 1, 1)


def test_who_did_it_long_ago_counts_from_the_day_it_is_asked_of_them():
    found = calendar((date(2020, 1, 1), Rolling(12)))
    assert found.due(date(2020, 3, 1), date(2026, 1, 1)).on == date(2027, 1, 1)


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "America/New_York", "Pacific/Auckland"])
def test_days_after_an_event_count_from_the_day_it_was_there(zone):
    found = calendar((date(2020, 1, 1), AfterEvent(30)), zone=ZoneInfo(zone))
    at = datetime(2026, 11, 1, 17, 30, tzinfo=UTC)
    assert found.after_event(at).on == at.astimezone(ZoneInfo(zone)).date() + 30 * DAY


def test_hours_after_an_event_are_hours_whatever_the_clocks_do():
    found = calendar(
        (date(2020, 1, 1), AfterEvent(24, is_hours=True)), zone=ZoneInfo("America/New_York")
    )
    at = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
    due = found.after_event(at)
    assert due.at == at + timedelta(hours=24)
    assert due.on == date(2026, 11, 1)


zones = st.sampled_from(
    [
        "Asia/Ho_Chi_Minh", "America/New_York", "Pacific/Auckland", "Pacific/Kiritimati",
        "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC",
    ]
).map(ZoneInfo)  # fmt: skip
moments = st.datetimes(datetime(2018, 1, 1), datetime(2030, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


@few
@given(zones, moments, st.integers(1, 366), st.integers(1, 744))
def test_days_are_those_of_the_place_and_hours_are_the_same_everywhere(zone, at, amount, hours):
    there = at.astimezone(zone).date()
    by_days = calendar((date(2015, 1, 1), AfterEvent(amount)), zone=zone).after_event(at)
    assert (by_days.on, by_days.at) == (there + amount * DAY, None)
    by_hours = calendar((date(2015, 1, 1), AfterEvent(hours, is_hours=True)), zone=zone)
    due = by_hours.after_event(at)
    assert due.at == at + timedelta(hours=hours)
    assert due.on == due.at.astimezone(zone).date()


@few
@given(version_lists(), zones, zones, moments)
def test_a_moment_belongs_to_the_one_period_that_holds_its_day_where_it_was(
    versions, here, there, at
):
    found = calendar(*((v.valid_from, v.cadence) for v in versions), zone=here)
    first = found.period_of(versions[0].valid_from).start
    tiles_of = [found.period_of(max(at.astimezone(z).date(), first)) for z in (here, there)]
    between = abs(at.astimezone(here).date() - at.astimezone(there).date())
    assert between <= 2 * DAY
    assert tiles_of[0] == tiles_of[1] or DAY in {
        abs(tiles_of[0].start - tiles_of[1].end), abs(tiles_of[1].start - tiles_of[0].end)
    }  # fmt: skip


@few
@given(st.integers(1, 12), days)
def test_months_on_is_the_same_as_a_month_at_a_time_from_a_safe_day(months, day):
    safe = day.replace(day=28)
    step = safe
    for _ in range(months):
        step = add_months(step, 1)
    assert step == add_months(safe, months)
