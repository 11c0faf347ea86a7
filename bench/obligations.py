"""Every obligation computed anew, one change heeded, the wall of all units.

    python -m bench.obligations [UNITS [SYSTEMS]]

Works on a database of its own in a temporary folder; 2,000 units, 12 rules and 300 systems unless
said otherwise. Times of processor; the machine's own pace is measured first, so that figures of
two machines can be compared as ratios.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from drills import create_app, migrations
from drills.accounts.models import Grant, Person, Role
from drills.audit import services as audit
from drills.core import database
from drills.core.text import sort_key
from drills.exercises.models import Drill, DrillSystem, DrillUnit, Status
from drills.extensions import db
from drills.obligations.models import Obligation, RuleDetails, SubjectKind, VersionDetails
from drills.obligations.services import recompute, rules
from drills.systems.models import InformationSystem
from drills.units.models import Organisation, Tier, Unit

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
DRILLS = 500
YEARLY = {"kind": "period", "months": 12, "starts": "01-01"}
RULES: tuple[tuple[str, str], ...] = (
    *((met_by, "unit") for met_by in ("live_fire_drill_of_unit", "drill_of_unit")),
    *(("noted", "unit"),) * 4,
    *(("report_sent", "unit"),) * 3,
    *((met_by, "system") for met_by in ("live_fire_drill_of_system", "drill_of_system")),
    ("noted", "system"),
)


def fill(session: Session, units: int, systems: int) -> Person:
    tier = Tier(code="province", name_vi="Tỉnh", name_en="Province", position=1)
    root = Unit(code="ROOT", name="UBND tỉnh", tier=tier, path="1.")
    session.add_all([root, Organisation(root=root)])
    session.flush()
    session.execute(sa.insert(Unit), [_unit(n, tier.id) for n in range(2, units + 1)])
    session.execute(sa.insert(InformationSystem), [_system(n, units) for n in range(systems)])
    session.execute(sa.insert(Drill), [_drill(n) for n in range(DRILLS)])
    took = [{"drill_id": n % DRILLS + 1, "unit_id": n + 1} for n in range(units)]
    tried = [{"drill_id": n % DRILLS + 1, "system_id": n + 1} for n in range(systems)]
    session.execute(sa.insert(DrillUnit), took)
    session.execute(sa.insert(DrillSystem), tried)
    person = Person(name="Trần Lan", email="lan@bench.example", unit=root, active=True)
    person.grants = [Grant(role=Role.SECURITY_TEAM)]
    session.add(person)
    rules.save(session, [_rule(n, *one) for n, one in enumerate(RULES)], NOW.date(), by=None)
    session.commit()
    return person


def _unit(n: int, tier_id: int) -> dict[str, object]:
    name = f"Xã số {n}"
    return {
        "id": n, "code": f"D{n}", "name": name, "sort": sort_key(name), "tier_id": tier_id,
        "parent_id": 1, "path": f"1.{n}.", "version": 1,
    }  # fmt: skip


def _system(n: int, units: int) -> dict[str, object]:
    name = f"Hệ thống số {n}"
    return {
        "id": n + 1, "code": f"HT-{n:05}", "name": name, "sort": sort_key(name), "owner_id": 1,
        "operator_id": 1 + n % units, "level": n % 5 + 1, "version": 1,
    }  # fmt: skip


def _drill(n: int) -> dict[str, object]:
    at = NOW - timedelta(days=n + 1)
    return {
        "id": n + 1, "code": f"DT-{n:05}", "title": f"Diễn tập {n}", "kind_key": "live_fire",
        "unit_id": 1, "starts_at": at, "ends_at": at, "time_zone": "Asia/Ho_Chi_Minh",
        "status": Status.COMPLETED, "version": 1,
    }  # fmt: skip


def _rule(n: int, met_by: str, subject: str) -> RuleDetails:
    version = VersionDetails(date(2020, 1, 1), YEARLY, {}, lead_days=(30,))
    name = f"Nghĩa vụ {n}"
    return RuleDetails(f"r{n}", name, name, SubjectKind(subject), met_by, (version,))


def pace() -> float:
    """Seconds this machine takes for a fixed piece of work."""
    started = time.process_time()
    sum(hash((n, str(n))) for n in range(1_000_000))
    return time.process_time() - started


def measure(name: str, unit: float, work: Callable[[], object]) -> None:
    started, walked = time.process_time(), time.perf_counter()
    work()
    used, taken = time.process_time() - started, time.perf_counter() - walked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{name:<34}{used:8.3f} s CPU {taken:8.3f} s {used / unit:8.2f} × pace   peak {peak} MB")


def _measure_all(session: Session, person: Person, units: int) -> None:
    unit = pace()
    print(f"pace {unit:.3f} s; {len(RULES)} rules, {units} units")
    measure("everything, the first time", unit, lambda: recompute.recompute(session, NOW, ZONE))
    session.commit()
    print(f"{session.scalar(sa.select(sa.func.count()).select_from(Obligation))} obligations")
    measure(
        "everything again, nothing to write", unit, lambda: recompute.recompute(session, NOW, ZONE)
    )
    session.commit()
    measure(
        "a look whether anything happened", unit, lambda: recompute.is_stale(session, NOW, ZONE)
    )
    for number in (1, 2, 3):
        drill = session.get_one(Drill, number)
        audit.record(session, "revised", drill, by=None)
        session.commit()
        measure("one drill changed", unit, lambda: recompute.refresh(session, NOW, ZONE))
        session.commit()
    changed = session.get_one(Unit, 7)
    audit.record(session, "revised", changed, by=None)
    session.commit()
    measure("one unit changed", unit, lambda: recompute.refresh(session, NOW, ZONE))
    session.commit()
    assert person.id


def _wall(app: object, person: Person, uniquifier: str) -> None:
    client = app.test_client()  # type: ignore[attr-defined]
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"], cookie["fs_cc"] = uniquifier, True, "set"
    client.get("/obligations/")
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    unit = pace()
    measure("the wall, first page", unit, lambda: client.get("/obligations/"))
    asked = [one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))]
    print(f"in {len(asked)} statements")
    measure("the wall, page 40", unit, lambda: client.get("/obligations/?page=40"))
    assert person


def main() -> None:
    units = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    systems = int(sys.argv[2]) if len(sys.argv) > 2 else 300
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
            person = fill(db.session, units, systems)
            _measure_all(db.session, person, units)
            uniquifier = person.fs_uniquifier
            _wall(app, person, uniquifier)
            db.engine.dispose()


if __name__ == "__main__":
    main()
