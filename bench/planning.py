"""What planning costs: everything at once, one day's window, and a tick with nothing due.

    python -m bench.planning [DRILLS=10000] [HISTORY=1000000]

20 people and 4 lead times for each drill, on an SQLite file of its own. Prints one line of JSON;
``calibration`` is how many rows a second the same machine inserts into a bare table with one
unique text key, so that figures of two machines can be compared.
"""

import json
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills import create_app, migrations
from drills.accounts.models import Person
from drills.exercises.models import Drill, DrillPerson, Status
from drills.extensions import db
from drills.reminders import jobs
from drills.reminders.kinds import KINDS
from drills.reminders.models import Delivery, ReminderState, State
from drills.reminders.services import plan, planning, seed_rules, store
from drills.reminders.services import slots as reckoning
from drills.scheduler import settle_memory
from drills.units.models import Organisation, Tier, Unit

PEOPLE, CHUNK = 20, 20_000
FIRST = datetime(2026, 11, 1, 2, tzinfo=UTC)
ZONES = ["Asia/Ho_Chi_Minh"] * 8 + ["Europe/Berlin", "America/New_York"]


def fill(session: Session, drills: int) -> None:
    tier = Tier(code="province", name_vi="Tỉnh", name_en="Province", position=1)
    root = Unit(code="ROOT", name="UBND tỉnh", tier=tier)
    session.add(root)
    session.flush()
    root.path = f"{root.id}."
    session.add(Organisation(root=root))
    persons = [
        Person(name=f"Nguyễn Văn {n}", email=f"p{n}@bench.example", unit_id=root.id)
        for n in range(500)
    ]
    session.add_all(persons)
    session.flush()
    ids = [person.id for person in persons]
    rows = [_drill(n, root.id) for n in range(drills)]
    session.execute(sa.insert(Drill), rows)
    parts = [
        {"drill_id": n + 1, "person_id": ids[(n + 25 * place) % 500], "part": "player"}
        for n in range(drills)
        for place in range(PEOPLE)
    ]
    for first in range(0, len(parts), CHUNK):
        session.execute(sa.insert(DrillPerson), parts[first : first + CHUNK])
    seed_rules(session)
    session.commit()


def _drill(n: int, unit_id: int) -> dict[str, Any]:
    starts_at = FIRST + timedelta(hours=n % 4000)
    return {
        "code": f"DT-{n}",
        "title": f"Diễn tập {n}",
        "kind_key": "tabletop",
        "unit_id": unit_id,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=3),
        "time_zone": ZONES[n % len(ZONES)],
        "status": Status.PLANNED,
        "version": 1,
    }


def timed(act: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    return act(), time.perf_counter() - began


def calibration(folder: Path) -> float:
    """Rows a second into a bare table."""
    with sqlite3.connect(folder / "bare.sqlite") as bare:
        bare.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, key TEXT UNIQUE, at TEXT)")
        rows = ((f"drill:{n}:{n % 4}:{n % 20}:1764000000", "2026-11-01") for n in range(200_000))
        _none, seconds = timed(
            lambda: bare.executemany("INSERT INTO bare (key, at) VALUES (?, ?)", rows)
        )
    return 200_000 / seconds


def everything(session: Session) -> tuple[int, float]:
    """All lead times of all drills, whenever they fall due."""
    now = FIRST - timedelta(days=60)

    def act() -> int:
        where = planning.place(session, now)
        kind, rules = KINDS["drill"], planning.active_rules(session)["drill"]
        span = reckoning.Span(now, FIRST + timedelta(days=400))
        due = list(reckoning.slots(session, kind, rules, where, span))
        stored = store(session, kind, rules, due, where.now)
        session.commit()
        return stored

    return timed(act)


def a_day(session: Session, start: datetime) -> tuple[int, float]:
    _looked(session, start)
    found = timed(lambda: plan(session, now=start + timedelta(minutes=9)))
    session.execute(sa.delete(Delivery))
    session.commit()
    return found


def _looked(session: Session, start: datetime) -> None:
    """As if nobody had planned for the day before ``start``, and nothing had been changed."""
    state = session.get_one(ReminderState, 1)
    state.planned_until, state.looked_back_at = start - timedelta(days=1), start
    state.next_due_at = None
    session.commit()


def remember(session: Session, rows: int) -> None:
    """A history of messages that were sent."""
    long_ago = FIRST - timedelta(days=900)
    for first in range(0, rows, CHUNK):
        values = [
            {
                "delivery_key": f"drill:{n}:1:{n % 500}:0",
                "kind": "drill",
                "subject_id": n % 10_000 + 1,
                "rule_id": 1,
                "person_id": n % 500 + 1,
                "anchor_at": long_ago,
                "due_at": long_ago,
                "next_at": long_ago,
                "sent_at": long_ago,
                "state": State.SENT,
                "address": "p@bench.example",
            }
            for n in range(first, min(first + CHUNK, rows))
        ]
        session.execute(sa.insert(Delivery), values)
        session.commit()


def ticks(session: Session, config: Any, now: datetime) -> tuple[float, float]:
    """Milliseconds of a tick with nothing due and nothing changed, and of one that looks back."""
    plan(session, now=now)
    session.execute(sa.delete(Delivery).where(Delivery.state != State.SENT))
    session.commit()
    idle = [
        timed(lambda n=n: jobs.dispatch(session, config, at=now + timedelta(seconds=n)))[1]
        for n in range(1, 21)
    ]
    back = [
        timed(lambda n=n: plan(session, now=now + timedelta(minutes=11 * n)))[1] for n in (1, 2, 3)
    ]
    session.rollback()
    return median(idle) * 1000, median(back) * 1000


def main(drills: int = 10_000, history: int = 1_000_000) -> None:
    with tempfile.TemporaryDirectory() as name:
        bare = calibration(Path(name))
        app = create_app(
            {"DATA": name, "DATABASE_URL": "", "MAIL_URL": "smtp://127.0.0.1:1", "SECRET_KEY": "x"}
        )
        with app.app_context(), db.sessionmaker() as session:
            migrations.upgrade(db.engine)
            fill(session, drills)
            settle_memory()
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            rows, all_seconds = everything(session)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            session.execute(sa.delete(Delivery))
            session.commit()
            days = [a_day(session, FIRST + timedelta(days=40 + n)) for n in range(5)]
            remember(session, history)
            idle, back = ticks(session, app.config, FIRST + timedelta(days=400))
            db.engine.dispose()
    result = {
        "calibration": round(bare),
        "planned": rows,
        "seconds": round(all_seconds, 2),
        "of_bare": round(rows / all_seconds / bare, 3),
        "megabytes": round(peak / 1024),
        "megabytes_before": round(before / 1024),
        "day_rows": round(median(row for row, _seconds in days)),
        "day_ms": round(median(seconds for _row, seconds in days) * 1000, 1),
        "idle_tick_ms": round(idle, 2),
        "look_back_ms": round(back, 1),
        "history": history,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
