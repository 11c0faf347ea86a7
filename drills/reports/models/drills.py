"""Questions about drills: a year of them, what comes, what is late, how we stood."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.exercises.kinds import KINDS
from drills.exercises.lists import in_year
from drills.exercises.models import DONE, Drill, Edition, Part, Participation, Series, Status

OFF = frozenset({Status.POSTPONED, Status.CANCELLED})
NOT_CLOSED = (Status.COMPLETED, Status.EVALUATED)


@dataclass(frozen=True, slots=True)
class Line:
    """What the home page needs of a drill. ``lane``: its kind, or the series it belongs to."""

    id: int
    code: str
    title: str
    kind_key: str
    part: Part
    status: Status
    starts_at: datetime
    series: str | None
    rank: int | None

    @property
    def lane(self) -> str:
        return self.series or self.kind_key

    @property
    def is_done(self) -> bool:
        return self.status in DONE


@dataclass(frozen=True, slots=True)
class Year:
    lines: tuple[Line, ...]

    @property
    def held(self) -> tuple[Line, ...]:
        """What was or will be held: neither postponed nor cancelled."""
        return tuple(line for line in self.lines if line.status not in OFF)

    @property
    def done(self) -> int:
        return sum(line.is_done for line in self.lines)

    def kinds(self) -> Counter[str]:
        return Counter(line.kind_key for line in self.lines if line.is_done)

    def parts(self) -> Counter[Part]:
        return Counter(line.part for line in self.lines if line.is_done)

    def lanes(self) -> list[str]:
        """The kinds of the year in their order, then the international series."""
        found = {line.lane for line in self.held}
        own = [key for key in KINDS if key in found]
        return own + sorted(found - set(own))


def of_year(session: Session, person: Person, year: int, zone: tzinfo) -> Year:
    query = (
        visible(Drill, person)
        .with_only_columns(
            Drill.id,
            Drill.code,
            Drill.title,
            Drill.kind_key,
            Drill.part,
            Drill.status,
            Drill.starts_at,
            Series.code,
            Participation.rank,
        )
        .select_from(Drill)
        .outerjoin(Participation, Participation.drill_id == Drill.id)
        .outerjoin(Edition, Participation.edition_id == Edition.id)
        .outerjoin(Series, Edition.series_id == Series.id)
        .where(in_year(year, zone))
        .order_by(Drill.starts_at, Drill.id)
    )
    return Year(tuple(Line(*row) for row in session.execute(query)))


def ahead(session: Session, person: Person, at: datetime, limit: int = 8) -> Sequence[Drill]:
    """What runs now, then what is planned, the soonest first."""
    is_running = Drill.status == Status.RUNNING
    is_coming = sa.and_(Drill.status == Status.PLANNED, Drill.ends_at >= at)
    return session.scalars(
        visible(Drill, person)
        .where(sa.or_(is_running, is_coming))
        .order_by(sa.case((is_running, 0), else_=1), Drill.starts_at, Drill.id)
        .limit(limit)
        .options(joinedload(Drill.unit), joinedload(Drill.lead))
    ).all()


@dataclass(frozen=True, slots=True)
class Late:
    """Drills whose end has passed and whose record is still open; ``total`` counts all."""

    drills: tuple[Drill, ...]
    total: int


def late(session: Session, person: Person, at: datetime, limit: int = 4) -> Late:
    is_past = sa.and_(Drill.status.in_((Status.PLANNED, Status.RUNNING)), Drill.ends_at < at)
    rows = session.execute(
        visible(Drill, person)
        .add_columns(sa.func.count().over())
        .where(sa.or_(is_past, Drill.status.in_(NOT_CLOSED)))
        .order_by(Drill.ends_at, Drill.id)
        .limit(limit)
    ).all()
    return Late(tuple(row[0] for row in rows), rows[0][1] if rows else 0)


def ranks(session: Session, person: Person) -> dict[str, dict[int, int]]:
    """The best rank of each year, by code of the series."""
    query: Any = (
        visible(Drill, person)
        .with_only_columns(Series.code, Edition.year, sa.func.min(Participation.rank))
        .select_from(Drill)
        .join(Participation, Participation.drill_id == Drill.id)
        .join(Edition, Participation.edition_id == Edition.id)
        .join(Series, Edition.series_id == Series.id)
        .where(Participation.rank.is_not(None))
        .group_by(Series.code, Edition.year)
    )
    found: dict[str, dict[int, int]] = {}
    for code, year, rank in session.execute(query):
        found.setdefault(code, {})[year] = rank
    return found
