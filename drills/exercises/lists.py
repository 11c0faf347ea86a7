"""The list of drills: what its address asks for, and the order it stands in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload
from werkzeug.datastructures import MultiDict

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.core.orm import contains
from drills.core.text import fold
from drills.exercises.kinds import KINDS
from drills.exercises.models import Drill, DrillUnit, Part, Participation, Status
from drills.units.models import Unit

AHEAD = (Status.PLANNED, Status.POSTPONED)
RUNNING, UPCOMING = "running", "upcoming"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the list is asked for; empty means all. What makes no sense is ignored."""

    words: str = ""
    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    year: int | None = None
    unit_id: int | None = None

    @classmethod
    def of(cls, query: MultiDict[str, str]) -> "Wanted":
        return cls(
            words=query.get("q", "").strip(),
            kinds=_known(query.getlist("kind"), KINDS),
            statuses=_known(query.getlist("status"), list(Status)),
            parts=_known(query.getlist("part"), list(Part)),
            year=year_of(query),
            unit_id=query.get("unit", type=int),
        )

    def condition(self, zone: tzinfo) -> sa.ColumnElement[bool]:
        conditions = [contains(Drill.search, fold(self.words))]
        if self.kinds:
            conditions.append(Drill.kind_key.in_(self.kinds))
        if self.statuses:
            conditions.append(Drill.status.in_([Status(s) for s in self.statuses]))
        if self.parts:
            conditions.append(Drill.part.in_([Part(p) for p in self.parts]))
        if self.year:
            conditions.append(in_year(self.year, zone))
        if self.unit_id:
            conditions.append(_of_unit(self.unit_id))
        return sa.and_(*conditions)


def year_of(query: MultiDict[str, str]) -> int | None:
    year = query.get("year", type=int)
    return year if year and 1900 <= year <= 2200 else None


def _known(values: Iterable[str], allowed: Iterable[str]) -> tuple[str, ...]:
    known = set(allowed)
    return tuple(dict.fromkeys(value for value in values if value in known))


def in_year(year: int, zone: tzinfo) -> sa.ColumnElement[bool]:
    """Whether a drill starts in ``year`` as the reader's calendar has it."""
    first, last = (datetime(y, 1, 1, tzinfo=zone).astimezone(UTC) for y in (year, year + 1))
    return sa.and_(Drill.starts_at >= first, Drill.starts_at < last)


def _of_unit(unit_id: int) -> sa.ColumnElement[bool]:
    """Whether the unit, or one under it, answers for the drill or takes part."""
    top = aliased(Unit)
    under = Unit.path.startswith(top.path)
    units = sa.select(Unit.id).join(top, under).where(top.id == unit_id)
    taking_part = sa.select(DrillUnit.drill_id).where(DrillUnit.unit_id.in_(units))
    return sa.or_(Drill.unit_id.in_(units), Drill.id.in_(taking_part))


@dataclass(frozen=True, slots=True)
class Extent:
    """How many drills match, and between which moments all that one may see lie."""

    total: int
    first: datetime | None
    last: datetime | None

    def years(self, zone: tzinfo) -> list[int]:
        """Newest first."""
        if self.first is None or self.last is None:
            return []
        oldest, newest = (at.astimezone(zone).year for at in (self.first, self.last))
        return list(range(newest, oldest - 1, -1))


def extent(session: Session, person: Person, condition: sa.ColumnElement[bool]) -> Extent:
    matches = sa.func.count(sa.case((condition, Drill.id)))
    times = sa.func.min(Drill.starts_at), sa.func.max(Drill.starts_at)
    row = session.execute(visible(Drill, person).with_only_columns(matches, *times)).one()
    return Extent(*row)


def ordered(person: Person, condition: sa.ColumnElement[bool]) -> sa.Select[Drill]:
    """Those running first, then those ahead by date, then the past from the newest back."""
    is_ahead = Drill.status.in_(AHEAD)
    group = sa.case((Drill.status == Status.RUNNING, 0), (is_ahead, 1), else_=2)
    soonest = sa.case((is_ahead, Drill.starts_at))
    return (
        visible(Drill, person)
        .where(condition)
        .order_by(group, soonest, Drill.starts_at.desc(), Drill.id.desc())
        .options(
            joinedload(Drill.unit),
            joinedload(Drill.lead),
            joinedload(Drill.participation).joinedload(Participation.edition),
        )
    )


def sections(drills: Iterable[Drill]) -> list[tuple[str | int, list[Drill]]]:
    """The ordered list in groups: ``running``, ``upcoming``, then years."""
    return [(key, list(rows)) for key, rows in groupby(drills, _section)]


def _section(drill: Drill) -> str | int:
    if drill.status is Status.RUNNING:
        return RUNNING
    return UPCOMING if drill.status in AHEAD else drill.starts_at.astimezone(drill.zone).year


def units_in_charge(session: Session, person: Person) -> Mapping[int, str]:
    """The units that answer for the drills one may see, by id."""
    ids = visible(Drill, person).with_only_columns(Drill.unit_id)
    query = sa.select(Unit.id, Unit.name).where(Unit.id.in_(ids)).order_by(Unit.sort, Unit.id)
    found: Any = session.execute(query).all()
    return {row.id: row.name for row in found}
