"""How the register behaves with many systems: statements and CPU of its pages, import, export.

    python -m bench.systems [STEP …]

Works on a database of its own in a temporary folder. Each page is asked for with each number of
systems (1,000, 10,000 and 100,000 unless steps are given), and its CPU given as a ratio to that
with the first: what a machine can do does not matter. "after a change" is the first page once the
register has changed, when the numbers are counted anew.
"""

import gc
import resource
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from drills import create_app, migrations
from drills.accounts.models import Grant, Person, Role
from drills.core import database
from drills.core.tabular import Row, Sheet
from drills.core.text import fold, sort_key
from drills.extensions import db
from drills.systems import services
from drills.systems.models import Approval, InformationSystem
from drills.units.models import Organisation, Tier, Unit

DAY = date(2026, 11, 23)
PAGES = {
    "first page": "/systems/",
    "last page": "/systems/?page=999999",
    "by name": "/systems/?sort=name&page=3",
    "search": "/systems/?q=thu+tuc",
    "filters": "/systems/?level=3&level=4&approval=overdue&sort=-level",
    "a unit": "/systems/?unit=2&sort=unit",
    "a record": "/systems/7/",
    "home": "/",
}
STEPS = (1_000, 10_000, 100_000)
ROUNDS = 15
EXPORTED = 10_000
IMPORTED = 10_000


def people(session: Session) -> Person:
    tier = Tier(code="province", name_vi="Tỉnh", name_en="Province", position=1)
    root = Unit(code="ROOT", name="UBND tỉnh", tier=tier, path="1.")
    session.add_all([root, Organisation(root=root)])
    session.flush()
    for n in range(2, 102):
        unit = Unit(code=f"D{n}", name=f"Sở số {n}", tier=tier, parent_id=root.id, path=f"1.{n}.")
        session.add(unit)
    person = Person(name="Trần Lan", email="lan@bench.example", unit=root, active=True)
    person.grants = [Grant(role=Role.ADMINISTRATOR)]
    session.add(person)
    session.commit()
    return person


def fill(session: Session, first: int, last: int) -> None:
    approvals = list(Approval)
    rows = []
    for n in range(first, last):
        name = f"Hệ thống giải quyết thủ tục {n * 7919 % 100_003}"
        code = f"HT-{n:06}"
        rows.append(
            {
                "code": code,
                "name": name,
                "sort": sort_key(name),
                "search": fold(f"{code} {name}"),
                "description": "",
                "owner_id": n % 100 + 1,
                "operator_id": n % 100 + 1,
                "level": n % 5 + 1,
                "approval": approvals[n % len(approvals)],
                "decision_number": "",
                "decision_authority": "",
                "review_due_on": DAY + timedelta(days=n % 800 - 100),
                "responsible_id": 1,
                "version": 1,
            }
        )
    for start in range(0, len(rows), 5000):
        session.execute(sa.insert(InformationSystem), rows[start : start + 5000])
    session.commit()


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
        client.get(address), client.get(address)
        taken = []
        for _round in range(ROUNDS):
            seen.clear()
            taken.append(_asked(client, address))
        found[name] = len([s for s in seen if s.startswith("SELECT")]), median(taken)
    taken = []
    for _round in range(3):
        with app.app_context():
            database.begin_writing()
            db.session.get_one(InformationSystem, 5).description += "."
            db.session.commit()
        seen.clear()
        taken.append(_asked(client, "/systems/"))
    found["after a change"] = len([s for s in seen if s.startswith("SELECT")]), median(taken)
    return found


def _asked(client: FlaskClient, address: str) -> float:
    gc.collect()
    start = time.process_time()
    answer = client.get(address)
    taken = time.process_time() - start
    assert answer.status_code == 200, (address, answer.status_code)
    return taken


def exports(app: Flask, sign: str) -> None:
    """The sheet of 10,000 rows: time, and the most memory the process has taken so far."""
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = sign, True
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    size = len(client.get("/systems/export.xlsx").data)
    taken = time.perf_counter() - start
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"XLSX of {EXPORTED} rows: {taken:.2f} s, {size // 1024} KB, "
        f"resident {most // 1024} MB (before {before // 1024} MB)"
    )


def imports(session: Session) -> None:
    headers = ["Tên", "Chủ quản", "Cấp độ", "Số QĐ", "Ngày QĐ", "Cơ quan phê duyệt"]
    rows = [
        Row(n, (f"Nhập {n}", f"D{n % 100 + 2}", "Cấp 3", f"{n}/QĐ", "12/10/2025", "UBND tỉnh"))
        for n in range(2, IMPORTED + 2)
    ]
    start = time.perf_counter()
    plan = services.plan_import(session, Sheet(headers, rows), by=None, on=DAY)
    planned = time.perf_counter()
    services.carry_out(session, plan, by=None)
    session.commit()
    done = time.perf_counter()
    print(f"import of {IMPORTED}: plan {planned - start:.2f} s, write {done - planned:.2f} s")


def report(found: dict[int, dict[str, tuple[int, float]]]) -> None:
    first = min(found)
    heads = "".join(f"{step:>10,}{'ratio':>7}" for step in found)
    print(f"{'CPU of a page':<16}{'statements':>11}{heads}")
    for name, (_statements, least) in found[first].items():
        statements = max(answers[name][0] for answers in found.values())
        cells = "".join(
            f"{answers[name][1] * 1000:>8.1f}ms{answers[name][1] / least:>7.2f}"
            for answers in found.values()
        )
        print(f"{name:<16}{statements:>11}{cells}")


def main() -> None:
    steps = [int(step) for step in sys.argv[1:]] or list(STEPS)
    found: dict[int, dict[str, tuple[int, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.sqlite'}"
        app = create_app({"DATA": folder, "DATABASE_URL": url, "SECRET_KEY": "bench"})
        with app.app_context():
            migrations.upgrade(db.engine)
            sign = people(db.session).fs_uniquifier
        for before, step in zip((0, *steps), steps, strict=False):
            database.begin_writing()
            with app.app_context():
                fill(db.session, before, step)
                db.session.execute(sa.text("ANALYZE"))
                db.session.commit()
            found[step] = measure(app, sign)
            if step == EXPORTED:
                exports(app, sign)
        report(found)
        database.begin_writing()
        with app.app_context():
            imports(db.session)


if __name__ == "__main__":
    main()
