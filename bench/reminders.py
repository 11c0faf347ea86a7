"""Sending reminders against a bare loop of smtplib to the same mail server, in one run.

    python -m bench.reminders [PEOPLE] [DATABASE_URL]

Makes its own data: drills of 20 people each, a day ahead. A database that is named must be
empty. The mail server is a process of its own. Prints one line of JSON: letters a second of
both, and their ratio.
"""

import json
import os
import smtplib
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import timedelta
from socket import create_server

import sqlalchemy as sa

from drills import create_app, migrations
from drills.accounts.models import Person
from drills.core import clock, database
from drills.exercises.models import Drill, DrillPerson
from drills.extensions import db
from drills.reminders import jobs
from drills.reminders.letters import Press
from drills.reminders.models import Delivery
from drills.reminders.services import plan, seed_rules
from drills.units.models import Organisation, Tier, Unit

CREW = 20


@contextmanager
def sink(log=os.devnull, *faults):
    """The port of a mail server that runs meanwhile."""
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "bench.sink", str(port), str(log), json.dumps(faults)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    try:
        yield port
    finally:
        process.kill()
        process.communicate()


def fill(session, people, now, *, ahead=timedelta(days=1), zone="Asia/Ho_Chi_Minh"):
    """Drills of ``CREW`` people each that are to be reminded of now."""
    tier = Tier(code="province", name_vi="Tỉnh", name_en="Province", position=1)
    root = Unit(code="ROOT", name="UBND tỉnh", tier=tier)
    session.add(root)
    session.flush()
    root.path = f"{root.id}."
    session.add(Organisation(root=root))
    persons = [
        Person(name=f"Nguyễn Văn {n}", email=f"p{n}@bench.example", unit_id=root.id)
        for n in range(people)
    ]
    starts_at = now + ahead
    for first in range(0, people, CREW):
        drill = Drill(
            code=f"DT-{first}",
            title=f"Diễn tập số {first}",
            kind_key="tabletop",
            unit=root,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=3),
            time_zone=zone,
        )
        drill.people = [DrillPerson(person=person) for person in persons[first : first + CREW]]
        session.add(drill)
    seed_rules(session)
    session.commit()


def timed(act):
    began = time.perf_counter()
    return act(), time.perf_counter() - began


def letters_of(session, config, now, count):
    with database.reading():
        press = Press(config, at=now, today=now)
        found = session.scalars(sa.select(Delivery).order_by(Delivery.id).limit(count))
        letters = [press.letter(delivery) for delivery in found]
        session.rollback()
    return letters


def bare(port, letters):
    """Hand over ready letters as simply as can be."""
    with smtplib.SMTP("127.0.0.1", port) as connection:
        for letter in letters:
            connection.sendmail(letter.sender, [letter.recipient], letter.data)


def main(people=5000, url=""):
    with sink() as port, tempfile.TemporaryDirectory() as folder:
        settings = {"DATA": folder, "DATABASE_URL": url, "SECRET_KEY": "bench"}
        app = create_app(settings | {"MAIL_URL": f"smtp://127.0.0.1:{port}"})
        now = clock.now()
        with app.app_context(), db.sessionmaker() as session:
            migrations.upgrade(db.engine)
            fill(session, people, now)
            plan(session, now=now)
            session.commit()
            some = letters_of(session, app.config, now, people // 2)
            _none, before = timed(lambda: bare(port, some))
            outcome, sending = timed(lambda: jobs.dispatch(session, app.config, at=now))
            _none, after = timed(lambda: bare(port, some))
            db.engine.dispose()
    plain, ours = 2 * len(some) / (before + after), outcome.sent / sending
    result = {
        "database": url.partition(":")[0] or "sqlite",
        "sent": outcome.sent,
        "bare_per_second": round(plain, 1),
        "per_second": round(ours, 1),
        "ratio": round(ours / plain, 2),
        "connections": app.config["MAIL_CONNECTIONS"],
        "group": app.config["MAIL_GROUP"],
        "load": os.getloadavg()[0],
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(*(int(word) if word.isdigit() else word for word in sys.argv[1:]))
