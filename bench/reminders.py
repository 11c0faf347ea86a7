"""How many reminders a second: plan, claim, mark, send to a mail server on loopback, record.

    PYTHONPATH=. python bench/reminders.py [PEOPLE] [DATABASE_URL]

Makes its own data; a database that is named must be empty. Prints one line of JSON.
"""

import json
import sys
import tempfile
import time
from datetime import timedelta
from socket import create_server

from aiosmtpd.controller import Controller

from drills import create_app, migrations
from drills.accounts.models import Person
from drills.core import clock
from drills.exercises.models import Drill, DrillPerson
from drills.extensions import db
from drills.reminders import jobs
from drills.reminders.services import plan, seed_rules
from drills.units.models import Organisation, Tier, Unit


class Sink:
    """Takes every letter and forgets it."""

    async def handle_DATA(self, _server, _session, _envelope):  # noqa: N802 - aiosmtpd calls it so
        return "250 OK"


def fill(session, people, now):
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
    session.add_all(persons)
    starts_at = now + timedelta(days=1)
    drill = Drill(
        code="DT-1",
        title="Diễn tập",
        kind_key="tabletop",
        unit=root,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        time_zone="Asia/Ho_Chi_Minh",
    )
    drill.people = [DrillPerson(person=person) for person in persons]
    session.add(drill)
    seed_rules(session)
    session.commit()


def timed(act):
    began = time.perf_counter()
    return act(), time.perf_counter() - began


def main(people=1000, database=""):
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Sink(), hostname="127.0.0.1", port=port)
    controller.start()
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            {
                "DATA": folder,
                "DATABASE_URL": database,
                "MAIL_URL": f"smtp://127.0.0.1:{port}",
                "SECRET_KEY": "bench",
            }
        )
        now = clock.now()
        with app.app_context(), db.sessionmaker() as session:
            migrations.upgrade(db.engine)
            fill(session, people, now)
            planned, first = timed(lambda: plan(session, now=now))
            session.commit()
            _none, again = timed(lambda: plan(session, now=now))
            session.commit()
            outcome, sending = timed(lambda: jobs.dispatch(session, app.config, at=now))
            db.engine.dispose()
    controller.stop()
    result = {
        "people": people,
        "planned": planned,
        "plan_seconds": round(first, 3),
        "plan_again_seconds": round(again, 3),
        "sent": outcome.sent,
        "per_second": round(outcome.sent / sending, 1),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(*(int(word) if word.isdigit() else word for word in sys.argv[1:]))
