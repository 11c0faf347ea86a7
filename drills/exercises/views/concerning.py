"""The drills of one system, and of one person."""

from typing import Any

import sqlalchemy as sa
from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, visible
from drills.core import clock
from drills.exercises.models import (
    PRESENCES,
    Attendance,
    Drill,
    DrillPerson,
    DrillSystem,
)
from drills.exercises.services import history, safety
from drills.exercises.services.history import Subject
from drills.exercises.views.blueprint import bp
from drills.exercises.views.history import figures
from drills.extensions import db
from drills.systems.models import InformationSystem
from drills.web.access import requires
from drills.web.pages import paged
from drills.web.session import current_person


@bp.get("/systems/<int:system_id>/drills/")
@requires(Permission.SYSTEM_VIEW, on=InformationSystem)
def of_system(system: InformationSystem) -> ResponseReturnValue:
    """When this system was exercised; one of level 3 or above that never was, is told so."""
    named = sa.select(DrillSystem.drill_id).where(DrillSystem.system_id == system.id)
    page = paged(db.session, _newest_first(Drill.id.in_(named)))
    shown: dict[str, Any] = {"page": page, "now": clock.now()}
    shown["summary"] = figures(Subject.SYSTEM, system.id)
    shown["open"] = safety.open_of_system(db.session, system.id, current_person())
    return render_template("exercises/of_system.html", system=system, **shown)


def _newest_first(condition: sa.ColumnElement[bool]) -> sa.Select[Drill]:
    drills = visible(Drill, current_person()).where(condition)
    ordered = drills.order_by(Drill.starts_at.desc(), Drill.id.desc())
    return ordered.options(joinedload(Drill.unit))


@bp.get("/people/<int:person_id>/drills/")
@requires(Permission.DRILL_VIEW, on=Person)
def of_person(person: Person) -> ResponseReturnValue:
    """What somebody has taken part in, as what, and whether they came."""
    took_part = history.drill_ids(Subject.PERSON, person.id, current_person())
    either = sa.or_(Drill.joined_by(person), Drill.id.in_(took_part))
    page = paged(db.session, _newest_first(either))
    ids = [drill.id for drill in page.items]
    shown: dict[str, Any] = {
        "parts_by_drill": _parts(person, ids),
        "came": _came(person, ids),
        "presences": PRESENCES,
    }
    shown |= {"page": page, "now": clock.now(), "summary": figures(Subject.PERSON, person.id)}
    return render_template("exercises/of_person.html", account=person, **shown)


def _parts(person: Person, ids: list[int]) -> dict[int, str]:
    query = sa.select(DrillPerson).where(
        DrillPerson.person_id == person.id, DrillPerson.drill_id.in_(ids)
    )
    return {link.drill_id: link.part_label for link in db.session.scalars(query)}


def _came(person: Person, ids: list[int]) -> dict[int, Attendance]:
    query = sa.select(Attendance).where(
        Attendance.person_id == person.id, Attendance.drill_id.in_(ids)
    )
    return {row.drill_id: row for row in db.session.scalars(query)}
