"""The international series a drill may belong to, and their editions."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import (
    Base,
    Code,
    Identified,
    Line,
    Name,
    Prose,
    Timestamped,
    Versioned,
    fk,
)
from drills.core.text import N_, named


@dataclass(frozen=True, slots=True)
class SeriesDetails:
    code: str
    name: str
    name_en: str
    host: str
    note: str
    every_months: int | None = None
    usual_month: int | None = None
    registration_days: int | None = None


@dataclass(frozen=True, slots=True)
class EditionDetails:
    """What one source tells of one year; what it does not tell stays None or empty."""

    year: int
    number: int | None
    starts_on: date | None
    ends_on: date | None
    theme: str
    theme_local: str
    teams: int | None
    economies: int | None
    note: str
    source: str
    read_on: date | None
    registration_by: date | None = None


class Series(Identified, Timestamped, Versioned, Base):
    """A drill that somebody repeats: ACID, APCERT, ASEAN-Japan, a ministry's own.

    ``every_months`` is its cadence, ``usual_month`` the month it mostly falls in, and
    ``registration_days`` how long before the day one has to register.
    """

    __tablename__ = "series"
    __table_args__ = (
        sa.CheckConstraint("usual_month BETWEEN 1 AND 12", name="usual_month_in_year"),
        sa.CheckConstraint("every_months > 0", name="cadence_positive"),
    )

    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    name_en: Mapped[Name] = mapped_column(default="")
    host: Mapped[Line]
    note: Mapped[Prose]
    every_months: Mapped[int | None]
    usual_month: Mapped[int | None]
    registration_days: Mapped[int | None]

    editions: Mapped[list["Edition"]] = relationship(
        back_populates="series", order_by="Edition.year.desc(), Edition.id"
    )

    def title(self, language: str) -> str:
        return (self.name_en if language == "en" else "") or self.name

    @classmethod
    def visible_to(cls, _person: Person) -> sa.ColumnElement[bool]:
        return sa.true()


class Edition(Identified, Timestamped, Versioned, Base):
    """One year's edition as one source tells it: sources disagree, so a year may have two."""

    __tablename__ = "edition"

    series_id: Mapped[int] = fk("series.id")
    year: Mapped[int]
    number: Mapped[int | None]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    theme: Mapped[Name] = mapped_column(default="")
    theme_local: Mapped[Name] = mapped_column(default="")
    teams: Mapped[int | None]
    economies: Mapped[int | None]
    note: Mapped[Prose]
    source: Mapped[Prose]
    read_on: Mapped[date | None]
    registration_by: Mapped[date | None]

    rounds: Mapped[list["Round"]] = relationship(
        back_populates="edition", order_by="Round.starts_on, Round.id"
    )
    series: Mapped[Series] = relationship(back_populates="editions", lazy="joined")

    @property
    def title(self) -> str:
        return f"{self.series.code} {self.year}"

    @property
    def subject(self) -> str:
        """The theme as the host gave it, or as it was told at home."""
        return self.theme or self.theme_local

    @classmethod
    def visible_to(cls, _person: Person) -> sa.ColumnElement[bool]:
        return sa.true()


class RoundLevel(StrEnum):
    """Who plays in a round of an edition."""

    INTERNATIONAL = "international"
    NATIONAL = "national"
    CLUSTER = "cluster"
    PROVINCIAL = "provincial"


ROUND_LEVELS = named(
    {
        RoundLevel.INTERNATIONAL: N_("International round"),
        RoundLevel.NATIONAL: N_("National round"),
        RoundLevel.CLUSTER: N_("Cluster round"),
        RoundLevel.PROVINCIAL: N_("Provincial round"),
    }
)


@dataclass(frozen=True, slots=True)
class RoundDetails:
    """A round as one source tells it; what it does not tell stays None or empty."""

    level: RoundLevel
    name: str
    starts_on: date | None
    ends_on: date | None
    registration_by: date | None
    venue: str
    is_ranked: bool
    scoring: str
    teams: int | None
    source: str
    read_on: date | None


class Round(Identified, Timestamped, Versioned, Base):
    """One game of an edition: a national round has its own day, venue and scoreboard.

    ``teams`` is the denominator of a rank in this round, by ``source`` as read on ``read_on``.
    """

    __tablename__ = "edition_round"
    __table_args__ = (
        sa.CheckConstraint(
            "ends_on IS NULL OR starts_on IS NULL OR starts_on <= ends_on", name="days_in_order"
        ),
    )

    edition_id: Mapped[int] = fk("edition.id", ondelete="CASCADE")
    level: Mapped[RoundLevel]
    name: Mapped[Name] = mapped_column(default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    registration_by: Mapped[date | None]
    venue: Mapped[Line]
    is_ranked: Mapped[bool] = mapped_column(default=False)
    scoring: Mapped[Prose]
    teams: Mapped[int | None]
    source: Mapped[Prose]
    read_on: Mapped[date | None]

    edition: Mapped[Edition] = relationship(back_populates="rounds")

    @property
    def level_label(self) -> str:
        return ROUND_LEVELS[self.level]

    @property
    def title(self) -> str:
        return self.name or self.level_label

    @classmethod
    def visible_to(cls, _person: Person) -> sa.ColumnElement[bool]:
        return sa.true()
