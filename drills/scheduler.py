"""The only importer of APScheduler. It ticks; what is due stands in our own tables."""

import gc
import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from drills.core import clock
from drills.jobs import JOBS, Job, run

log = logging.getLogger("drills.scheduler")
MISSED_TICKS = 3


class Clockwork:
    """Runs every job in its rhythm until stopped.

    APScheduler waits for a time of day: set the clock back by two hours and it is silent for
    two hours. A watchdog that counts monotonic time starts it afresh then.
    """

    def __init__(self, app: Flask, jobs: tuple[Job, ...] = JOBS) -> None:
        self.app, self.jobs = app, jobs
        self.stopping = threading.Event()
        self.running = threading.Lock()
        self.ticked = time.monotonic()
        self.shortest = float(min(app.config[job.seconds_setting] for job in jobs))
        self.scheduler = self._scheduler()
        self.watchdog = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        self.scheduler.start()
        self.watchdog.start()

    def stop(self) -> None:
        """Finish the message at hand, give the others back, and end."""
        self.stopping.set()
        self.watchdog.join()
        self.scheduler.shutdown(wait=True)

    def _scheduler(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(timezone=UTC)
        for job in self.jobs:
            scheduler.add_job(
                self._tick,
                "interval",
                (job,),
                id=job.name,
                seconds=self.app.config[job.seconds_setting],
                next_run_time=clock.now(),
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        return scheduler

    def _tick(self, job: Job) -> None:
        with self.running:
            if self.stopping.is_set():
                return
            self.ticked = time.monotonic()
            run(self.app, job, self.stopping.is_set)
            self.ticked = time.monotonic()

    def _watch(self) -> None:
        while not self.stopping.wait(self.shortest):
            silent_for = time.monotonic() - self.ticked
            if silent_for > MISSED_TICKS * self.shortest and not self.running.locked():
                log.warning("no tick for %.0f s, the clock was set back: starting anew", silent_for)
                self.scheduler.shutdown(wait=False)
                self.ticked = time.monotonic()
                self.scheduler = self._scheduler()
                self.scheduler.start()


def settle_memory() -> None:
    """What was made at the start stays to the end: looking for rubbish in it takes a fifth of a
    second each time, in the middle of a page or a letter.
    """
    gc.collect()
    gc.freeze()


def start(app: Flask) -> Callable[[], None]:
    """Run the jobs beside whatever this process does; call the answer to stop them."""
    clockwork = Clockwork(app)
    clockwork.start()
    return clockwork.stop


def serve(app: Flask) -> None:
    """Run the jobs, and nothing else, until SIGTERM or SIGINT."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for noisy in ("alembic", "apscheduler"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    finished = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: finished.set())
    stop = start(app)
    settle_memory()
    log.info("looking for reminders every %s s", app.config["TICK_SECONDS"])
    finished.wait()
    stop()
