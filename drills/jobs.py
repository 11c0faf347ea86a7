"""The background jobs: a name, a function and how often. Nothing here knows APScheduler."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from drills.audit import services as audit
from drills.core import database
from drills.extensions import db
from drills.obligations.jobs import ask_contacts, keep_up
from drills.reminders.jobs import read_bounces, tick
from drills.roster.jobs import ask_again

log = logging.getLogger("drills.jobs")
Stopping = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Job:
    """``run`` answers with a line for the log, empty if nothing was to be done."""

    name: str
    run: Callable[[Session, Mapping[str, Any], Stopping], str]
    seconds_setting: str


JOBS = (
    Job("ask-again", ask_again, "TICK_SECONDS"),
    Job("keep-obligations", keep_up, "TICK_SECONDS"),
    Job("ask-contacts", ask_contacts, "TICK_SECONDS"),
    Job("send-reminders", tick, "TICK_SECONDS"),
    Job("read-bounces", read_bounces, "BOUNCES_SECONDS"),
)


def run(app: Flask, job: Job, stopping: Stopping) -> None:
    """Run ``job`` once, in its own session. An error is logged; the next tick tries again."""
    audit.origin.set("job")
    database.begin_writing()
    with app.app_context(), db.sessionmaker() as session:
        try:
            done = job.run(session, app.config, stopping)
        except Exception:
            log.exception("the job %s failed", job.name)
        else:
            log.log(logging.INFO if done else logging.DEBUG, "%s: %s", job.name, done or "idle")
