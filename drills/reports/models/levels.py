"""The figures of the security levels on a day: counted once, cut by level, status, unit, tier."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.reports.models import past
from drills.systems.models import SystemStatus
from drills.units.models import Ranking, Tier, Unit

SHARES = ("approved", "expired", "pending", "never", "ended")
YEAR_END = (12, 14)
"""The statutory year ends on 14/12 (331/2026/NĐ-CP, article 35); the department's on 31/12."""


@dataclass
class Share:
    """How the systems of one row of a table stand."""

    key: Any
    total: int = 0
    shares: Counter[str] = field(default_factory=Counter)
    fully: int = 0

    def count(self, row: past.Past) -> None:
        self.total += 1
        self.shares[row.share] += 1
        self.fully += row.is_fully


@dataclass
class Figures:
    """``cells`` by (level, standing), level 0 where none is determined; the rest by its key.

    Systems out of use count in ``out_of_use`` alone. ``fully`` are approved systems whose plan is
    fully implemented. ``in_statutory_year`` and ``in_year`` are systems decided since 15/12 and
    since 01/01.
    """

    on: date
    whole: Share = field(default_factory=lambda: Share(None))
    cells: Counter[tuple[int, str]] = field(default_factory=Counter)
    levels: dict[int, Share] = field(default_factory=dict)
    statuses: dict[SystemStatus, Share] = field(default_factory=dict)
    operators: dict[int, Share] = field(default_factory=dict)
    out_of_use: int = 0
    in_statutory_year: int = 0
    in_year: int = 0

    @property
    def total(self) -> int:
        return self.whole.total

    @property
    def approved(self) -> int:
        """With a decision in force, whether or not its review is late."""
        return self.whole.shares["approved"] + self.whole.shares["expired"]

    def at(self, level: int, *standings: str) -> int:
        return sum(self.cells[level, name] for name in standings)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which of the systems in use are meant; empty means all. ``unit_id`` is the operator's."""

    level: int | None = None
    standings: tuple[str, ...] = ()
    share: str = ""
    status: str = ""
    unit_id: int | None = None
    tier_id: int | None = None
    is_fully: bool = False

    def holds(self, row: past.Past, units: Mapping[int, "UnitRow"]) -> bool:
        unit = units.get(row.operator_id)
        return (
            row.is_in_use
            and self.level in {None, row.level}
            and (not self.standings or row.standing in self.standings)
            and self.share in {"", row.share}
            and self.status in {"", row.status.value}
            and self.unit_id in {None, row.operator_id}
            and self.tier_id in {None, unit.tier_id if unit else None}
            and not (self.is_fully and not row.is_fully)
        )


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit that operates systems, with its tier."""

    id: int
    name: str
    tier_id: int


def statutory_year(on: date) -> tuple[date, date]:
    """The reporting year a day lies in: from 15/12 of the year before to 14/12."""
    month, day = YEAR_END
    year = on.year if on <= date(on.year, month, day) else on.year + 1
    return window(year)


def window(year: int) -> tuple[date, date]:
    month, day = YEAR_END
    return date(year - 1, month, day + 1), date(year, month, day)


def figures(session: Session, person: Person, on: date, zone: tzinfo) -> Figures:
    return count(past.on_day(session, person, on, zone), on)


def count(rows: Iterable[past.Past], on: date) -> Figures:
    found, (since, _until) = Figures(on), statutory_year(on)
    for row in rows:
        if not row.is_in_use:
            found.out_of_use += 1
            continue
        found.cells[row.level, row.standing] += 1
        found.whole.count(row)
        _of(found.levels, row.level).count(row)
        _of(found.statuses, row.status).count(row)
        _of(found.operators, row.operator_id).count(row)
        if row.decision:
            found.in_statutory_year += row.decision.signed_on >= since
            found.in_year += row.decision.signed_on >= date(on.year, 1, 1)
    return found


def _of(shares: dict[Any, Share], key: Any) -> Share:
    return shares.setdefault(key, Share(key))


def units(session: Session, person: Person) -> Mapping[int, UnitRow]:
    """The owners and operators of what ``person`` sees, by id, in the order of their names."""
    seen = visible(past.System, person)
    parties = sa.union(
        seen.with_only_columns(past.System.operator_id),
        seen.with_only_columns(past.System.owner_id),
    ).subquery()
    query = (
        sa.select(Unit.id, Unit.name, Unit.tier_id)
        .where(Unit.id.in_(sa.select(*parties.c)))
        .order_by(Unit.sort, Unit.id)
    )
    return {row.id: UnitRow(*row) for row in session.execute(query)}


def tiers(session: Session) -> Sequence[Tier]:
    return session.scalars(sa.select(Tier).order_by(Tier.position)).all()


def merged(shares: Iterable[Share], key: Callable[[Share], Any]) -> dict[Any, Share]:
    """Shares added up by another key, such as those of units by their tier."""
    found: dict[Any, Share] = {}
    for share in shares:
        into = _of(found, key(share))
        into.total += share.total
        into.fully += share.fully
        into.shares.update(share.shares)
    return found


def rankings(session: Session, person: Person, on: date) -> Sequence[Ranking]:
    """The ranks published for the reader's unit or one above it by that day, newest first."""
    ids = [int(part) for part in person.scope.path.split(".") if part]
    query = sa.select(Ranking).where(Ranking.unit_id.in_(ids), Ranking.as_of <= on)
    return session.scalars(query.order_by(Ranking.as_of.desc(), Ranking.id.desc())).all()
