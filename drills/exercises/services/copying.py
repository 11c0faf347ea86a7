"""Taking over from an earlier drill what may serve again."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import Refused
from drills.core.text import N_
from drills.exercises.models import (
    Drill,
    DrillTeam,
    DrillUnit,
    Inject,
    MselColumn,
    Objective,
    Readiness,
    ReadinessItem,
    Side,
)

OBJECTIVES, PLAN, SIDES, INJECTS, READINESS = "objectives", "plan", "sides", "injects", "readiness"
COPIES = {
    OBJECTIVES: N_("Objectives"),
    PLAN: N_("Scope, rules and targets"),
    SIDES: N_("Sides and parts"),
    READINESS: N_("Its own readiness tasks"),
    INJECTS: N_("Scenario and injects"),
}
_PLAN = ("scope", "rules", "detect_target_minutes", "contain_target_minutes")
_OBJECTIVE = ("position", "text", "capability", "priority")
_SIDE = ("key", "name", "team_id", "position")
_COLUMN = ("key", "label", "position", "audience")
_INJECT = (
    "number",
    "position",
    "phase",
    "offset_seconds",
    "situation_time",
    "sender",
    "channel",
    "title",
    "content",
    "expected_action",
    "note",
    "is_contingency",
    "extra",
    "foreign",
    "detect_target_minutes",
    "contain_target_minutes",
)


@dataclass(frozen=True, slots=True)
class _Map:
    """The new rows by the ids of the old ones."""

    objectives: dict[int, Objective]
    sides: dict[int, Side]


def take_over(
    session: Session, earlier: Drill, drill: Drill, what: Set[str], *, by: Person | None
) -> None:
    """Copy the parts of ``earlier`` that ``what`` names (keys of ``COPIES``) into ``drill``.

    Ratings, releases, answers and attendance belong to the earlier day and stay there.
    Refused for injects that ``by`` may not know.
    """
    if INJECTS in what and by is not None and not earlier.is_controlled_by(by):
        raise Refused(N_("You may not know the injects of that drill, so you cannot copy them."))
    drill.copied_from_id = earlier.id
    if PLAN in what:
        _copy(earlier, drill, _PLAN)
    wanted = what | ({OBJECTIVES, SIDES} if INJECTS in what else set())
    copies = _Map(
        _objectives(session, earlier, drill) if OBJECTIVES in wanted else {},
        _sides(session, earlier, drill) if SIDES in wanted else {},
    )
    if READINESS in what:
        _tasks(session, earlier, drill)
    if INJECTS in what:
        drill.scenario_version_id = earlier.scenario_version_id
        _injects(session, earlier, drill, copies)
    told = {"copied_from_id": ["", earlier.code], "what": ["", ", ".join(sorted(what))]}
    audit.record(session, "copied", drill, by=by, changes=told)


def _copy(old: Any, new: Any, names: tuple[str, ...]) -> Any:
    for name in names:
        value = getattr(old, name)
        setattr(new, name, dict(value) if isinstance(value, dict) else value)
    return new


def _of(session: Session, model: Any, drill: Drill) -> Any:
    return session.scalars(sa.select(model).where(model.drill_id == drill.id).order_by(model.id))


def _objectives(session: Session, earlier: Drill, drill: Drill) -> dict[int, Objective]:
    rows = _of(session, Objective, earlier).all()
    copies = {row.id: _copy(row, Objective(drill=drill), _OBJECTIVE) for row in rows}
    session.add_all(copies.values())
    return copies


def _sides(session: Session, earlier: Drill, drill: Drill) -> dict[int, Side]:
    """The sides, and what units, teams and people were, for those who take part again."""
    copies = {row.id: _copy(row, Side(), _SIDE) for row in _of(session, Side, earlier).all()}
    drill.sides.extend(copies.values())
    session.flush()
    people = {link.person_id: link for link in earlier.people}
    for link in drill.people:
        if old := people.get(link.person_id):
            link.part = old.part
            link.side_id = copies[old.side_id].id if old.side_id in copies else None
    links: tuple[Any, ...] = ((DrillTeam, "team_id"), (DrillUnit, "unit_id"))
    for model, key in links:
        query = sa.select(model)
        before = {
            getattr(old, key): old.part
            for old in session.scalars(query.where(model.drill_id == earlier.id))
        }
        for new in session.scalars(query.where(model.drill_id == drill.id)):
            new.part = before.get(getattr(new, key), new.part)
    return copies


def _tasks(session: Session, earlier: Drill, drill: Drill) -> None:
    for row in _of(session, ReadinessItem, earlier):
        if row.text:
            new = ReadinessItem(drill=drill, state=Readiness.OPEN)
            session.add(_copy(row, new, ("key", "text", "position")))


def _injects(session: Session, earlier: Drill, drill: Drill, copies: _Map) -> None:
    """Without their times of day: an inject at a fixed moment is left without one."""
    for column in _of(session, MselColumn, earlier):
        session.add(_copy(column, MselColumn(drill_id=drill.id), _COLUMN))
    query = sa.select(Inject).where(Inject.drill_id == earlier.id).order_by(Inject.id)
    rows = session.scalars(query.options(selectinload(Inject.sides))).all()
    new: dict[int, Inject] = {}
    for row in rows:
        inject = _copy(row, Inject(drill=drill), _INJECT)
        inject.objective = copies.objectives.get(row.objective_id or 0)
        inject.sides = [copies.sides[side.id] for side in row.sides if side.id in copies.sides]
        new[row.id] = inject
    session.add_all(new.values())
    session.flush()
    for row in rows:
        if row.depends_on_id in new:
            new[row.id].depends_on_id = new[row.depends_on_id].id
    session.flush()
