"""How drills behave when there are many: statements and CPU of their pages, and polling players.

    python -m bench.drills [pages [DRILLS] | polling]

Works on databases of its own in a temporary folder. A year has 50 drills, a drill 40 injects and
200 lines of the log; the pages are asked for with one such year and with a hundred of them: 5,000
drills, 200,000 injects, 1,000,000 lines, or as many as DRILLS says. The years before are copied
from the first inside the database, a statement for each table. CPU is given as a ratio, so what a
machine can do does not matter. Polling: 200 players of one running drill ask a real server every
15 seconds for what is new, while control logs a line every three seconds.
"""

import gc
import http.client
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from drills import create_app, migrations
from drills.accounts.models import Grant, Person, Role
from drills.core import clock, database
from drills.core.orm import Base
from drills.core.text import fold
from drills.exercises.models import (
    ClockAct,
    ClockEvent,
    Drill,
    DrillPerson,
    Inject,
    InjectSide,
    InjectStatus,
    LogEntry,
    LogKind,
    Part,
    Side,
    Status,
)
from drills.extensions import db
from drills.units.models import Organisation, Tier, Unit

NOW = clock.now().replace(microsecond=0)
A_YEAR, INJECTS, LINES = 50, 40, 200
MANY = 5_000
ROUNDS = 15
PLAYERS, EVERY, LASTS = 200, 15, 60
PORT, OK = 8179, 200
PAGES = {
    "drill": "/drills/3/",
    "conduct": "/drills/3/conduct/",
    "quiet pulse": "/drills/3/conduct/pulse",
    "evaluation": "/drills/3/evaluation/",
    "log": "/drills/3/log/",
    "list": "/drills/",
    "calendar": f"/drills/calendar?year={NOW.year}",
    "month": f"/drills/calendar/month?month={NOW.year}-{NOW.month:02}",
    "year": f"/reports/{NOW.year}/",
    "home": "/",
}


def people(session: Session) -> Person:
    tier = Tier(code="province", name_vi="Tỉnh", name_en="Province", position=1)
    root = Unit(code="ROOT", name="UBND tỉnh", tier=tier, path="1.")
    session.add_all([root, Organisation(root=root)])
    session.flush()
    person = Person(name="Trần Lan", email="lan@bench.example", unit=root, active=True)
    person.grants = [Grant(role=Role.ADMINISTRATOR)]
    session.add(person)
    session.commit()
    return person


def fill(session: Session) -> None:
    """The fifty drills of this year."""
    rows = range(1, A_YEAR + 1)
    session.execute(sa.insert(Drill), [_drill(n) for n in rows])
    session.execute(
        sa.insert(Side), [{"id": n, "drill_id": n, "key": "soc", "name": "SOC"} for n in rows]
    )
    turns = [_turn(n, *turn) for n in rows for turn in ((1, ClockAct.START), (2, ClockAct.END))]
    session.execute(sa.insert(ClockEvent), turns)
    injects = [_inject(n, i) for n in rows for i in range(INJECTS)]
    session.execute(sa.insert(Inject), injects)
    received = [{"inject_id": row["id"], "side_id": row["drill_id"]} for row in injects]
    session.execute(sa.insert(InjectSide), received)
    session.execute(sa.insert(LogEntry), [_line(n, i) for n in rows for i in range(LINES)])


OWN, DRILL, INJECT = "id + {size} * k", "drill_id + {year} * k", "inject_id + {injects} * k"
SIDE = "side_id + {year} * k"
EARLIER = "strftime('%Y-%m-%d %H:%M:%S.000000', {column}, '-' || k || ' years')"
COPIED: dict[type[Base], dict[str, str]] = {
    Drill: {
        "id": OWN,
        "code": "'DT-' || (substr(code, 4, 4) - k) || '-' || printf('%05d', id + {year} * k)",
        "starts_at": EARLIER,
        "ends_at": EARLIER,
    },
    Side: {"id": OWN, "drill_id": DRILL},
    ClockEvent: {"id": OWN, "drill_id": DRILL, "at": EARLIER},
    Inject: {"id": OWN, "drill_id": DRILL, "released_at": EARLIER},
    InjectSide: {"inject_id": INJECT, "side_id": SIDE},
    LogEntry: {
        "id": OWN,
        "drill_id": DRILL,
        "inject_id": INJECT,
        "side_id": SIDE,
        "at": EARLIER,
        "recorded_at": EARLIER,
        "client_id": "lower(hex(randomblob(16)))",
    },
}
"""What differs in the copy of a row ``k`` years earlier; all other columns are as they were."""


def repeat(session: Session, years: int) -> None:
    """Copy this year ``years`` times, each a year earlier."""
    years_back = "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < :years)"
    for model, differing in COPIED.items():
        table: Any = sa.inspect(model).local_table
        size = session.scalar(sa.select(sa.func.count()).select_from(table))
        places = {"size": size, "year": A_YEAR, "injects": A_YEAR * INJECTS}
        columns = [f'"{column.name}"' for column in table.columns]
        copied = [
            differing.get(column.name, f'"{column.name}"').format(column=column.name, **places)
            for column in table.columns
        ]
        session.execute(
            sa.text(
                f"INSERT INTO {table.name} ({', '.join(columns)}) {years_back} "
                f"SELECT {', '.join(copied)} FROM {table.name}, n ORDER BY k"
            ),
            {"years": years},
        )
    session.commit()


def _starts_at(number: int) -> datetime:
    years, place = divmod(number - 1, A_YEAR)
    return datetime(NOW.year - years, 1 + place % 12, 1 + place // 2, 1, tzinfo=UTC)


def _drill(number: int) -> dict[str, object]:
    title = f"Diễn tập {number * 7919 % 100_003}"
    starts_at = _starts_at(number)
    return {
        "id": number,
        "code": f"DT-{starts_at.year}-{number:05}",
        "title": title,
        "search": fold(title),
        "kind_key": ("tabletop", "live_fire", "functional")[number % 3],
        "unit_id": 1,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=3),
        "time_zone": "Asia/Ho_Chi_Minh",
        "status": Status.COMPLETED,
        "detect_target_minutes": 20,
        "contain_target_minutes": 60,
        "version": 1,
    }


def _turn(number: int, place: int, act: ClockAct) -> dict[str, object]:
    at = _starts_at(number) + timedelta(hours=3 * (place - 1))
    return {"drill_id": number, "number": place, "act": act, "at": at}


def _inject(number: int, place: int) -> dict[str, object]:
    seconds = place * 240
    return {
        "id": (number - 1) * INJECTS + place + 1,
        "drill_id": number,
        "number": str(place + 1),
        "position": place,
        "title": f"Tình huống {place + 1}",
        "content": "Máy trạm phòng Kế toán hiện thông điệp đòi tiền chuộc.",
        "offset_seconds": seconds,
        "status": InjectStatus.RELEASED,
        "released_at": _starts_at(number) + timedelta(seconds=seconds),
        "released_exercise_seconds": seconds,
        "version": 2,
    }


def _line(number: int, place: int) -> dict[str, object]:
    kinds = (LogKind.RELEASED, LogKind.DETECTED, LogKind.CONTAINED, LogKind.NOTE, LogKind.REPORTED)
    step = place % len(kinds)
    inject = place // len(kinds) % INJECTS
    seconds = inject * 240 + (0, 300 + number % 60, 900 + number % 90, 400, 600)[step]
    at = _starts_at(number) + timedelta(seconds=seconds)
    return {
        "drill_id": number,
        "inject_id": (number - 1) * INJECTS + inject + 1,
        "side_id": None if step == 0 else number,
        "kind": kinds[step],
        "text": "" if step < 3 else "Cô lập FS-01 khỏi mạng lưu trữ",
        "at": at,
        "exercise_seconds": seconds,
        "recorded_at": at,
        "by_id": 1,
    }


def measure(app: Flask, sign: str) -> dict[str, tuple[int, float]]:
    """Statements and the median CPU of some rounds, in seconds, of each page."""
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = sign, True
    with app.app_context():
        engine = db.engine
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    found = {}
    for name, address in PAGES.items():
        given: dict[str, str] = {}
        if name == "quiet pulse":
            given["If-None-Match"] = client.get(address).headers["ETag"]
        taken = []
        gc.collect()
        gc.disable()
        for _round in range(ROUNDS + 2):
            seen.clear()
            start = time.process_time()
            answer = client.get(address, headers=given)
            taken.append(time.process_time() - start)
            assert answer.status_code in {200, 304}, (address, answer.status_code)
        gc.enable()
        found[name] = len([s for s in seen if s.startswith("SELECT")]), median(taken[2:])
    return found


def pages(folder: str, many: int) -> None:
    url = f"sqlite:///{Path(folder) / 'pages.sqlite'}"
    app = create_app({"DATA": folder, "DATABASE_URL": url, "SECRET_KEY": "bench"})
    with app.app_context():
        migrations.upgrade(db.engine)
        sign = people(db.session).fs_uniquifier
    found = {}
    for step in (A_YEAR, many):
        began = time.monotonic()
        database.begin_writing()
        with app.app_context():
            fill(db.session) if step == A_YEAR else repeat(db.session, many // A_YEAR - 1)
            db.session.execute(sa.text("ANALYZE"))
            db.session.commit()
        print(f"{step:,} drills written in {time.monotonic() - began:.0f} s", flush=True)
        found[step] = measure(app, sign)
    few = A_YEAR
    print(f"{'CPU of a page':<14}{'statements':>11}{few:>10,}{many:>10,}{'ratio':>7}")
    for name, (_statements, least) in found[few].items():
        statements, most = found[many][name]
        times = f"{least * 1000:>8.1f}ms{most * 1000:>8.1f}ms{most / least:>7.2f}"
        print(f"{name:<14}{statements:>11}{times}")


def polling(folder: str) -> None:
    os.environ |= {
        "DRILLS_DATA": folder,
        "DRILLS_PORT": str(PORT),
        "DRILLS_SECRET_KEY": "bench " * 8,
    }
    app = create_app()
    with app.app_context():
        migrations.upgrade(db.engine)
        signs = players(db.session, people(db.session))
        write = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        now = int(time.time())
        cookies = [
            write.dumps({"_user_id": sign, "_fresh": True, "began": now, "seen": now})
            for sign in signs
        ]
    server = subprocess.Popen([sys.executable, "-m", "drills", "serve"], stdout=subprocess.DEVNULL)
    try:
        wait_for_the_server()
        stop = threading.Event()
        writer = threading.Thread(target=keep_logging, args=(app, stop))
        writer.start()
        asked = ask(cookies)
        stop.set()
        writer.join()
    finally:
        server.terminate()
        server.wait()
    times = sorted(taken for taken, _status in asked)
    quiet = sum(status == 304 for _taken, status in asked)
    wrong = [status for _taken, status in asked if status not in {200, 304}]
    p95 = quantiles(times, n=20)[-1]
    print(f"{PLAYERS} players every {EVERY} s for {LASTS} s: {len(times)} answers,")
    print(f"{quiet} of them 304, {len(wrong)} wrong;")
    print(f"median {median(times) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms")


def wait_for_the_server() -> None:
    for _second in range(120):
        time.sleep(1)
        with suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == OK:
                return
    raise TimeoutError("the server does not answer")


def players(session: Session, lead: Person) -> list[str]:
    """A running drill with 200 players on four sides, and their signs."""
    drill = Drill(**_drill(1) | {"status": Status.RUNNING, "starts_at": NOW, "lead_id": lead.id})
    drill.ends_at = NOW + timedelta(hours=3)
    session.add(drill)
    session.flush()
    sides = [Side(drill_id=1, key=f"s{n}", name=f"Đội {n}", position=n) for n in range(4)]
    session.add_all(sides)
    session.add(ClockEvent(drill_id=1, number=1, act=ClockAct.START, at=NOW))
    session.flush()
    session.execute(sa.insert(Inject), [_inject(1, place) for place in range(INJECTS)])
    people = [
        Person(name=f"Người chơi {n}", email=f"p{n}@bench.example", unit_id=1, active=True)
        for n in range(PLAYERS)
    ]
    for person in people:
        person.grants = [Grant(role=Role.IR_MEMBER)]
    session.add_all(people)
    session.flush()
    session.add_all(
        DrillPerson(drill_id=1, person_id=person.id, part=Part.PLAYER, side_id=sides[n % 4].id)
        for n, person in enumerate(people)
    )
    session.commit()
    return [person.fs_uniquifier for person in people]


def keep_logging(app: Flask, stop: threading.Event) -> None:
    """A line of control every three seconds, every fifth of them for all sides."""
    count = 0
    while not stop.wait(3):
        count += 1
        kind = LogKind.RELEASED if count % 5 == 0 else LogKind.NOTE
        database.begin_writing()
        with app.app_context():
            at = clock.now()
            row = {"kind": kind, "text": "Dòng", "at": at, "recorded_at": at, "by_id": 1}
            row |= {"inject_id": count if kind is LogKind.RELEASED else None}
            db.session.add(LogEntry(drill_id=1, exercise_seconds=count, **row))
            db.session.commit()


def ask(cookies: list[str]) -> list[tuple[float, int]]:
    """How long each answer took, and its status."""
    answers: list[tuple[float, int]] = []
    threads = [
        threading.Thread(target=_player, args=(cookie, answers.append)) for cookie in cookies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _player(cookie: str, note: Callable[[tuple[float, int]], None]) -> None:
    revision, began = "", time.monotonic()
    time.sleep(random.random() * EVERY)
    while time.monotonic() - began < LASTS:
        start = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        headers = {"Cookie": f"session={cookie}", "If-None-Match": revision}
        connection.request("GET", "/drills/1/play/pulse", headers=headers)
        answer = connection.getresponse()
        answer.read()
        note((time.perf_counter() - start, answer.status))
        revision = answer.getheader("ETag") or revision
        connection.close()
        time.sleep(EVERY)


def main() -> None:
    names = [word for word in sys.argv[1:] if not word.isdecimal()] or ["pages", "polling"]
    many = next((int(word) for word in sys.argv[1:] if word.isdecimal()), MANY)
    with tempfile.TemporaryDirectory() as folder:
        if "pages" in names:
            pages(folder, many)
    with tempfile.TemporaryDirectory() as folder:
        if "polling" in names:
            polling(folder)


if __name__ == "__main__":
    main()
