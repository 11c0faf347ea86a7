"""What is required, of whom and how often: rules as data, in dated versions."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import (
    Base,
    Code,
    Identified,
    Line,
    Prose,
    Timestamped,
    Title,
    Versioned,
    fk,
)
from drills.core.text import N_, named


class SubjectKind(StrEnum):
    """Of whom something is required; for ORGANISATION the subject is the root unit."""

    ORGANISATION = "organisation"
    UNIT = "unit"
    TEAM = "team"
    PERSON = "person"
    SYSTEM = "system"
    DRILL = "drill"


SUBJECT_KINDS = named(
    {
        SubjectKind.ORGANISATION: N_("The organisation"),
        SubjectKind.UNIT: N_("Units"),
        SubjectKind.TEAM: N_("Teams"),
        SubjectKind.PERSON: N_("Personnel"),
        SubjectKind.SYSTEM: N_("Systems"),
        SubjectKind.DRILL: N_("Drills held"),
    }
)


class ObligationRule(Identified, Timestamped, Versioned, Base):
    """One duty. Of whom, and what meets it, never changes: that would be another rule.

    Nothing that was due before ``counted_from`` is asked for. ``reminds``: whether the reminders
    on obligations are for this rule; some have reminders of their own.
    """

    __tablename__ = "obligation_rule"

    key: Mapped[Code] = mapped_column(unique=True)
    position: Mapped[int] = mapped_column(default=0)
    title_vi: Mapped[Title]
    title_en: Mapped[Title] = mapped_column(default="")
    subject_kind: Mapped[SubjectKind]
    met_by: Mapped[str] = mapped_column(sa.String(40))
    """A key of ``kinds.satisfaction.KINDS``."""
    counted_from: Mapped[date]
    ends_on: Mapped[date | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    reminds: Mapped[bool] = mapped_column(default=True)
    is_shipped: Mapped[bool] = mapped_column(default=False)

    versions: Mapped[list["RuleVersion"]] = relationship(
        back_populates="rule", cascade="all, delete-orphan", order_by=lambda: RuleVersion.valid_from
    )

    @property
    def title(self) -> str:
        return self.title_vi

    def title_in(self, language: str) -> str:
        return (self.title_en if language == "en" else "") or self.title_vi

    def version_on(self, day: date) -> "RuleVersion":
        """The version that holds on a day, the first for a day before."""
        valid = [one for one in self.versions if one.valid_from <= day]
        return valid[-1] if valid else self.versions[0]

    def holds_on(self, day: date) -> bool:
        return self.is_active and (self.ends_on is None or day <= self.ends_on)

    @classmethod
    def visible_to(cls, _person: Person) -> sa.ColumnElement[bool]:
        return sa.true()


class RuleVersion(Identified, Base):
    """What a rule says from ``valid_from`` until the next version.

    ``scope`` and ``cadence`` have the shapes of ``kinds.reading``. ``is_local_choice``: the law
    sets no value, or we have not seen it; ``source`` says where the value comes from.
    """

    __tablename__ = "obligation_rule_version"
    __table_args__ = (
        sa.UniqueConstraint("rule_id", "valid_from"),
        sa.CheckConstraint("grace_days >= 0", name="grace_not_negative"),
    )

    rule_id: Mapped[int] = fk("obligation_rule.id", ondelete="CASCADE")
    valid_from: Mapped[date]
    legal_basis: Mapped[Prose]
    article: Mapped[Line]
    source: Mapped[Prose]
    is_local_choice: Mapped[bool] = mapped_column(default=False)
    scope: Mapped[dict[str, Any]] = mapped_column(default=dict)
    cadence: Mapped[dict[str, Any]]
    grace_days: Mapped[int] = mapped_column(default=0)
    lead_days: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    """How many days before it is due to remind; the greatest also says when it is due soon."""
    made_by_id: Mapped[int | None] = fk("person.id")

    rule: Mapped[ObligationRule] = relationship(back_populates="versions")
    made_by: Mapped[Person | None] = relationship()


@dataclass(frozen=True, slots=True)
class VersionDetails:
    """What people write about one version; ``scope`` and ``cadence`` as in ``kinds.reading``."""

    valid_from: date
    cadence: dict[str, Any]
    scope: dict[str, Any]
    legal_basis: str = ""
    article: str = ""
    source: str = ""
    is_local_choice: bool = False
    grace_days: int = 0
    lead_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleDetails:
    """What people write about a rule, all its versions the oldest first."""

    key: str
    title_vi: str
    title_en: str
    subject_kind: SubjectKind
    met_by: str
    versions: tuple[VersionDetails, ...]
    counted_from: date | None = None
    ends_on: date | None = None
    is_active: bool = True
    reminds: bool = True
    position: int = 0
