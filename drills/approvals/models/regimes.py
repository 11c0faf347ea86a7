"""Rule sets: what one law asks at each level, in dated versions that are never overwritten."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import Base, Code, Identified, Name, Prose, Timestamped, fk


class Regime(Identified, Timestamped, Base):
    """One version of one rule set. ``rules`` has the shape of ``kinds.Rules``.

    Of a code the highest version counts for new dossiers; each dossier and decision keeps the one
    it was taken under. Two codes may be in force on one day: Decree 331/2026/NĐ-CP, article 39.1.
    """

    __tablename__ = "regime"
    __table_args__ = (sa.UniqueConstraint("code", "version"),)

    code: Mapped[Code]
    version: Mapped[int]
    name: Mapped[Name]
    name_en: Mapped[Name] = mapped_column(default="")
    legal_basis: Mapped[Prose]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    rules: Mapped[dict[str, Any]]
    note: Mapped[Prose]
    """Why this version was made."""
    is_shipped: Mapped[bool] = mapped_column(default=False)
    made_by_id: Mapped[int | None] = fk("person.id")

    made_by: Mapped[Person | None] = relationship()

    @property
    def title(self) -> str:
        return f"{self.name} ({self.version})"

    def is_valid(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    @classmethod
    def visible_to(cls, _person: Person) -> sa.ColumnElement[bool]:
        return sa.true()
