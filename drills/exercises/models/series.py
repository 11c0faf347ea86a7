"""The international series a drill may belong to, and their editions."""

from dataclasses import dataclass
from datetime import date

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


@dataclass(frozen=True, slots=True)
class SeriesDetails:
    code: str
    name: str
    name_en: str
    host: str
    note: str


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


class Series(Identified, Timestamped, Versioned, Base):
    """A drill that somebody repeats: ACID, APCERT, ASEAN-Japan, a ministry's own."""

    __tablename__ = "series"

    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    name_en: Mapped[Name] = mapped_column(default="")
    host: Mapped[Line]
    note: Mapped[Prose]

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

    series: Mapped[Series] = relationship(back_populates="editions")

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
