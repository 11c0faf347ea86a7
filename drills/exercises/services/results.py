"""Reading the results of drills: the one place where MTTD and MTTR come from.

Pages, lists, charts, exports and reports all ask here; nothing is stored, so a correction of the
log is in every figure at once.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.exercises.models import (
    Drill,
    Inject,
    InjectSide,
    InjectStatus,
    InjectVerdict,
    LogEntry,
    LogKind,
    Side,
    Verdict,
)
from drills.exercises.models import results as of
from drills.exercises.models.results import Outcome, Sent, Stamp, Summary

TIMED = (LogKind.DETECTED, LogKind.CONTAINED)


@dataclass(frozen=True, slots=True)
class Results:
    outcomes: Sequence[Outcome]

    @property
    def whole(self) -> Summary:
        return of.summary(self.outcomes)

    @property
    def sides(self) -> dict[int | None, Summary]:
        return of.by_side(self.outcomes)

    def of_inject(self, inject_id: int) -> list[Outcome]:
        return [row for row in self.outcomes if row.sent.inject_id == inject_id]


def of_drill(session: Session, drill: Drill, person: Person | None = None) -> Results:
    """The results of one drill; with ``person``, of the injects they may see."""
    sent = _sent(session, {drill.id}, person)
    return Results(of.outcomes(sent, _stamps(session, {drill.id}), _verdicts(session, drill)))


def summaries(session: Session, drill_ids: Collection[int]) -> dict[int, Summary]:
    """Figures by drill, in four queries however many; a drill without a release has none."""
    if not drill_ids:
        return {}
    sent = _sent(session, drill_ids)
    return of.by_drill(of.outcomes(sent, _stamps(session, drill_ids))) if sent else {}


def _sent(session: Session, ids: Collection[int], person: Person | None = None) -> list[Sent]:
    query = (
        sa.select(
            Inject.id,
            Inject.drill_id,
            Inject.released_exercise_seconds,
            sa.func.coalesce(Inject.detect_target_minutes, Drill.detect_target_minutes),
            sa.func.coalesce(Inject.contain_target_minutes, Drill.contain_target_minutes),
            Inject.number,
            Inject.title,
        )
        .join(Drill, Drill.id == Inject.drill_id)
        .where(Inject.drill_id.in_(ids), Inject.status == InjectStatus.RELEASED)
        .order_by(Inject.drill_id, Inject.position, Inject.id)
    )
    if person is not None:
        query = query.where(Inject.visible_to(person))
    rows = session.execute(query).all()
    if not rows:
        return []
    addressed, sides = _addressed(session, ids), _sides(session, ids)
    return [
        Sent(
            key,
            drill,
            released or 0,
            addressed.get(key) or sides.get(drill) or (None,),
            detect,
            contain,
            number,
            title,
        )
        for key, drill, released, detect, contain, number, title in rows
    ]


def _addressed(session: Session, ids: Collection[int]) -> dict[int, tuple[int | None, ...]]:
    query = sa.select(InjectSide.inject_id, InjectSide.side_id).join(
        Inject, Inject.id == InjectSide.inject_id
    )
    return _grouped(session, query.where(Inject.drill_id.in_(ids)).order_by(InjectSide.side_id))


def _sides(session: Session, ids: Collection[int]) -> dict[int, tuple[int | None, ...]]:
    query = sa.select(Side.drill_id, Side.id).where(Side.drill_id.in_(ids))
    return _grouped(session, query.order_by(Side.position, Side.id))


def _grouped(session: Session, query: sa.Select[Any]) -> dict[int, tuple[int | None, ...]]:
    found: dict[int, list[int | None]] = defaultdict(list)
    for key, value in session.execute(query):
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}


def _stamps(session: Session, ids: Collection[int]) -> list[Stamp]:
    first = sa.func.min(LogEntry.exercise_seconds)
    query: sa.Select[Any] = (
        sa.select(LogEntry.inject_id, LogEntry.side_id, LogEntry.kind, first)
        .where(
            LogEntry.drill_id.in_(ids),
            LogEntry.kind.in_(TIMED),
            LogEntry.inject_id.is_not(None),
            LogEntry.stands(),
        )
        .group_by(LogEntry.inject_id, LogEntry.side_id, LogEntry.kind)
    )
    return [Stamp(*row) for row in session.execute(query)]


def _verdicts(session: Session, drill: Drill) -> dict[tuple[int, int | None], tuple[Verdict, str]]:
    query = sa.select(
        InjectVerdict.inject_id, InjectVerdict.side_id, InjectVerdict.verdict, InjectVerdict.note
    ).join(Inject, Inject.id == InjectVerdict.inject_id)
    rows = session.execute(query.where(Inject.drill_id == drill.id))
    return {(inject, side): (verdict, note) for inject, side, verdict, note in rows}
