"""A dispatcher in a process of its own: ``worker.py CONFIG AT [POINT]``, killed at POINT.

A point is ``before-commit:N``, ``after-commit:N`` or the name of a moment in the SMTP dialogue.
"""

import json
import os
import signal
import smtplib
import sys
import time
from datetime import datetime
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.orm import Session

from drills import create_app
from drills.extensions import db
from drills.reminders import jobs


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at(point):
    name, _, count = point.partition(":")
    if name.endswith("commit"):
        left = [int(count)]

        def passing(_session):
            left[0] -= 1
            if not left[0]:
                die()

        event.listen(Session, name.replace("-", "_"), passing)
    elif name == "after-dot":
        send = smtplib.SMTP.send

        def sending(self, data):
            send(self, data)
            if data[-5:] == b"\r\n.\r\n":
                time.sleep(0.5)
                die()

        smtplib.SMTP.send = sending
    elif name == "after-verdict":
        jobs.Worker._record = lambda *_given: die()


def main(config, at, point=""):
    app = create_app(json.loads(Path(config).read_text()))
    if point:
        kill_at(point)
    with app.app_context(), db.sessionmaker() as session:
        outcome = jobs.dispatch(session, app.config, at=datetime.fromisoformat(at))
    print(outcome.sent)


if __name__ == "__main__":
    main(*sys.argv[1:])
