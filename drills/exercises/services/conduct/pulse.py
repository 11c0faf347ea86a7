"""What somebody may do in a drill, and whether its board has changed since they looked at it."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.exercises.models import ClockEvent, Drill, Inject, LogEntry


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person may do in a drill: know its secrets, run it, write its log."""

    controls: bool
    conducts: bool
    logs: bool

    @property
    def of_a_player(self) -> "Rights":
        """The players' page shows those in control what the players see."""
        return Rights(controls=False, conducts=False, logs=self.logs)


@dataclass(frozen=True, slots=True)
class Pulse:
    """``revision`` is that of the board which ``rights`` show."""

    rights: Rights
    revision: str


def rights(session: Session, drill: Drill, person: Person) -> Rights:
    query = sa.select(*_rights(person)).where(Drill.id == drill.id)
    return _granted(*session.execute(query).one())


def pulse(session: Session, drill_id: int, person: Person, *, as_player: bool) -> Pulse | None:
    """All that a page asks which asks again and again, in one statement.

    None where the person does not see such a drill.
    """
    controls = sa.false() if as_player else Drill.controlled_by(person)
    columns: list[Any] = [
        *_rights(person),
        Drill.version,
        _newest(person, controls),
        _count(ClockEvent, sa.func.count()),
        sa.case((controls, _count(Inject, sa.func.sum(Inject.version)))),
    ]
    query = sa.select(*columns).select_from(Drill)
    query = query.where(Drill.id == drill_id, Drill.visible_to(person))
    row: Any = session.execute(query).one_or_none()
    if row is None:
        return None
    granted = _granted(*row[:3])
    granted = granted.of_a_player if as_player else granted
    version, newest, turns, edited = row[3:]
    return Pulse(granted, revision(granted, version, newest, turns, edited))


def revision(
    rights: Rights, version: int, newest: int | None, turns: int, edited: int | None
) -> str:
    """Changes whenever the board does: ``newest`` line of the log, ``turns`` of the clock.

    What is edited before its release is none of the players' business.
    """
    known = (edited or 0) if rights.controls else 0
    parts = (newest or 0, turns, known, version, int(rights.conducts))
    return "-".join(str(part) for part in parts)


def _rights(person: Person) -> list[Any]:
    return [Drill.controlled_by(person), Drill.conducted_by(person), Drill.played_by(person)]


def _granted(knows: object, runs: object, plays: object) -> Rights:
    return Rights(bool(knows), bool(runs), bool(knows or runs or plays))


def _newest(person: Person, controls: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
    """The last line of the log, or the last this person may read: looked for from the end."""
    lines = sa.select(LogEntry.id).where(LogEntry.drill_id == Drill.id).correlate(Drill)
    last = lines.order_by(LogEntry.id.desc()).limit(1)
    seen = last.where(LogEntry.visible_to(person)).scalar_subquery()
    return sa.case((controls, last.scalar_subquery()), else_=seen)


def _count(model: Any, how: Any) -> sa.ScalarSelect[Any]:
    return sa.select(how).where(model.drill_id == Drill.id).correlate(Drill).scalar_subquery()
