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
    sent, stamps = _facts(session, {drill.id}, person)
    return Results(of.outcomes(sent, stamps, _verdicts(session, {drill.id})))


def of_drills(session: Session, drill_ids: Collection[int]) -> list[Outcome]:
    """The outcomes of several drills with their verdicts, in two queries however many."""
    if not drill_ids:
        return []
    sent, stamps = _facts(session, drill_ids)
    return of.outcomes(sent, stamps, _verdicts(session, drill_ids))


def summaries(session: Session, drill_ids: Collection[int]) -> dict[int, Summary]:
    """Figures by drill, in one query however many; a drill without a release has none."""
    if not drill_ids:
        return {}
    sent, stamps = _facts(session, drill_ids)
    return of.by_drill(of.outcomes(sent, stamps))


def _facts(
    session: Session, ids: Collection[int], person: Person | None = None
) -> tuple[list[Sent], list[Stamp]]:
    """What was sent and what was noted of it: four kinds of rows in one round trip.

    The columns, by kind: ``sent`` inject, drill, release, targets, number, title; ``to`` inject,
    side; ``side`` drill, side; ``stamp`` inject, side, seconds, kind.
    """
    parts = (_released(ids, person), _addressed(ids), _sides(ids), _stamps(ids))
    rows: dict[str, list[Any]] = defaultdict(list)
    for row in session.execute(sa.union_all(*parts)):
        rows[row[0]].append(row[1:])
    addressed, sides = _grouped(rows["to"]), _grouped(rows["side"])
    sent = [
        Sent(
            inject,
            drill,
            released or 0,
            addressed.get(inject) or sides.get(drill) or (None,),
            detect,
            contain,
            number,
            title,
        )
        for inject, drill, released, detect, contain, number, title, _place in sorted(
            rows["sent"], key=lambda row: (row[1], row[7], row[0])
        )
    ]
    stamps = [Stamp(row[0], row[1], LogKind(row[5]), row[2]) for row in rows["stamp"]]
    return sent, stamps


def _arm(what: str, *columns: Any) -> sa.Select[Any]:
    """One kind of row of the union: five numbers, two texts and a place, empty where not given."""
    number, text = sa.Integer(), sa.String()
    kinds: tuple[Any, ...] = (*(number,) * 5, text, text, number)
    filled: list[sa.Cast[Any]] = [
        sa.cast(column, kind)
        for column, kind in zip((*columns, *(sa.null(),) * 8), kinds, strict=False)
    ]
    named = [column.label(f"column_{place}") for place, column in enumerate(filled)]
    return sa.select(sa.literal(what).label("what"), *named)


def _released(ids: Collection[int], person: Person | None) -> sa.Select[Any]:
    query = _arm(
        "sent",
        Inject.id,
        Inject.drill_id,
        Inject.released_exercise_seconds,
        sa.func.coalesce(Inject.detect_target_minutes, Drill.detect_target_minutes),
        sa.func.coalesce(Inject.contain_target_minutes, Drill.contain_target_minutes),
        Inject.number,
        Inject.title,
        Inject.position,
    ).join_from(Inject, Drill, Drill.id == Inject.drill_id)
    query = query.where(Inject.drill_id.in_(ids), Inject.status == InjectStatus.RELEASED)
    return query if person is None else query.where(Inject.visible_to(person))


def _addressed(ids: Collection[int]) -> sa.Select[Any]:
    query = _arm("to", InjectSide.inject_id, InjectSide.side_id)
    ours = query.join_from(InjectSide, Inject, Inject.id == InjectSide.inject_id)
    return ours.where(Inject.drill_id.in_(ids))


def _sides(ids: Collection[int]) -> sa.Select[Any]:
    return _arm("side", Side.drill_id, Side.id, Side.position).where(Side.drill_id.in_(ids))


def _stamps(ids: Collection[int]) -> sa.Select[Any]:
    first, null = sa.func.min(LogEntry.exercise_seconds), sa.null()
    query = _arm("stamp", LogEntry.inject_id, LogEntry.side_id, first, null, null, LogEntry.kind)
    noted = query.where(
        LogEntry.drill_id.in_(ids),
        LogEntry.kind.in_(TIMED),
        LogEntry.inject_id.is_not(None),
        LogEntry.stands(),
    )
    return noted.group_by(LogEntry.inject_id, LogEntry.side_id, LogEntry.kind)


def _grouped(rows: Sequence[Any]) -> dict[int, tuple[int | None, ...]]:
    """The second number of the rows by their first, in the order of the third, then the second."""
    found: dict[int, list[int | None]] = defaultdict(list)
    for key, value, *_rest in sorted(rows, key=lambda row: (row[0], row[2] or 0, row[1])):
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}


def _verdicts(
    session: Session, ids: Collection[int]
) -> dict[tuple[int, int | None], tuple[Verdict, str]]:
    query = sa.select(
        InjectVerdict.inject_id, InjectVerdict.side_id, InjectVerdict.verdict, InjectVerdict.note
    ).join(Inject, Inject.id == InjectVerdict.inject_id)
    rows = session.execute(query.where(Inject.drill_id.in_(ids)))
    return {(inject, side): (verdict, note) for inject, side, verdict, note in rows}
