"""Questions about units: who drilled in a year, who did not, and how others rank us."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.exercises.lists import in_year
from drills.exercises.models import DONE, Drill
from drills.exercises.services.history import TAKING_PART, Subject
from drills.units.models import Ranking, Tier, Unit


@dataclass(frozen=True, slots=True)
class TierShare:
    """How many active units of a tier there are, and how many of them drilled."""

    name_vi: str
    name_en: str
    total: int
    drilled: int

    def title(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_vi


@dataclass(frozen=True, slots=True)
class UnitYears:
    """A unit and the number of its drills in each of the years asked for."""

    id: int
    name: str
    counts: tuple[int, ...]


def active(on: date) -> sa.ColumnElement[bool]:
    return sa.and_(
        sa.or_(Unit.active_from.is_(None), Unit.active_from <= on),
        sa.or_(Unit.active_to.is_(None), Unit.active_to >= on),
    )


def _taking_part() -> sa.Subquery:
    """(subject_id, drill_id): the unit is named in the drill or answers for it."""
    return sa.union(*TAKING_PART[Subject.UNIT]()).subquery()


def by_tier(
    session: Session, person: Person, on: date, year: int, zone: tzinfo
) -> Sequence[TierShare]:
    """Units below the root that were active on the day ``on``, by tier."""
    parts = _taking_part()
    drilled = (
        sa.select(parts.c.subject_id)
        .join(Drill, Drill.id == parts.c.drill_id)
        .where(Drill.status.in_(DONE), in_year(year, zone))
    )
    did = sa.func.sum(sa.case((Unit.id.in_(drilled), 1), else_=0))
    query = (
        visible(Unit, person)
        .with_only_columns(Tier.name_vi, Tier.name_en, sa.func.count(), did)
        .select_from(Unit)
        .join(Tier, Unit.tier_id == Tier.id)
        .where(Unit.parent_id.is_not(None), active(on))
        .group_by(Tier.id, Tier.name_vi, Tier.name_en, Tier.position)
        .order_by(Tier.position)
    )
    return [TierShare(*row) for row in session.execute(query)]


def by_year(
    session: Session,
    person: Person,
    on: date,
    years: Sequence[int],
    zone: tzinfo,
    limit: int = 8,
) -> Sequence[UnitYears]:
    """The units that drilled least: in the last of ``years``, then in all of them together."""
    parts = _taking_part()
    counts = [
        sa.func.count(sa.case((sa.and_(Drill.status.in_(DONE), in_year(y, zone)), Drill.id)))
        for y in years
    ]
    query = (
        visible(Unit, person)
        .with_only_columns(Unit.id, Unit.name, *counts)
        .select_from(Unit)
        .outerjoin(parts, parts.c.subject_id == Unit.id)
        .outerjoin(Drill, Drill.id == parts.c.drill_id)
        .where(Unit.parent_id.is_not(None), active(on))
        .group_by(Unit.id, Unit.name, Unit.sort)
        .order_by(counts[-1], sum(counts[1:], counts[0]), Unit.sort)
        .limit(limit)
    )
    return [UnitYears(row[0], row[1], tuple(row[2:])) for row in session.execute(query)]


def ranking(session: Session, person: Person, on: date) -> Ranking | None:
    """The newest rank that was published for the reader's unit or one above it by that day."""
    ids = [int(part) for part in person.scope.path.split(".") if part]
    return session.scalars(
        sa.select(Ranking)
        .where(Ranking.unit_id.in_(ids), Ranking.as_of <= on)
        .order_by(Ranking.as_of.desc(), Ranking.id.desc())
        .limit(1)
    ).one_or_none()
