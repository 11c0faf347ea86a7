"""Writing the plan of a drill: objectives, scope and targets, sides, documents."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.audit import services as audit
from drills.core.errors import Conflict, DomainError, NotAllowedNow
from drills.core.text import N_, fold
from drills.exercises.models import (
    Drill,
    DrillDocument,
    DrillPerson,
    InjectSide,
    LogEntry,
    Objective,
    ObjectiveDetails,
    PaperDetails,
    PlanDetails,
    ScenarioVersion,
    Side,
)
from drills.exercises.services.apart import kept_apart
from drills.exercises.services.drills import refuse_closed
from drills.files.models import StoredFile

STEP = 10
"""Positions are counted in tens, so that a row fits between two others."""


def write_plan(
    session: Session, drill: Drill, details: PlanDetails, *, by: Person | None, version: int
) -> None:
    """``version`` is the drill's when the form was opened: Conflict if it has moved on."""
    refuse_closed(drill)
    if drill.version != version:
        raise Conflict(N_("Somebody else has changed this drill since you opened it."))
    with audit.changing(session, "planned", drill, by=by):
        for name, value in asdict(details).items():
            setattr(drill, name, value)


def pin_scenario(
    session: Session, drill: Drill, version: ScenarioVersion | None, *, by: Person | None
) -> None:
    """Let the drill follow this version, whatever becomes of the scenario later."""
    refuse_closed(drill)
    with audit.changing(session, "scenario_pinned", drill, by=by):
        drill.scenario_version_id = version.id if version else None


def objectives(session: Session, drill: Drill) -> Sequence[Objective]:
    query = sa.select(Objective).where(Objective.drill_id == drill.id)
    return session.scalars(query.order_by(Objective.position, Objective.id)).all()


def add_objective(
    session: Session, drill: Drill, details: ObjectiveDetails, *, by: Person | None
) -> Objective:
    refuse_closed(drill)
    last = session.scalar(
        sa.select(sa.func.max(Objective.position)).where(Objective.drill_id == drill.id)
    )
    objective = Objective(drill=drill, position=(last or 0) + STEP, **asdict(details))
    session.add(objective)
    audit.record(session, "objective_added", drill, by=by, changes=_said("text", details.text))
    return objective


def revise_objective(
    session: Session, objective: Objective, details: ObjectiveDetails, *, by: Person | None
) -> None:
    refuse_closed(objective.drill)
    with audit.changing(session, "revised", objective, by=by):
        for name, value in asdict(details).items():
            setattr(objective, name, value)


def drop_objective(session: Session, objective: Objective, *, by: Person | None) -> None:
    """Take an objective out of the plan. One that is rated stays."""
    refuse_closed(objective.drill)
    if objective.rating or objective.score is not None:
        raise NotAllowedNow(N_("An objective that has been rated can no longer be taken out."))
    drill = objective.drill
    audit.record(session, "objective_dropped", drill, by=by, changes=_gone("text", objective.text))
    session.delete(objective)
    session.flush()


def move_objective(
    session: Session, objective: Objective, steps: int, *, by: Person | None
) -> None:
    """Put an objective ``steps`` places further down, or with a negative number up."""
    refuse_closed(objective.drill)
    order = list(objectives(session, objective.drill))
    place = order.index(objective)
    order.insert(min(max(place + steps, 0), len(order) - 1), order.pop(place))
    with audit.changing(session, "revised", objective, by=by):
        for number, one in enumerate(order, start=1):
            one.position = number * STEP


def add_side(
    session: Session, drill: Drill, *, key: str, name: str, team_id: int | None, by: Person | None
) -> Side:
    """A playing side. ``key`` is one short word, by which the quick log knows it."""
    refuse_closed(drill)
    key = "".join(fold(key).split())
    if any(side.key == key for side in drill.sides):
        raise DomainError(N_("There is a side “%(key)s” already. Choose another key."), key=key)
    position = max((side.position for side in drill.sides), default=0) + STEP
    side = Side(key=key, name=name, team_id=team_id, position=position)
    with kept_apart(session, drill, by):
        drill.sides.append(side)
    audit.record(session, "side_added", drill, by=by, changes=_said("side", name))
    return side


def drop_side(session: Session, side: Side, drill: Drill, *, by: Person | None) -> None:
    """Take a side out, as long as no inject is addressed to it and no line is logged of it."""
    refuse_closed(drill)
    used: list[Any] = [
        sa.select(InjectSide.inject_id).where(InjectSide.side_id == side.id),
        sa.select(LogEntry.id).where(LogEntry.side_id == side.id),
    ]
    if any(session.scalar(query.limit(1)) is not None for query in used):
        raise NotAllowedNow(
            N_("“%(side)s” is named in injects or in the log. Take it out of the injects first."),
            side=side.name,
        )
    played = sa.update(DrillPerson).where(DrillPerson.side_id == side.id)
    with kept_apart(session, drill, by):
        session.execute(played.values(side_id=None))
        drill.sides.remove(side)
    audit.record(session, "side_dropped", drill, by=by, changes=_gone("side", side.name))
    session.flush()


def documents(session: Session, drill: Drill, person: Person) -> Sequence[DrillDocument]:
    """The papers of a drill that ``person`` may read, the newest last."""
    query = visible(DrillDocument, person).where(DrillDocument.drill_id == drill.id)
    ordered = query.order_by(DrillDocument.kind, DrillDocument.dated, DrillDocument.id)
    return session.scalars(ordered.options(joinedload(DrillDocument.file))).all()


def add_document(
    session: Session,
    drill: Drill,
    details: PaperDetails,
    *,
    file: StoredFile | None,
    by: Person | None,
) -> DrillDocument:
    """Papers may come after the drill is closed: a certificate often does."""
    paper = DrillDocument(
        drill=drill, file=file, added_by_id=by.id if by else None, **asdict(details)
    )
    session.add(paper)
    told = {"kind": ["", details.kind.value], "number": ["", details.number]}
    audit.record(session, "document_added", drill, by=by, changes=told)
    return paper


def drop_document(session: Session, paper: DrillDocument, *, by: Person | None) -> None:
    refuse_closed(paper.drill)
    told = {"kind": [paper.kind.value, ""], "number": [paper.number, ""]}
    audit.record(session, "document_dropped", paper.drill, by=by, changes=told)
    session.delete(paper)
    session.flush()


def _said(field: str, text: str) -> dict[str, list[str]]:
    return {field: ["", text]}


def _gone(field: str, text: str) -> dict[str, list[str]]:
    return {field: [text, ""]}
