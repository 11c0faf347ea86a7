"""The statutory clocks: what starts, stops and resumes them, and in which days they count."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drills.approvals.kinds import Rules, Unit
from drills.approvals.models import NEXT, Act, State
from drills.approvals.models.clocks import ClockKind, clocks_of, running
from drills.approvals.services.regimes import shipped
from drills.workdays.models import WorkingCalendar
from drills.workdays.services import published

OLD, NEW = (Rules.of(data) for data in sorted(shipped(), key=lambda data: data["valid_from"]))
PLAIN = WorkingCalendar()
VALIDITY, APPRAISAL, APPROVAL = ClockKind


@dataclass(frozen=True)
class Event:
    act: Act
    on: date
    state_after: State


def story(*acts):
    """Events out of (act, day), with the state each leads to."""
    state, events = State.DRAFT, []
    for act, on in acts:
        state = NEXT[state][act]
        events.append(Event(act, on, state))
    return events


def day(text):
    return date.fromisoformat(f"2026-{text}")


def clock(events, on, rules=NEW, level=3, calendar=PLAIN):
    return running(clocks_of(events, rules, level, calendar, on))


SENT = (Act.SUBMIT, day("10-01"))
COMPLETE = (Act.RECEIVE, day("10-05"))


def test_a_draft_has_no_clock():
    assert clocks_of([], NEW, 3, PLAIN, day("10-01")) == []
    assert running([]) is None


def test_the_check_of_completeness_has_five_working_days():
    found = clock(story(SENT), day("10-02"))
    assert (found.kind, found.limit, found.unit) == (VALIDITY, 5, Unit.WORKING)
    assert (found.used, found.left, found.due_on) == (1, 4, day("10-08"))


def test_the_appraisal_starts_when_the_complete_dossier_is_received():
    found = clock(story(SENT, COMPLETE), day("10-05"))
    assert (found.kind, found.started_on, found.used) == (APPRAISAL, day("10-05"), 0)


def test_fifteen_calendar_days_are_not_fifteen_working_days():
    old = clock(story(SENT, COMPLETE), day("10-12"), rules=OLD)
    new = clock(story(SENT, COMPLETE), day("10-12"), rules=NEW)
    assert (old.unit, old.used, old.left, old.due_on) == (Unit.CALENDAR, 7, 8, day("10-20"))
    assert (new.unit, new.used, new.left, new.due_on) == (Unit.WORKING, 5, 10, day("10-26"))


def test_the_day_it_is_due_is_still_in_time_and_the_next_is_late():
    events = story(SENT, COMPLETE)
    assert clock(events, day("10-26")).late_by == 0
    assert clock(events, day("10-26")).left == 0
    assert clock(events, day("10-27")).late_by == 1


def test_a_return_stops_the_clock_until_the_dossier_is_complete_again():
    events = story(SENT, COMPLETE, (Act.RETURN, day("10-09")))
    rests = clock(events, day("11-20"))
    assert (rests.is_paused, rests.used, rests.left, rests.due_on) == (True, 4, 11, None)
    assert rests.late_by == 0
    back = [
        *events,
        *story(
            SENT,
            COMPLETE,
            (Act.RETURN, day("10-09")),
            (Act.RESUBMIT, day("10-15")),
            (Act.RECEIVE, day("10-19")),
        )[3:],
    ]
    goes_on = clock(back, day("10-20"))
    assert (goes_on.kind, goes_on.is_paused, goes_on.used, goes_on.paused) == (
        APPRAISAL,
        False,
        5,
        6,
    )
    assert goes_on.due_on == PLAIN.add(day("10-19"), 11)


def test_while_it_is_checked_again_the_clock_of_that_check_runs():
    events = story(SENT, COMPLETE, (Act.RETURN, day("10-09")), (Act.RESUBMIT, day("10-15")))
    assert clock(events, day("10-16")).kind is VALIDITY


def test_an_incomplete_dossier_starts_no_appraisal():
    events = story(SENT, (Act.RETURN, day("10-06")))
    assert clock(events, day("10-07")) is None
    assert [found.kind for found in clocks_of(events, NEW, 3, PLAIN, day("10-07"))] == [VALIDITY]


def test_the_decision_has_seven_working_days_from_the_appraisal():
    events = story(SENT, COMPLETE, (Act.APPRAISE, day("10-20")))
    found = clock(events, day("10-22"))
    assert (found.kind, found.limit, found.used, found.due_on) == (APPROVAL, 7, 2, day("10-29"))


def test_a_second_appraisal_has_a_whole_new_clock():
    events = story(
        SENT,
        COMPLETE,
        (Act.APPRAISE, day("10-20")),
        (Act.RETURN, day("10-21")),
        (Act.RESUBMIT, day("10-22")),
        (Act.RECEIVE, day("10-23")),
    )
    assert clock(events, day("10-26")).used == 1


@pytest.mark.parametrize("act", [Act.APPROVE, Act.REFUSE])
def test_a_decision_stops_every_clock(act):
    events = story(SENT, COMPLETE, (Act.APPRAISE, day("10-20")), (act, day("10-23")))
    found = clocks_of(events, NEW, 3, PLAIN, day("12-01"))
    assert running(found) is None
    assert [(one.kind, one.used, one.ended_on) for one in found] == [
        (VALIDITY, 2, day("10-05")),
        (APPRAISAL, 11, day("10-20")),
        (APPROVAL, 3, day("10-23")),
    ]


def test_a_withdrawal_while_it_was_returned_stops_the_clock_that_stood():
    events = story(SENT, COMPLETE, (Act.RETURN, day("10-09")), (Act.WITHDRAW, day("10-12")))
    assert clock(events, day("11-01")) is None


@pytest.mark.parametrize("level", [1, 2])
def test_without_a_limit_the_days_are_counted_and_nothing_is_late(level):
    found = clock(story(SENT, COMPLETE), day("12-31"), level=level)
    assert (found.limit, found.left, found.due_on, found.late_by) == (None, None, None, 0)
    assert found.used == PLAIN.count(day("10-05"), day("12-31"))


def test_a_public_holiday_counts_for_calendar_days_only():
    calendar = WorkingCalendar({day("10-07"): False})
    events = story(SENT, COMPLETE)
    assert clock(events, day("10-08"), calendar=calendar).used == 2
    assert clock(events, day("10-08"), rules=OLD, calendar=calendar).used == 3


def test_a_saturday_that_is_worked_counts():
    calendar = WorkingCalendar({day("10-10"): True, day("10-09"): False})
    events = story(SENT, COMPLETE)
    assert clock(events, day("10-12"), calendar=calendar).used == 5
    assert clock(events, day("10-12"), calendar=calendar).due_on == day("10-26")


def test_tet_gives_no_working_day():
    tet = WorkingCalendar({one.day: one.is_working for one in published(2026)})
    events = story((Act.SUBMIT, day("02-10")), (Act.RECEIVE, day("02-13")))
    before, after = (clock(events, day(d), calendar=tet) for d in ("02-13", "02-20"))
    assert before.used == after.used == 0
    assert after.due_on > day("03-06")


def test_a_day_stated_by_a_paper_may_lie_before_the_day_it_was_sent():
    events = story((Act.SUBMIT, day("10-08")), COMPLETE)
    found = clocks_of(events, NEW, 3, PLAIN, day("10-12"))
    assert [one.used for one in found] == [0, 5]


CALENDARS = st.dictionaries(
    st.dates(day("09-01"), date(2027, 3, 1)), st.booleans(), max_size=30
).map(WorkingCalendar)


@st.composite
def stories(draw):
    state, on, acts = State.DRAFT, day("09-01"), []
    for _ in range(draw(st.integers(0, 12))):
        if not (possible := sorted(NEXT[state])):
            break
        act = draw(st.sampled_from(possible))
        on += timedelta(days=draw(st.integers(-2, 12)))
        acts.append((act, on))
        state = NEXT[state][act]
    return story(*acts)


RULES = st.sampled_from([OLD, NEW])
DAYS = st.dates(day("09-01"), date(2027, 3, 1))


@given(stories(), RULES, st.integers(1, 5), CALENDARS, DAYS)
@settings(max_examples=200, deadline=None)
def test_no_clock_is_ever_negative(events, rules, level, calendar, on):
    found = clocks_of(events, rules, level, calendar, on)
    assert found == clocks_of(events, rules, level, calendar, on)
    for one in found:
        assert min(one.used, one.paused, one.late_by, one.left or 0) >= 0
        assert one.limit is None or one.used == one.limit - one.left + one.late_by
        assert one.ended_on is None or one.ended_on >= one.started_on
    assert sum(one.ended_on is None for one in found) <= 2


@given(stories(), RULES, st.integers(1, 5), CALENDARS, DAYS, st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_days_used_only_grow(events, rules, level, calendar, on, more):
    last = max([on, *(event.on for event in events)])
    first = clocks_of(events, rules, level, calendar, last)
    later = clocks_of(events, rules, level, calendar, last + timedelta(days=more))
    for before, after in zip(first, later, strict=True):
        assert before.used <= after.used
        assert before.paused <= after.paused
        assert before.ended_on is None or before == after


@given(stories(), RULES, st.integers(3, 5), CALENDARS, DAYS)
@settings(max_examples=200, deadline=None)
def test_a_running_clock_is_late_exactly_after_the_day_it_is_due(
    events, rules, level, calendar, on
):
    last = max([on, *(event.on for event in events)])
    for one in clocks_of(events, rules, level, calendar, last):
        if one.is_running and one.limit is not None:
            assert one.is_late == (
                calendar.count(one.due_on, last) > 0
                if one.unit is Unit.WORKING
                else last > one.due_on
            )
