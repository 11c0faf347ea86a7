"""Live-fire drills: what was permitted on real systems, and what was found there."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core import due
from drills.core.orm import Base, Identified, Line, Prose, Timestamped, Title, Versioned, fk
from drills.core.text import N_, named
from drills.exercises.models.drills import Drill
from drills.files.models import StoredFile
from drills.systems.models import InformationSystem


@dataclass(frozen=True, slots=True)
class SafetyDetails:
    """What Directive 60/CT-BTTTT asks to be fixed before anybody touches a real system."""

    authorisation_number: str = ""
    authorisation_date: date | None = None
    rules: str = ""
    tools: str = ""
    depth: str = ""
    window_from: datetime | None = None
    window_to: datetime | None = None
    stop_condition: str = ""
    stop_word: str = ""
    rollback: str = ""
    backup_at: datetime | None = None
    backup_by: str = ""
    backup_where: str = ""
    contact: str = ""
    contact_phone: str = ""


class SafetyRecord(Identified, Timestamped, Versioned, Base):
    """The limits of one live-fire drill: who allowed it, what may be done, how it stops."""

    __tablename__ = "safety_record"
    __table_args__ = (
        sa.CheckConstraint(
            "window_from IS NULL OR window_to IS NULL OR window_from <= window_to",
            name="window_in_order",
        ),
    )

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE", unique=True)
    authorisation_number: Mapped[Line]
    authorisation_date: Mapped[date | None]
    authorisation_file_id: Mapped[int | None] = fk("stored_file.id")
    rules: Mapped[Prose]
    tools: Mapped[Prose]
    depth: Mapped[Prose]
    window_from: Mapped[datetime | None]
    window_to: Mapped[datetime | None]
    stop_condition: Mapped[Prose]
    stop_word: Mapped[Line]
    rollback: Mapped[Prose]
    backup_at: Mapped[datetime | None]
    backup_by: Mapped[Line]
    backup_where: Mapped[Line]
    contact: Mapped[Line]
    contact_phone: Mapped[Line]

    drill: Mapped[Drill] = relationship()
    authorisation_file: Mapped[StoredFile | None] = relationship()

    @property
    def missing(self) -> list[str]:
        """The names of what a live-fire drill may not start without, and does not have."""
        needed = ("authorisation_number", "authorisation_date", "rules", "stop_word", "backup_at")
        return [name for name in needed if not getattr(self, name)]

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        """Everybody in the drill has to know its rules and the word that stops it."""
        return cls.drill_id.in_(Drill.ids_seen_by(person))


class Severity(StrEnum):
    """Of a vulnerability or a finding."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


SEVERITIES = named(
    {
        Severity.CRITICAL: N_("Critical (severity)"),
        Severity.HIGH: N_("High"),
        Severity.MEDIUM: N_("Medium"),
        Severity.LOW: N_("Low"),
    }
)


@dataclass(frozen=True, slots=True)
class VulnerabilityDetails:
    system_id: int | None
    severity: Severity
    title: str
    found_at: datetime
    fix_by: date | None = None
    fixed_on: date | None = None
    note: str = ""
    is_restricted: bool = True


class Vulnerability(Identified, Timestamped, Versioned, Base):
    """A weakness that a drill showed. No detail of how to use it belongs into ``note``."""

    __tablename__ = "vulnerability"
    __table_args__ = (sa.Index("ix_vulnerability_fix_by", "fix_by"),)

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE")
    system_id: Mapped[int | None] = fk("system.id")
    severity: Mapped[Severity]
    title: Mapped[Title]
    found_at: Mapped[datetime]
    fix_by: Mapped[date | None]
    fixed_on: Mapped[date | None]
    note: Mapped[Prose]
    is_restricted: Mapped[bool] = mapped_column(default=True)

    drill: Mapped[Drill] = relationship()
    system: Mapped[InformationSystem | None] = relationship()

    @property
    def severity_label(self) -> str:
        return SEVERITIES[self.severity]

    def is_overdue(self, on: date) -> bool:
        if self.fixed_on or self.fix_by is None:
            return False
        return due.is_overdue(self.fix_by, on)

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return sa.or_(
            cls.drill_id.in_(Drill.ids_controlled_by(person)),
            sa.and_(cls.is_restricted.is_(False), cls.drill_id.in_(Drill.ids_seen_by(person))),
        )
