"""The clockwork that ticks."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.schedulers import base

from drills.core import clock
from drills.jobs import Job
from drills.scheduler import Clockwork


@pytest.fixture(autouse=True)
def _frozen_clock():
    """The scheduler lives by the clock on the wall: it would catch up with every tick since."""


def clockwork(app, act, seconds=0.3):
    app.config["TICK_SECONDS"] = seconds
    return Clockwork(app, (Job("test", act, "TICK_SECONDS"),))


def test_the_clockwork_ticks_and_stops(app):
    ticks = []
    works = clockwork(app, lambda _session, _config, _stopping: ticks.append(1) or "")
    works.start()
    wait_until(lambda: len(ticks) > 2)
    works.stop()
    seen = len(ticks)
    time.sleep(0.2)
    assert len(ticks) == seen
    assert not works.scheduler.running


def test_an_error_in_a_job_does_not_end_the_ticking(app, caplog):
    ticks = []

    def act(_session, _config, _stopping):
        ticks.append(1)
        raise RuntimeError("the database is away")

    works = clockwork(app, act)
    works.start()
    wait_until(lambda: len(ticks) > 1)
    works.stop()
    assert "the job test failed" in caplog.text


def test_a_silent_scheduler_is_started_anew(app):
    """What a clock set back does: the next run lies hours ahead."""
    ticks = []
    works = clockwork(app, lambda _session, _config, _stopping: ticks.append(1) or "", seconds=1)
    works.start()
    wait_until(lambda: ticks)
    later = clock.now() + timedelta(days=40000)
    with works.running:  # on a slow machine the watchdog may have started it anew already
        silent = works.scheduler
        silent.modify_job("test", next_run_time=later)
    seen = len(ticks)
    wait_until(lambda: len(ticks) > seen + 1)
    works.stop()
    assert works.scheduler is not silent


def test_ticks_go_on_when_the_clock_is_set_back_by_two_hours(app, monkeypatch):
    """Left to itself the scheduler would wait for the time it knew, two hours long."""
    ticks, shift = [], timedelta()

    class Wall(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + shift

    monkeypatch.setattr(base, "datetime", Wall)
    monkeypatch.setattr(clock, "now", lambda: Wall.now(UTC))
    works = clockwork(app, lambda _session, _config, _stopping: ticks.append(1) or "")
    works.start()
    wait_until(lambda: len(ticks) > 1)
    shift = timedelta(hours=-2)
    seen, before = len(ticks), works.scheduler
    wait_until(lambda: len(ticks) > seen + 2)
    works.stop()
    assert works.scheduler is not before


def test_stopping_waits_for_the_job_at_hand(app):
    began, told = threading.Event(), []

    def act(_session, _config, stopping):
        began.set()
        wait_until(stopping)
        told.append("finished")
        return ""

    works = clockwork(app, act)
    works.start()
    began.wait(5)
    works.stop()
    assert told == ["finished"]


def wait_until(holds, seconds=10):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
