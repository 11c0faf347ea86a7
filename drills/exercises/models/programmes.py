"""What is to be drilled over the years: programmes, their yearly lines, and what recurs."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from drills.accounts.models import Person
from drills.core.orm import (
    MOVES,
    Base,
    Identified,
    Name,
    Prose,
    Timestamped,
    Title,
    Versioned,
    fk,
)
from drills.exercises.kinds import KINDS, Kind
from drills.exercises.models.drills import Drill
from drills.units.models import Unit

MONTHS_OF_QUARTER = 3


@dataclass(frozen=True, slots=True)
class ProgrammeDetails:
    name: str
    unit_id: int
    from_year: int
    to_year: int
    aims: str = ""


@dataclass(frozen=True, slots=True)
class PlannedDrillDetails:
    """A line of the yearly plan. At most one of ``quarter`` and ``month`` is given."""

    year: int
    title: str
    kind_key: str
    unit_id: int
    quarter: int | None = None
    month: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RecurrenceDetails:
    name: str
    unit_id: int
    kind_key: str
    every_months: int
    first_on: date
    until: date | None = None


class Programme(Identified, Timestamped, Versioned, Base):
    """The drills that one plan governs over some years (ISO 22398, clause 4)."""

    __tablename__ = "programme"
    __table_args__ = (sa.CheckConstraint("from_year <= to_year", name="years_in_order"),)

    name: Mapped[Name]
    unit_id: Mapped[int] = fk("unit.id", info=MOVES)
    from_year: Mapped[int]
    to_year: Mapped[int]
    aims: Mapped[Prose]

    unit: Mapped[Unit] = relationship()
    lines: Mapped[list["PlannedDrill"]] = relationship(
        back_populates="programme",
        cascade="all, delete-orphan",
        order_by=lambda: (PlannedDrill.year, PlannedDrill.id),
    )

    @property
    def years(self) -> range:
        return range(self.from_year, self.to_year + 1)

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return sa.true() if person.sees_all else cls.unit_id.in_(Unit.ids_under(person.scope.path))


class PlannedDrill(Identified, Timestamped, Base):
    """One drill that a programme foresees; ``drill`` once it is in the register."""

    __tablename__ = "planned_drill"
    __table_args__ = (
        sa.CheckConstraint("quarter IS NULL OR month IS NULL", name="quarter_or_month"),
        sa.CheckConstraint("quarter BETWEEN 1 AND 4", name="quarter_of_year"),
        sa.CheckConstraint("month BETWEEN 1 AND 12", name="month_of_year"),
        sa.Index("ix_planned_drill_year", "year"),
    )

    programme_id: Mapped[int] = fk("programme.id", ondelete="CASCADE")
    year: Mapped[int]
    quarter: Mapped[int | None]
    month: Mapped[int | None]
    kind_key: Mapped[str] = mapped_column(sa.String(32))
    title: Mapped[Title]
    unit_id: Mapped[int] = fk("unit.id", info=MOVES)
    note: Mapped[Prose]
    drill_id: Mapped[int | None] = fk("drill.id", ondelete="SET NULL", unique=True)

    programme: Mapped[Programme] = relationship(back_populates="lines")
    unit: Mapped[Unit] = relationship()
    drill: Mapped[Drill | None] = relationship()

    @validates("kind_key")
    def _known_kind(self, _name: str, key: str) -> str:
        return KINDS[key].key

    @property
    def kind(self) -> Kind:
        return KINDS[self.kind_key]

    @property
    def last_month(self) -> int:
        """The month by whose end it should have been held."""
        return self.month or (self.quarter or 4) * MONTHS_OF_QUARTER

    def is_late(self, on: date) -> bool:
        return self.drill_id is None and (self.year, self.last_month) < (on.year, on.month)

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.programme_id.in_(sa.select(Programme.id).where(Programme.visible_to(person)))


class Recurrence(Identified, Timestamped, Versioned, Base):
    """A drill of our own that comes again every so many months, each copied from the last."""

    __tablename__ = "recurrence"
    __table_args__ = (
        sa.CheckConstraint("every_months > 0", name="cadence_positive"),
        sa.CheckConstraint("until IS NULL OR first_on <= until", name="days_in_order"),
    )

    name: Mapped[Name]
    unit_id: Mapped[int] = fk("unit.id", info=MOVES)
    kind_key: Mapped[str] = mapped_column(sa.String(32))
    every_months: Mapped[int]
    first_on: Mapped[date]
    until: Mapped[date | None]

    unit: Mapped[Unit] = relationship()
    drills: Mapped[list[Drill]] = relationship(viewonly=True, order_by=Drill.starts_at)

    @validates("kind_key")
    def _known_kind(self, _name: str, key: str) -> str:
        return KINDS[key].key

    @property
    def kind(self) -> Kind:
        return KINDS[self.kind_key]

    def days(self) -> Iterator[date]:
        """The days it falls on, from the first; endless unless ``until`` is set."""
        number = 0
        while self.until is None or self.day_of(number) <= self.until:
            yield self.day_of(number)
            number += 1

    def day_of(self, number: int) -> date:
        months = self.first_on.month - 1 + number * self.every_months
        year, month = self.first_on.year + months // 12, months % 12 + 1
        return date(year, month, min(self.first_on.day, _length(year, month)))

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return sa.true() if person.sees_all else cls.unit_id.in_(Unit.ids_under(person.scope.path))


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]
