"""The exercise clock and its buttons."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drills.core.errors import Conflict, NotAllowedNow
from drills.exercises.models import ClockAct, ExerciseClock, Status
from drills.exercises.services import conduct
from tests.conftest import NOW

TURNS = (ClockAct.PAUSE, ClockAct.RESUME)


@st.composite
def clocks(draw):
    """A clock that was started, paused and resumed, and perhaps ended; and a moment after."""
    gaps = draw(st.lists(st.integers(0, 5000), max_size=6))
    events, at = [(ClockAct.START, NOW)], NOW
    for n, gap in enumerate(gaps):
        at += timedelta(seconds=gap)
        events.append((TURNS[n % 2], at))
    at += timedelta(seconds=draw(st.integers(0, 5000)))
    if draw(st.booleans()):
        events.append((ClockAct.END, at))
    return ExerciseClock(NOW, tuple(events)), at + timedelta(seconds=draw(st.integers(0, 5000)))


@settings(deadline=None)
@given(clocks(), st.integers(0, 40_000))
def test_what_is_due_now_is_due_when_the_clock_says_so(drawn, offset):
    clock, now = drawn
    due = clock.wall_time_of(offset, now)
    if due <= now and not clock.is_paused:
        assert clock.exercise_seconds(due) <= offset
        assert offset - clock.exercise_seconds(due) < 2 or clock.is_over
    elif clock.is_running:
        assert due - now == timedelta(seconds=offset - clock.exercise_seconds(now))


@settings(deadline=None)
@given(clocks(), st.lists(st.integers(-5000, 40_000), min_size=2, max_size=2))
def test_time_played_never_runs_backwards_and_never_faster_than_the_wall(drawn, seconds):
    clock, _now = drawn
    first, last = sorted(seconds)
    played = clock.exercise_seconds(NOW + timedelta(seconds=last)) - clock.exercise_seconds(
        NOW + timedelta(seconds=first)
    )
    assert 0 <= played <= last - first


@settings(deadline=None)
@given(clocks(), st.integers(1, 40_000), st.integers(1, 9000))
def test_a_pause_moves_what_remains_by_its_length(drawn, offset, length):
    clock, now = drawn
    if not clock.is_running or offset <= clock.exercise_seconds(now):
        return
    before = clock.wall_time_of(offset, now)
    later = now + timedelta(seconds=length)
    paused = ExerciseClock(NOW, (*clock.events, (TURNS[0], now), (TURNS[1], later)))
    assert paused.wall_time_of(offset, later) - before == timedelta(seconds=length)


def test_the_status_follows_the_clock(make, session):
    drill, lead = make.drill(), make.person()
    conduct.turn(session, drill, ClockAct.START, seen=0, by=lead, at=NOW)
    assert drill.status is Status.RUNNING
    clock = conduct.turn(session, drill, ClockAct.END, seen=1, by=lead, at=NOW + timedelta(hours=1))
    assert drill.status is Status.COMPLETED
    assert clock.exercise_seconds(NOW + timedelta(days=1)) == 3600


def test_the_same_button_twice_starts_once(make, session):
    drill = make.drill()
    for _ in range(2):
        conduct.turn(session, drill, ClockAct.START, seen=0, by=None, at=NOW)
    assert [event.act for event in conduct.events(session, drill)] == [ClockAct.START]


def test_two_controllers_with_different_wishes_are_told(make, session):
    drill = make.drill()
    conduct.turn(session, drill, ClockAct.START, seen=0, by=None, at=NOW)
    conduct.turn(session, drill, ClockAct.PAUSE, seen=1, by=None, at=NOW)
    with pytest.raises(Conflict):
        conduct.turn(session, drill, ClockAct.END, seen=1, by=None, at=NOW)


def test_a_clock_that_has_not_started_cannot_be_paused(make, session):
    with pytest.raises(NotAllowedNow):
        conduct.turn(session, make.drill(), ClockAct.PAUSE, seen=0, by=None, at=NOW)


def test_live_fire_without_its_safety_record_does_not_start(make, session):
    drill = make.drill(kind_key="live_fire")
    with pytest.raises(NotAllowedNow):
        conduct.turn(session, drill, ClockAct.START, seen=0, by=None, at=NOW)
    assert drill.status is Status.PLANNED
