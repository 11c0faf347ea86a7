"""How the register behaves with many systems: statements and time of its pages, and of imports.

    python -m bench.systems [SYSTEMS]

Works on a database of its own in a temporary folder. Times depend on the machine, so each is
also given as a ratio: a page of many systems against the same page of a few.
"""

import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
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
    "search": "/systems/?q=thu+tuc",
    "filters": "/systems/?level=3&level=4&approval=overdue&sort=-level",
    "a unit": "/systems/?unit=2&sort=unit",
}
FEW = 500
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
    """Statements and the best of three times, in seconds, of each page."""
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = sign, True
    with app.app_context():
        engine = db.engine
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    found = {}
    for name, address in PAGES.items():
        taken = []
        for _round in range(3):
            seen.clear()
            start = time.perf_counter()
            answer = client.get(address)
            taken.append(time.perf_counter() - start)
            assert answer.status_code == 200, (address, answer.status_code)
            statements = len([s for s in seen if s.startswith("SELECT")])
        found[name] = statements, min(taken)
    return found


def imports(session: Session) -> None:
    headers = ["Tên", "Chủ quản", "Cấp độ", "Số QĐ", "Ngày QĐ"]
    rows = [
        Row(n, (f"Nhập {n}", f"D{n % 100 + 2}", "Cấp 3", f"{n}/QĐ", "12/10/2025"))
        for n in range(2, IMPORTED + 2)
    ]
    start = time.perf_counter()
    plan = services.plan_import(session, Sheet(headers, rows), by=None, on=DAY)
    planned = time.perf_counter()
    services.carry_out(session, plan, by=None)
    session.commit()
    done = time.perf_counter()
    print(f"import of {IMPORTED}: plan {planned - start:.2f} s, write {done - planned:.2f} s")


def report(
    few: dict[str, tuple[int, float]], result: dict[str, tuple[int, float]], many: int
) -> None:
    print(f"{'page':<12}{'statements':>11}{f'{FEW}':>10}{f'{many}':>10}{'ratio':>8}")
    for name, (statements, taken) in result.items():
        before = few[name][1]
        print(
            f"{name:<12}{statements:>11}{before * 1000:>8.0f}ms{taken * 1000:>8.0f}ms"
            f"{taken / before:>8.1f}"
        )


def main() -> None:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.sqlite'}"
        app = create_app({"DATA": folder, "DATABASE_URL": url, "SECRET_KEY": "bench"})
        with app.app_context():
            migrations.upgrade(db.engine)
            sign = people(db.session).fs_uniquifier
            fill(db.session, 0, FEW)
        few = measure(app, sign)
        database.begin_writing()
        with app.app_context():
            fill(db.session, FEW, many)
            db.session.execute(sa.text("ANALYZE"))
            db.session.commit()
        report(few, measure(app, sign), many)
        database.begin_writing()
        with app.app_context():
            imports(db.session)


if __name__ == "__main__":
    main()
