"""The figures on levels, the list behind them and form 08, with many systems.

    python -m bench.figures [SYSTEMS]

Works on a database of its own in a temporary folder: systems with a decision and a check each.
"""

import io
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills import create_app, migrations
from drills.accounts.models import Grant, Person, Role
from drills.approvals.models import Check, CheckKind
from drills.core import database
from drills.core.text import sort_key
from drills.extensions import db
from drills.reports import form_08 as workbook
from drills.reports.models import form_08, levels
from drills.systems.models import Approval, Decision, InformationSystem, PlanState
from drills.units.models import Organisation, Tier, Unit

DAY, ZONE = date(2026, 11, 23), ZoneInfo("Asia/Ho_Chi_Minh")
LAST_YEAR = date(2025, 12, 14)
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
UNITS = 100


def people(session: Session) -> Person:
    tier = Tier(code="province", name_vi="Tỉnh", name_en="Province", position=1)
    root = Unit(code="ROOT", name="UBND tỉnh", tier=tier, path="1.")
    session.add_all([root, Organisation(root=root)])
    session.flush()
    session.add_all(
        Unit(code=f"D{n}", name=f"Sở số {n}", tier=tier, parent_id=root.id, path=f"1.{n}.")
        for n in range(2, UNITS + 2)
    )
    person = Person(name="Trần Lan", email="lan@bench.example", unit=root, active=True)
    person.grants = [Grant(role=Role.MANAGER)]
    session.add(person)
    session.commit()
    return person


def fill(session: Session, count: int) -> None:
    """``count`` approved systems, each with its decision and a check."""
    days = [DAY - timedelta(days=30 + n % 900) for n in range(count)]
    session.execute(sa.insert(InformationSystem), [_system(n, day) for n, day in enumerate(days)])
    session.execute(sa.insert(Decision), [_decision(n, day) for n, day in enumerate(days)])
    session.execute(sa.insert(Check), [_check(n) for n in range(count)])
    session.commit()


def _system(n: int, day: date) -> dict[str, object]:
    name = f"Hệ thống thông tin số {n}"
    return {
        "id": n + 1,
        "code": f"HT-{n:06}",
        "name": name,
        "sort": sort_key(name),
        "owner_id": 1,
        "operator_id": 2 + n % UNITS,
        "level": n % 5 + 1,
        "approval": Approval.APPROVED,
        "decision_number": f"{n}/QĐ-UBND",
        "decision_date": day,
        "plan_state": list(PlanState)[n % 3],
        "version": 1,
    }


def _decision(n: int, day: date) -> dict[str, object]:
    return {
        "system_id": n + 1,
        "level": n % 5 + 1,
        "number": f"{n}/QĐ-UBND",
        "signed_on": day,
        "authority": "UBND tỉnh",
        "recorded_at": NOW,
    }


def _check(n: int) -> dict[str, object]:
    return {
        "system_id": n + 1,
        "kind": CheckKind.COMPLIANCE,
        "done_on": DAY - timedelta(days=n % 700),
        "done_by": "Trung tâm",
        "version": 1,
    }


def measure(name: str, work: Callable[[], object]) -> None:
    started = time.process_time()
    work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{name:<28} {time.process_time() - started:7.2f} s CPU   peak {peak} MB")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            {
                "DATA": folder,
                "DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.sqlite'}",
                "SECRET_KEY": "a key for measuring only",
            }
        )
        with app.app_context():
            database.prepare(db.engine)
            migrations.upgrade(db.engine)
            person = people(db.session)
            fill(db.session, count)
            print(f"{count} systems")
            for name, on in (("figures of today", DAY), ("figures of last year", LAST_YEAR)):
                measure(name, lambda on=on: levels.figures(db.session, person, on, ZONE))
            form = form_08.form(db.session, person, 2026, DAY, ZONE)
            measure("form 08", lambda: form_08.form(db.session, person, 2026, DAY, ZONE))
            measure("form 08 as a workbook", lambda: workbook.write(io.BytesIO(), form))
            db.engine.dispose()


if __name__ == "__main__":
    main()
