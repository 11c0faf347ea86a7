"""The figures of a year: exact counts, to be rounded by whoever writes the report."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, tzinfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.approvals.models import DossierEvent
from drills.exercises.kinds import KINDS
from drills.exercises.lists import in_year
from drills.exercises.models import DONE, Drill, DrillUnit, Edition, Participation, Series
from drills.reports.models import past
from drills.roster.models import TrainingAttendance, TrainingEvent, TrainingResult
from drills.systems.models import Approval, InformationSystem, remembered, scope_of
from drills.units.models import Tier, Unit

LIVE = tuple(key for key, kind in KINDS.items() if kind.is_live)
System = InformationSystem


@dataclass(frozen=True, slots=True)
class Approvals:
    """Systems whose level is approved by a decision dated up to ``as_of``, by level."""

    as_of: date
    levels: Counter[int]
    in_year: int
    undated: int
    """Approved without the date of the decision: not counted, since nobody knows when."""
    all_systems: int

    @property
    def total(self) -> int:
        return self.levels.total()


@dataclass(frozen=True, slots=True)
class Entry:
    """Our part in one edition of an international series."""

    drill_id: int
    title: str
    edition: str
    rank: int | None
    rank_of: int | None
    rank_scope: str
    source: str


def approvals(session: Session, person: Person, year: int, as_of: date, zone: tzinfo) -> Approvals:
    """The levels as they stood on ``as_of``; see ``reports.models.past``.

    In one statement until the register changes, or a dossier takes a step.
    """
    step = session.scalar(sa.select(sa.func.max(DossierEvent.id)))
    key = ("approvals of the year", scope_of(person), year, as_of, str(zone), step)
    return remembered(session, key, lambda: _approvals(session, person, year, as_of, zone))


def _approvals(session: Session, person: Person, year: int, as_of: date, zone: tzinfo) -> Approvals:
    rows = [row for row in past.on_day(session, person, as_of, zone) if row.is_in_use]
    signed = [row.decision.signed_on for row in rows if row.decision]
    is_undated = sa.and_(
        System.approval == Approval.APPROVED,
        System.level.is_not(None),
        System.decision_date.is_(None),
    )
    undated = visible(System, person).with_only_columns(sa.func.count()).where(is_undated)
    return Approvals(
        as_of,
        Counter(row.level for row in rows if row.is_approved),
        sum(day.year == year for day in signed),
        session.scalar(undated) or 0,
        len(rows),
    )


@dataclass(frozen=True, slots=True)
class Training:
    """Courses that began in a year, and how many people were there, each counted once."""

    courses: int
    people: int


def training(session: Session, person: Person, year: int) -> Training:
    inside = TrainingEvent.starts_on.between(date(year, 1, 1), date(year, 12, 31))
    came = sa.and_(
        TrainingAttendance.training_event_id == TrainingEvent.id,
        TrainingAttendance.result != TrainingResult.ABSENT,
    )
    query = (
        visible(TrainingEvent, person)
        .with_only_columns(
            sa.func.count(TrainingEvent.id.distinct()),
            sa.func.count(TrainingAttendance.person_id.distinct()),
        )
        .select_from(TrainingEvent)
        .outerjoin(TrainingAttendance, came)
        .where(inside)
    )
    return Training(*session.execute(query).one())


@dataclass(frozen=True, slots=True)
class Audience:
    """How many units of a tier took part in live-fire drills."""

    name_vi: str
    name_en: str
    units: int

    def title(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_vi


def live_audience(session: Session, person: Person, year: int, zone: tzinfo) -> list[Audience]:
    held = (
        visible(Drill, person)
        .with_only_columns(Drill.id)
        .where(Drill.kind_key.in_(LIVE), Drill.status.in_(DONE), in_year(year, zone))
    )
    query = (
        sa.select(Tier.name_vi, Tier.name_en, sa.func.count(Unit.id.distinct()))
        .select_from(DrillUnit)
        .join(Unit, DrillUnit.unit_id == Unit.id)
        .join(Tier, Unit.tier_id == Tier.id)
        .where(DrillUnit.drill_id.in_(held))
        .group_by(Tier.id, Tier.name_vi, Tier.name_en, Tier.position)
        .order_by(Tier.position)
    )
    return [Audience(*row) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class Held:
    """The drills of a year that were held, by kind, and those of them that were international."""

    kinds: Counter[str]
    international: list[Entry]


def held(session: Session, person: Person, year: int, zone: tzinfo) -> Held:
    query = (
        visible(Drill, person)
        .with_only_columns(
            Drill.kind_key,
            Drill.id,
            Drill.title,
            Series.code,
            Edition.year,
            Participation.rank,
            Participation.rank_of,
            Participation.rank_scope,
            Participation.source,
        )
        .select_from(Drill)
        .outerjoin(Participation, Participation.drill_id == Drill.id)
        .outerjoin(Edition, Participation.edition_id == Edition.id)
        .outerjoin(Series, Edition.series_id == Series.id)
        .where(Drill.status.in_(DONE), in_year(year, zone))
        .order_by(Drill.starts_at, Drill.id)
    )
    rows = session.execute(query).all()
    return Held(
        Counter(row.kind_key for row in rows),
        [
            Entry(identity, title, f"{code} {of_year}", *standing)
            for _kind, identity, title, code, of_year, *standing in rows
            if code
        ],
    )
