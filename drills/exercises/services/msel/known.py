"""What a drill has already: that against which a sheet, or a table somebody edits, is read."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.exercises.models import Drill, Inject, MselColumn, Objective, Side
from drills.exercises.services.msel.details import InjectDetails, details_of
from drills.exercises.services.msel.times import Frame

ORDER = (MselColumn.drill_id.is_not(None), MselColumn.position, MselColumn.id)
"""The agency's columns for every drill come first."""


@dataclass(frozen=True)
class Known:
    """Injects in the order of the list, objectives and sides in theirs."""

    drill: Drill
    sides: list[Side]
    objectives: list[Objective]
    injects: list[Inject]
    columns: list[MselColumn]

    @property
    def frame(self) -> Frame:
        return frame_of(self.drill)

    def details(self) -> dict[int, InjectDetails]:
        return {inject.id: details_of(inject) for inject in self.injects}


def known(session: Session, drill: Drill) -> Known:
    """Four queries, however long the list is."""
    sides = session.scalars(
        sa.select(Side)
        .where(Side.drill_id == drill.id)
        .options(joinedload(Side.team))
        .order_by(Side.position, Side.id)
    )
    objectives = session.scalars(
        sa.select(Objective)
        .where(Objective.drill_id == drill.id)
        .order_by(Objective.position, Objective.id)
    )
    return Known(
        drill, list(sides), list(objectives), injects(session, drill), columns(session, drill)
    )


def injects(session: Session, drill: Drill) -> list[Inject]:
    query = sa.select(Inject).where(Inject.drill_id == drill.id)
    ordered = query.order_by(Inject.position, Inject.id).options(joinedload(Inject.sides))
    return list(session.scalars(ordered).unique())


def columns(session: Session, drill: Drill) -> list[MselColumn]:
    """The agency's columns for every drill, then those of this one."""
    mine = sa.or_(MselColumn.drill_id == drill.id, MselColumn.drill_id.is_(None))
    return list(session.scalars(sa.select(MselColumn).where(mine).order_by(*ORDER)))


def frame_of(drill: Drill) -> Frame:
    return Frame(drill.starts_at, drill.ends_at, drill.zone)


def due_at(drill: Drill, inject: Inject) -> datetime | None:
    """When it is due by the plan, the clock of the exercise not asked."""
    if inject.offset_seconds is None:
        return inject.planned_at
    return drill.starts_at + timedelta(seconds=inject.offset_seconds)
