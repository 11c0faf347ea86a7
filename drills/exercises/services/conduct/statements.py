"""What the pages of a running drill ask the database, written once for all who are alike.

Some hundred pages ask the same again and again. To put the rules of secrecy into a statement takes
many times longer than to answer it: what has been written for one person is kept for everybody
with the same roles and scope, and only the ids of the person and the drill differ.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from drills.accounts.models import Person, Role
from drills.exercises.models import (
    ClockEvent,
    Drill,
    Inject,
    InjectSide,
    InjectStatus,
    InjectVerdict,
    LogEntry,
    LogKind,
    MselColumn,
    Side,
)
from drills.exercises.services.msel import headings
from drills.exercises.services.results import TIMED

KEPT = 512
LATEST = 12
DRILL_ID = sa.bindparam("asked_drill_id", type_=sa.Integer)
PERSON_ID = sa.bindparam("asked_person_id", type_=sa.Integer)


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person may do in a drill: know its secrets, run it, write its log."""

    controls: bool
    conducts: bool
    logs: bool
    looks_over: bool = False
    """Whether somebody in control looks over the players' shoulders, those of all sides."""

    @property
    def of_a_player(self) -> "Rights":
        """The players' page shows those in control what the players see."""
        return Rights(controls=False, conducts=False, logs=self.logs, looks_over=self.controls)


@dataclass(frozen=True, slots=True)
class _Scope:
    path: str


@dataclass(frozen=True, slots=True)
class Alike:
    """Everybody with these roles and this scope: stands for a person in a statement."""

    roles: frozenset[Role]
    sees_all: bool
    scope: _Scope

    @property
    def id(self) -> sa.BindParameter[int]:
        return PERSON_ID


def alike(person: Person) -> Person:
    """All that the rules of secrecy ask of a person, but for the id, which is filled in later."""
    return cast("Person", Alike(person.roles, person.sees_all, _Scope(person.scope.path)))


def asked(drill_id: int, person: Person) -> dict[str, int]:
    """What is filled in."""
    return {DRILL_ID.key: drill_id, PERSON_ID.key: person.id}


@lru_cache(KEPT)
def rights(person: Person) -> sa.Select[Any]:
    return sa.select(*_rights(person)).where(Drill.id == DRILL_ID)


@lru_cache(KEPT)
def pulse(person: Person, *, as_player: bool) -> sa.Select[Any]:
    controls = sa.false() if as_player else Drill.controlled_by(person)
    columns: list[Any] = [
        *_rights(person),
        Drill.version,
        _newest_seen(person, as_player=as_player),
        _count(ClockEvent, sa.func.count()),
        sa.case((controls, _count(Inject, sa.func.sum(Inject.version)))),
    ]
    query = sa.select(*columns).select_from(Drill)
    return query.where(Drill.id == DRILL_ID, Drill.visible_to(person))


@lru_cache(KEPT)
def injects(person: Person, rights: Rights) -> sa.Select[Any]:
    query = sa.select(Inject).where(Inject.drill_id == DRILL_ID)
    if not rights.controls:
        query = query.where(Inject.visible_to(person), Inject.status == InjectStatus.RELEASED)
    return query.order_by(Inject.position, Inject.id)


@lru_cache(KEPT)
def latest(person: Person, rights: Rights) -> sa.Select[Any]:
    newest = (LogEntry.at.desc(), LogEntry.id.desc())
    return log(DRILL_ID, person, rights).order_by(*newest).limit(LATEST)


def log(drill_id: Any, person: Person, rights: Rights) -> sa.Select[Any]:
    """The lines of a drill the person may read, each with whether it has been corrected."""
    later = aliased(LogEntry)
    corrected = sa.select(later.id).where(later.corrects_id == LogEntry.id).exists()
    columns: list[Any] = [LogEntry, corrected]
    query = sa.select(*columns).where(LogEntry.drill_id == drill_id)
    query = query.where(_seen(person, rights))
    shown = (joinedload(LogEntry.inject), joinedload(LogEntry.side))
    return query.options(*shown, joinedload(LogEntry.by).lazyload(Person.grants))


@lru_cache(KEPT)
def facts(person: Person, rights: Rights) -> sa.CompoundSelect[Any]:
    """The small things of a drill in one query: turns of its clock, sides, the agency's columns,
    what makes its revision; and for those in control who gets what, stamps and verdicts.
    """
    parts = [_turns(), _sides(), _columns(rights), _newest(person, rights)]
    if rights.controls:
        parts += [_addresses(), _stamps(), _verdicts(), _edited()]
    return sa.union_all(*parts)


def _rights(person: Person) -> list[Any]:
    return [Drill.controlled_by(person), Drill.conducted_by(person), Drill.played_by(person)]


def _newest_seen(person: Person, *, as_player: bool) -> sa.ColumnElement[Any]:
    """The last line of the log that this person may read: looked for from the end."""
    lines = sa.select(LogEntry.id).where(LogEntry.drill_id == Drill.id).correlate(Drill)
    last = lines.order_by(LogEntry.id.desc()).limit(1)
    in_control = last.where(_told_to_players()) if as_player else last
    seen = last.where(LogEntry.visible_to(person)).scalar_subquery()
    return sa.case((Drill.controlled_by(person), in_control.scalar_subquery()), else_=seen)


def _seen(person: Person, rights: Rights) -> sa.ColumnElement[bool]:
    if rights.controls:
        return sa.true()
    return _told_to_players() if rights.looks_over else LogEntry.visible_to(person)


def _told_to_players() -> sa.ColumnElement[bool]:
    """Lines that players of some side read: releases, and what is written of a side."""
    released = sa.select(Inject.id).where(
        Inject.id == LogEntry.inject_id, Inject.status == InjectStatus.RELEASED
    )
    known = sa.or_(LogEntry.inject_id.is_(None), released.correlate(LogEntry).exists())
    of_a_side = sa.or_(LogEntry.side_id.is_not(None), LogEntry.kind == LogKind.RELEASED)
    return sa.and_(of_a_side, known)


def _count(model: Any, how: Any) -> sa.ScalarSelect[Any]:
    return sa.select(how).where(model.drill_id == Drill.id).correlate(Drill).scalar_subquery()


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


def _turns() -> sa.Select[Any]:
    columns = {"kind": ClockEvent.act, "number": ClockEvent.number, "at": ClockEvent.at}
    return _part("turn", ClockEvent, **columns).where(ClockEvent.drill_id == DRILL_ID)


def _sides() -> sa.Select[Any]:
    columns = {"side_id": Side.id, "kind": Side.key, "number": Side.position, "text": Side.name}
    return _part("side", Side, **columns).where(Side.drill_id == DRILL_ID)


def _columns(rights: Rights) -> sa.Select[Any]:
    """Those for every drill first; ``side_id`` says which are of this one alone."""
    own = sa.case((MselColumn.drill_id.is_not(None), 1), else_=0)
    columns = {"inject_id": MselColumn.id, "side_id": own, "number": MselColumn.position}
    query = _part("column", MselColumn, **columns, kind=MselColumn.key, text=MselColumn.label)
    mine = sa.or_(MselColumn.drill_id == DRILL_ID, MselColumn.drill_id.is_(None))
    reader = headings.reader(conducts=rights.conducts, knows=rights.controls)
    return query.where(mine, MselColumn.audience.in_(headings.OPEN_TO[reader]))


def _newest(person: Person, rights: Rights) -> sa.Select[Any]:
    number = sa.func.max(LogEntry.id)
    query = _part("newest", LogEntry, number=number).where(LogEntry.drill_id == DRILL_ID)
    return query.where(_seen(person, rights))


def _edited() -> sa.Select[Any]:
    version = sa.func.sum(Inject.version)
    return _part("edited", Inject, number=version).where(Inject.drill_id == DRILL_ID)


def _addresses() -> sa.Select[Any]:
    columns = {"inject_id": InjectSide.inject_id, "side_id": InjectSide.side_id}
    joined = sa.join(InjectSide, Inject, Inject.id == InjectSide.inject_id)
    return _part("to", joined, **columns).where(Inject.drill_id == DRILL_ID)


def _stamps() -> sa.Select[Any]:
    columns = {
        "inject_id": LogEntry.inject_id,
        "side_id": LogEntry.side_id,
        "kind": LogEntry.kind,
        "number": LogEntry.exercise_seconds,
        "at": LogEntry.at,
    }
    stands = (LogEntry.drill_id == DRILL_ID, LogEntry.kind.in_(TIMED), LogEntry.stands())
    return _part("stamp", LogEntry, **columns).where(*stands, LogEntry.inject_id.is_not(None))


def _verdicts() -> sa.Select[Any]:
    columns = {
        "inject_id": InjectVerdict.inject_id,
        "side_id": InjectVerdict.side_id,
        "kind": InjectVerdict.verdict,
        "text": InjectVerdict.note,
    }
    joined = sa.join(InjectVerdict, Inject, Inject.id == InjectVerdict.inject_id)
    return _part("verdict", joined, **columns).where(Inject.drill_id == DRILL_ID)
