"""What the pages of a running drill show, read in four queries however long the drill."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.exercises.models import (
    ClockAct,
    Drill,
    ExerciseClock,
    Inject,
    InjectStatus,
    LogEntry,
    LogKind,
    Side,
    Verdict,
)
from drills.exercises.models import results as of
from drills.exercises.models.results import Outcome, Sent, Stamp
from drills.exercises.services.conduct import statements
from drills.exercises.services.conduct.pulse import revision
from drills.exercises.services.conduct.statements import Rights, alike, asked
from drills.exercises.services.results import Results


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log, and whether a later one has taken its place."""

    entry: LogEntry
    is_corrected: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """An inject on the board: when it is due; for those in control who gets it, what came of it."""

    inject: Inject
    due_at: datetime | None
    sides: Sequence[Side]
    outcomes: Sequence[Outcome]

    @property
    def is_planned(self) -> bool:
        return self.inject.status is InjectStatus.PLANNED

    @property
    def is_released(self) -> bool:
        return self.inject.status is InjectStatus.RELEASED

    @property
    def is_open(self) -> bool:
        """Released, and somebody has not contained it yet."""
        return self.is_released and any(row.contained_after is None for row in self.outcomes)


@dataclass(frozen=True, slots=True)
class Board:
    clock: ExerciseClock
    turns: Sequence[tuple[int, ClockAct, datetime]]
    slots: Sequence[Slot]
    sides: Sequence[Side]
    lines: Sequence[Line]
    columns: Sequence[tuple[str, str]]
    """Key and label of the agency's columns that the reader may see."""
    revision: str
    """As ``pulse()`` gives it: what the page asks about when it asks what is new."""

    @property
    def results(self) -> Results:
        return Results([row for slot in self.slots for row in slot.outcomes])

    @property
    def coming(self) -> list[Slot]:
        """What is still to be released by the plan, the next one first."""
        waiting = [slot for slot in self.slots if slot.is_planned and slot.due_at]
        ahead = [slot for slot in waiting if not slot.inject.is_contingency]
        return sorted(ahead, key=lambda slot: (slot.due_at, slot.inject.position))

    @property
    def in_reserve(self) -> list[Slot]:
        """Contingency injects, and those without a time: released when control sees fit."""
        return [
            slot
            for slot in self.slots
            if slot.is_planned and (slot.inject.is_contingency or slot.due_at is None)
        ]


def board(session: Session, drill: Drill, person: Person, rights: Rights, now: datetime) -> Board:
    query = statements.injects(alike(person), rights)
    injects = list(session.scalars(query, asked(drill.id, person)))
    facts = _facts(session, drill, person, rights)
    turns = [(row.number, ClockAct(row.kind), row.at) for row in facts["turn"]]
    clock = ExerciseClock(drill.starts_at, tuple((act, at) for _n, act, at in turns))
    sides = [Side(id=row.side_id, key=row.kind, name=row.text) for row in facts["side"]]
    slots = _slots(injects, sides, facts, clock, now) if rights.controls else _received(injects)
    lines = latest(session, drill, person, rights)
    edited = facts["edited"][0].number if rights.controls else None
    seen = revision(rights, drill.version, facts["newest"][0].number, len(turns), edited)
    columns = [(row.kind, row.text) for row in facts["column"]]
    return Board(clock, turns, slots, sides, lines, columns, seen)


def latest(session: Session, drill: Drill, person: Person, rights: Rights) -> list[Line]:
    query = statements.latest(alike(person), rights)
    found = session.execute(query, asked(drill.id, person))
    return [Line(entry, is_corrected) for entry, is_corrected in found]


def _facts(session: Session, drill: Drill, person: Person, rights: Rights) -> dict[str, list[Any]]:
    facts: dict[str, list[Any]] = defaultdict(list)
    query = statements.facts(alike(person), rights)
    for row in session.execute(query, asked(drill.id, person)):
        facts[row.what].append(row)
    facts["turn"].sort(key=lambda row: row.number)
    facts["column"].sort(key=lambda row: (row.side_id, row.number, row.inject_id))
    facts["side"].sort(key=lambda row: (row.number, row.side_id))
    return facts


def _received(injects: Sequence[Inject]) -> list[Slot]:
    """What players see of them: who else got an inject, and what they made of it, they do not."""
    return [Slot(inject, inject.released_at, (), ()) for inject in injects]


def _slots(
    injects: Sequence[Inject],
    sides: Sequence[Side],
    facts: dict[str, list[Any]],
    clock: ExerciseClock,
    now: datetime,
) -> list[Slot]:
    addressed: dict[int, list[int]] = defaultdict(list)
    for row in facts["to"]:
        addressed[row.inject_id].append(row.side_id)
    stamps = [
        Stamp(row.inject_id, row.side_id, LogKind(row.kind), row.number) for row in facts["stamp"]
    ]
    verdicts = {
        (row.inject_id, row.side_id): (Verdict(row.kind), row.text) for row in facts["verdict"]
    }
    received = {
        inject.id: [side for side in sides if side.id in addressed[inject.id]] or list(sides)
        for inject in injects
    }
    sent = [
        _sent(inject, received[inject.id])
        for inject in injects
        if inject.status is InjectStatus.RELEASED
    ]
    outcomes: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in of.outcomes(sent, stamps, verdicts):
        outcomes[outcome.sent.inject_id].append(outcome)
    return [
        Slot(inject, _due(inject, clock, now), received[inject.id], outcomes[inject.id])
        for inject in injects
    ]


def _sent(inject: Inject, sides: Sequence[Side]) -> Sent:
    drill = inject.drill
    detect, contain = inject.detect_target_minutes, inject.contain_target_minutes
    return Sent(
        inject.id,
        inject.drill_id,
        inject.released_exercise_seconds or 0,
        tuple(side.id for side in sides) or (None,),
        drill.detect_target_minutes if detect is None else detect,
        drill.contain_target_minutes if contain is None else contain,
        inject.number,
        inject.title,
    )


def _due(inject: Inject, clock: ExerciseClock, now: datetime) -> datetime | None:
    if inject.released_at:
        return inject.released_at
    if inject.offset_seconds is not None:
        return clock.wall_time_of(inject.offset_seconds, now)
    return inject.planned_at
