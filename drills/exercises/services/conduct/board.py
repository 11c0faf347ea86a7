"""What the pages of a running drill show, read in four queries however long the drill."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from drills.accounts.models import Person
from drills.exercises.models import (
    ClockAct,
    ClockEvent,
    Drill,
    ExerciseClock,
    Inject,
    InjectSide,
    InjectStatus,
    InjectVerdict,
    LogEntry,
    LogKind,
    MselColumn,
    Side,
    Verdict,
)
from drills.exercises.models import results as of
from drills.exercises.models.results import Outcome, Sent, Stamp
from drills.exercises.services.conduct.pulse import Rights, revision
from drills.exercises.services.msel import headings
from drills.exercises.services.results import TIMED, Results

LATEST = 12


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log, and whether a later one has taken its place."""

    entry: LogEntry
    is_corrected: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """An inject on the board: when it is due, who gets it, what came of it."""

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
    injects = _injects(session, drill, person, rights)
    facts = _facts(session, drill, person, rights)
    turns = [(row.number, ClockAct(row.kind), row.at) for row in facts["turn"]]
    clock = ExerciseClock(drill.starts_at, tuple((act, at) for _n, act, at in turns))
    sides = [Side(id=row.side_id, key=row.kind, name=row.text) for row in facts["side"]]
    slots = _slots(injects, sides, facts, clock, now)
    lines = latest(session, drill, person, rights)
    newest, edited = facts["newest"][0].number, facts["edited"][0].number
    seen = revision(rights, drill.version, newest, len(turns), edited)
    columns = [(row.kind, row.text) for row in facts["column"]]
    return Board(clock, turns, slots, sides, lines, columns, seen)


def log_query(drill: Drill, person: Person, rights: Rights) -> sa.Select[Any]:
    """The lines of a drill the person may read, each with whether it has been corrected."""
    later = aliased(LogEntry)
    corrected = sa.select(later.id).where(later.corrects_id == LogEntry.id).exists()
    columns: list[Any] = [LogEntry, corrected]
    query = sa.select(*columns).where(LogEntry.drill_id == drill.id)
    if not rights.controls:
        query = query.where(LogEntry.visible_to(person))
    shown = (joinedload(LogEntry.inject), joinedload(LogEntry.side))
    return query.options(*shown, joinedload(LogEntry.by).lazyload(Person.grants))


def latest(session: Session, drill: Drill, person: Person, rights: Rights) -> list[Line]:
    query = log_query(drill, person, rights)
    newest = query.order_by(LogEntry.at.desc(), LogEntry.id.desc()).limit(LATEST)
    return [Line(entry, is_corrected) for entry, is_corrected in session.execute(newest)]


def _newest(drill: Drill, person: Person, rights: Rights) -> sa.Select[Any]:
    number = sa.func.max(LogEntry.id)
    query = _part("newest", LogEntry, number=number).where(LogEntry.drill_id == drill.id)
    return query if rights.controls else query.where(LogEntry.visible_to(person))


def _edited(drill: Drill) -> sa.Select[Any]:
    version = sa.func.sum(Inject.version)
    return _part("edited", Inject, number=version).where(Inject.drill_id == drill.id)


def _injects(session: Session, drill: Drill, person: Person, rights: Rights) -> list[Inject]:
    query = sa.select(Inject).where(Inject.drill_id == drill.id)
    if not rights.controls:
        query = query.where(Inject.visible_to(person), Inject.status == InjectStatus.RELEASED)
    return list(session.scalars(query.order_by(Inject.position, Inject.id)))


def _facts(session: Session, drill: Drill, person: Person, rights: Rights) -> dict[str, list[Any]]:
    """The small things of a drill in one query: turns of its clock, sides, who gets what, stamps,
    verdicts, and what makes its revision. One round trip instead of seven.
    """
    parts = [_turns(drill), _sides(drill), _addresses(drill), _stamps(drill), _verdicts(drill)]
    parts += [_columns(drill, rights), _newest(drill, person, rights), _edited(drill)]
    facts: dict[str, list[Any]] = defaultdict(list)
    for row in session.execute(sa.union_all(*parts)):
        facts[row.what].append(row)
    facts["turn"].sort(key=lambda row: row.number)
    facts["column"].sort(key=lambda row: (row.side_id, row.number, row.inject_id))
    facts["side"].sort(key=lambda row: (row.number, row.side_id))
    return facts


def _part(what: str, source: Any, **columns: Any) -> sa.Select[Any]:
    """One arm of the union: the columns a kind of fact has, and nothing for the others."""
    shape: dict[str, sa.types.TypeEngine[Any]] = {
        "inject_id": sa.Integer(),
        "side_id": sa.Integer(),
        "kind": sa.String(),
        "number": sa.Integer(),
        "at": ClockEvent.__table__.c.at.type,
        "text": sa.Text(),
    }
    given = [
        sa.cast(columns[name], kind).label(name)
        if name in columns and name != "at"
        else (columns["at"] if name in columns else sa.cast(sa.null(), kind)).label(name)
        for name, kind in shape.items()
    ]
    return sa.select(sa.literal(what).label("what"), *given).select_from(source)


def _turns(drill: Drill) -> sa.Select[Any]:
    columns = {"kind": ClockEvent.act, "number": ClockEvent.number, "at": ClockEvent.at}
    return _part("turn", ClockEvent, **columns).where(ClockEvent.drill_id == drill.id)


def _sides(drill: Drill) -> sa.Select[Any]:
    columns = {"side_id": Side.id, "kind": Side.key, "number": Side.position, "text": Side.name}
    return _part("side", Side, **columns).where(Side.drill_id == drill.id)


def _columns(drill: Drill, rights: Rights) -> sa.Select[Any]:
    """Those for every drill first; ``side_id`` says which are of this one alone."""
    own = sa.case((MselColumn.drill_id.is_not(None), 1), else_=0)
    columns = {"inject_id": MselColumn.id, "side_id": own, "number": MselColumn.position}
    query = _part("column", MselColumn, **columns, kind=MselColumn.key, text=MselColumn.label)
    mine = sa.or_(MselColumn.drill_id == drill.id, MselColumn.drill_id.is_(None))
    reader = headings.reader(conducts=rights.conducts, knows=rights.controls)
    return query.where(mine, MselColumn.audience.in_(headings.OPEN_TO[reader]))


def _addresses(drill: Drill) -> sa.Select[Any]:
    columns = {"inject_id": InjectSide.inject_id, "side_id": InjectSide.side_id}
    joined = sa.join(InjectSide, Inject, Inject.id == InjectSide.inject_id)
    return _part("to", joined, **columns).where(Inject.drill_id == drill.id)


def _stamps(drill: Drill) -> sa.Select[Any]:
    columns = {
        "inject_id": LogEntry.inject_id,
        "side_id": LogEntry.side_id,
        "kind": LogEntry.kind,
        "number": LogEntry.exercise_seconds,
        "at": LogEntry.at,
    }
    stands = (LogEntry.drill_id == drill.id, LogEntry.kind.in_(TIMED), LogEntry.stands())
    return _part("stamp", LogEntry, **columns).where(*stands, LogEntry.inject_id.is_not(None))


def _verdicts(drill: Drill) -> sa.Select[Any]:
    columns = {
        "inject_id": InjectVerdict.inject_id,
        "side_id": InjectVerdict.side_id,
        "kind": InjectVerdict.verdict,
        "text": InjectVerdict.note,
    }
    joined = sa.join(InjectVerdict, Inject, Inject.id == InjectVerdict.inject_id)
    return _part("verdict", joined, **columns).where(Inject.drill_id == drill.id)


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
