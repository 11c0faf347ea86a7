"""What is noted by hand: that a duty was met, and that somebody is exempt from one."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import MOVES, Base, Identified, Line, Prose, Timestamped, Versioned, fk
from drills.core.text import N_, named
from drills.files.models import StoredFile
from drills.obligations.models.rules import ObligationRule, SubjectKind
from drills.obligations.models.scope import concerns
from drills.units.models import Unit

PERIOD_MAX = 21


@dataclass(frozen=True, slots=True)
class RecordDetails:
    """``period`` names the period it is for, in rules that have periods."""

    done_on: date
    document: str = ""
    note: str = ""
    period: str = ""


class ObligationRecord(Identified, Timestamped, Base):
    """Something that was done and leaves no other trace here: a report handed in, a hunt."""

    __tablename__ = "obligation_record"
    __table_args__ = (
        sa.Index("ix_obligation_record_subject", "subject_kind", "subject_id", "rule_id"),
    )

    rule_id: Mapped[int] = fk("obligation_rule.id")
    subject_kind: Mapped[SubjectKind]
    subject_id: Mapped[int]
    unit_id: Mapped[int] = fk("unit.id", info=MOVES)
    done_on: Mapped[date]
    period: Mapped[str] = mapped_column(sa.String(PERIOD_MAX), default="")
    document: Mapped[Line]
    note: Mapped[Prose]
    file_id: Mapped[int | None] = fk("stored_file.id")
    recorded_by_id: Mapped[int | None] = fk("person.id")
    withdrawn_at: Mapped[datetime | None]
    """A record noted by mistake stays, and counts no more."""

    rule: Mapped[ObligationRule] = relationship()
    unit: Mapped[Unit] = relationship()
    file: Mapped[StoredFile | None] = relationship()
    recorded_by: Mapped[Person | None] = relationship()

    @property
    def title(self) -> str:
        return self.rule.title

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        seen: sa.ColumnElement[bool] = concerns(
            cls.subject_kind, cls.subject_id, cls.unit_id, person
        )
        return seen


class ExemptionState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    ENDED = "ended"


EXEMPTION_STATES = named(
    {
        ExemptionState.ASKED: N_("Asked for"),
        ExemptionState.APPROVED: N_("Approved"),
        ExemptionState.REFUSED: N_("Refused"),
        ExemptionState.ENDED: N_("Ended early"),
    }
)


@dataclass(frozen=True, slots=True)
class ExemptionDetails:
    from_on: date
    to_on: date
    reason: str
    document: str = ""


class Exemption(Identified, Timestamped, Versioned, Base):
    """What falls due between two days is not asked for. One person asks, another approves."""

    __tablename__ = "exemption"
    __table_args__ = (
        sa.CheckConstraint("from_on <= to_on", name="days_in_order"),
        sa.CheckConstraint("decided_by_id <> asked_by_id", name="decided_by_another"),
        sa.Index("ix_exemption_subject", "subject_kind", "subject_id", "rule_id"),
    )

    rule_id: Mapped[int] = fk("obligation_rule.id")
    subject_kind: Mapped[SubjectKind]
    subject_id: Mapped[int]
    unit_id: Mapped[int] = fk("unit.id", info=MOVES)
    from_on: Mapped[date]
    to_on: Mapped[date]
    reason: Mapped[Prose]
    document: Mapped[Line]
    state: Mapped[ExemptionState] = mapped_column(default=ExemptionState.ASKED, index=True)
    asked_by_id: Mapped[int] = fk("person.id")
    decided_by_id: Mapped[int | None] = fk("person.id")
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[Prose]

    rule: Mapped[ObligationRule] = relationship()
    unit: Mapped[Unit] = relationship()
    asked_by: Mapped[Person] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])

    @property
    def title(self) -> str:
        return self.rule.title

    @property
    def state_label(self) -> str:
        return EXEMPTION_STATES[self.state]

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        seen: sa.ColumnElement[bool] = concerns(
            cls.subject_kind, cls.subject_id, cls.unit_id, person
        )
        return seen
