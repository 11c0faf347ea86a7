"""A dispatcher in a process of its own: ``worker.py CONFIG AT [POINT]``, killed at POINT.

AT is a moment to send as of, or ``loop``: then it ticks by the clock until nothing is left.
A POINT is a step of the protocol and what has just happened there: ``claim:before-commit``,
``mark:after-commit``, or a moment of the mail dialogue, ``smtp:dot``; ``:3`` behind it means
the third time. The settings may hold CLOCK_SHIFT, in seconds; FILE_SIZE, in bytes: no file may
grow larger then, as on a full disk; and PACE: pauses between attempts are so many times as long.
"""

import json
import os
import resource
import signal
import smtplib
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from drills import create_app
from drills.core import clock
from drills.core.mail import SmtpTransport
from drills.extensions import db
from drills.reminders import jobs
from drills.reminders.models import IN_HAND, OPEN, Delivery
from drills.reminders.services import queue

STEPS = {
    "reap": (queue, "reap"),
    "plan": (jobs, "plan"),
    "claim": (queue, "claim"),
    "mark": (queue, "mark_sending"),
    "record": (queue, "record_sent"),
    "fail": (queue, "record_failure"),
}
AFTER_TROUBLE = ("reap", "fail")
"""Steps that have something to do only once something went wrong."""
COMMITS = ("before-commit", "after-commit")
DIALOGUE = ("connect", "rcpt", "data", "mid-body", "dot", "verdict")
POINTS = (
    *(f"{step}:{moment}" for step in STEPS if step not in AFTER_TROUBLE for moment in COMMITS),
    *(f"smtp:{moment}" for moment in DIALOGUE),
)


class Fate:
    """Counts how often the point is passed, and ends the process there."""

    def __init__(self, point):
        self.step, self.moment, *times = point.split(":")
        self.left = int(times[0]) if times else 1
        self.at_hand = set()

    def meet(self, step, moment):
        if (step, moment) == (self.step, self.moment):
            self.left -= 1
            if not self.left:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch(self):
        for name, (owner, attribute) in STEPS.items():
            setattr(owner, attribute, self._noting(name, getattr(owner, attribute)))
        event.listen(Session, "before_commit", lambda _: self._meet_all(COMMITS[0]))
        event.listen(Session, "after_commit", lambda _: self._committed())
        self._watch_dialogue()

    def _noting(self, name, act):
        def noted(*given, **named):
            answer = act(*given, **named)
            if answer != 0:
                self.at_hand.add(name)
            return answer

        return noted

    def _meet_all(self, moment):
        for step in tuple(self.at_hand):
            self.meet(step, moment)

    def _committed(self):
        self._meet_all(COMMITS[1])
        self.at_hand = set()

    def _watch_dialogue(self):
        wrap, meet = self._after, self.meet
        wrap(SmtpTransport, "_open", lambda *_: meet("smtp", "connect"))
        wrap(SmtpTransport, "_address", lambda *_: meet("smtp", "rcpt"))
        wrap(
            smtplib.SMTP,
            "docmd",
            lambda _, command, *__: command == "data" and meet("smtp", "data"),
        )
        wrap(SmtpTransport, "_converse", lambda *_: meet("smtp", "verdict"))
        send = smtplib.SMTP.send

        def sending(connection, data):
            is_body = data[-5:] == b"\r\n.\r\n"
            if is_body and self.moment == "mid-body":
                send(connection, data[: len(data) // 2])
                meet("smtp", "mid-body")
                data = data[len(data) // 2 :]
            send(connection, data)
            if is_body and self.moment == "dot":
                time.sleep(0.3)
                meet("smtp", "dot")

        smtplib.SMTP.send = sending

    @staticmethod
    def _after(owner, attribute, then):
        act = getattr(owner, attribute)

        def wrapped(*given, **named):
            answer = act(*given, **named)
            then(*given)
            return answer

        setattr(owner, attribute, wrapped)


def bend_the_world(settings):
    """Take out of the settings what is not the application's."""
    if shift := settings.pop("CLOCK_SHIFT", 0):
        now = clock.now
        clock.now = lambda: now() + timedelta(seconds=shift)
    if size := settings.pop("FILE_SIZE", 0):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    if pace := settings.pop("PACE", 1):
        queue.BACKOFF = tuple(wait * pace for wait in queue.BACKOFF)
        queue.ROAD_PAUSE *= pace
    return settings


def tick_until_done(session, config):
    """A tick that fails is tried again, as the clockwork does."""
    waiting = sa.select(sa.func.count()).where(Delivery.state.in_(OPEN | IN_HAND))
    left = 1
    while left:
        try:
            jobs.dispatch(session, config)
            left = session.scalar(waiting)
        except sa.exc.DBAPIError as error:
            print(f"tick: {error.orig}", file=sys.stderr, flush=True)
        session.rollback()
        time.sleep(0.02)


def run(app, at, point=""):
    if point:
        Fate(point).watch()
    with app.app_context(), db.sessionmaker() as session:
        if at == "loop":
            tick_until_done(session, app.config)
        else:
            jobs.dispatch(session, app.config, at=datetime.fromisoformat(at))


def main(config, at, point=""):
    run(create_app(bend_the_world(json.loads(Path(config).read_text()))), at, point)


if __name__ == "__main__":
    main(*sys.argv[1:])
