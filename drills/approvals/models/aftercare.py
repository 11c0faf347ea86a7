"""What follows a decision: its conditions, the protection plan being carried out, the checks."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core import due
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
    handed_over,
)
from drills.core.text import N_, named
from drills.files.models import StoredFile
from drills.systems.models import Decision, InformationSystem


class MeasureState(StrEnum):
    """How far one measure is; the plan's own state follows from all of them (form 08's words)."""

    NOT_STARTED = "not_started"
    PARTLY = "partly"
    DONE = "done"
    NOT_APPLICABLE = "not_applicable"


MEASURE_STATES = named(
    {
        MeasureState.NOT_STARTED: N_("Not implemented"),
        MeasureState.PARTLY: N_("Partly implemented"),
        MeasureState.DONE: N_("Fully implemented"),
        MeasureState.NOT_APPLICABLE: N_("Not applicable"),
    }
)


class CheckKind(StrEnum):
    """12/2022/TT-BTTTT, articles 11 and 12."""

    COMPLIANCE = "compliance"
    EFFECTIVENESS = "effectiveness"
    TECHNICAL = "technical"


CHECK_KINDS = named(
    {
        CheckKind.COMPLIANCE: N_("Compliance with the rules"),
        CheckKind.EFFECTIVENESS: N_("Effectiveness of the measures"),
        CheckKind.TECHNICAL: N_("Malware, vulnerabilities, penetration test"),
    }
)


@dataclass(frozen=True, slots=True)
class MeasureDetails:
    """What people write about one measure of the plan."""

    state: MeasureState
    note: str = ""
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class CheckDetails:
    """What people write about a check that was made."""

    kind: CheckKind
    done_on: date
    done_by: str
    is_independent: bool = False
    is_before_use: bool = False
    result: str = ""
    findings: int = 0


@dataclass(frozen=True, slots=True)
class ConditionDetails:
    """What a decision asks for; ``owner_id`` refers to a person."""

    text: str
    owner_id: int | None = None
    due_on: date | None = None


class Measure(Identified, Timestamped, Versioned, Base):
    """One requirement of a system's protection plan (*phương án bảo đảm an toàn*).

    ``key`` is that of the rule set the level was decided under; "not applicable" needs a note.
    """

    __tablename__ = "measure"
    __table_args__ = (sa.UniqueConstraint("system_id", "key"),)

    system_id: Mapped[int] = fk("system.id")
    key: Mapped[Code]
    group: Mapped[Name] = mapped_column("group_name")
    group_en: Mapped[Name] = mapped_column(default="")
    label: Mapped[Name]
    label_en: Mapped[Name] = mapped_column(default="")
    clause: Mapped[Line]
    position: Mapped[int]
    state: Mapped[MeasureState] = mapped_column(default=MeasureState.NOT_STARTED, index=True)
    note: Mapped[Prose]
    due_on: Mapped[date | None]
    evidence_id: Mapped[int | None] = fk("stored_file.id")
    is_retired: Mapped[bool] = mapped_column(default=False)
    """Asked by an earlier rule set or level, no longer by this one; kept with its evidence."""

    system: Mapped[InformationSystem] = relationship()
    evidence: Mapped[StoredFile | None] = relationship()

    @property
    def title(self) -> str:
        return self.label

    @property
    def is_settled(self) -> bool:
        return self.state in {MeasureState.DONE, MeasureState.NOT_APPLICABLE}

    def is_overdue(self, on: date) -> bool:
        if self.is_settled or self.due_on is None:
            return False
        return due.is_overdue(self.due_on, on)

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        seen = sa.select(InformationSystem.id).where(InformationSystem.visible_to(person))
        return cls.system_id.in_(seen)


class Check(Identified, Timestamped, Versioned, Base):
    """A periodic check that was made. When the next is due follows from it and the rule set."""

    __tablename__ = "check_record"
    __table_args__ = (sa.Index("ix_check_record_system_on", "system_id", "done_on"),)

    system_id: Mapped[int] = fk("system.id")
    kind: Mapped[CheckKind]
    done_on: Mapped[date]
    done_by: Mapped[Line]
    """The body that checked; from level 3 on a licensed one (85/2016/NĐ-CP, article 20)."""
    is_independent: Mapped[bool] = mapped_column(default=False)
    is_before_use: Mapped[bool] = mapped_column(default=False)
    """Made before the system went into use; form 08 tells it from the periodic ones."""
    result: Mapped[Prose]
    findings: Mapped[int] = mapped_column(default=0)
    file_id: Mapped[int | None] = fk("stored_file.id")

    system: Mapped[InformationSystem] = relationship()
    file: Mapped[StoredFile | None] = relationship()

    @property
    def title(self) -> str:
        return self.done_by

    @property
    def kind_label(self) -> str:
        return CHECK_KINDS[self.kind]

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        seen = sa.select(InformationSystem.id).where(InformationSystem.visible_to(person))
        return cls.system_id.in_(seen)


class Condition(Identified, Timestamped, Versioned, Base):
    """Something a decision asks for, with who owes it by when."""

    __tablename__ = "condition"

    decision_id: Mapped[int] = fk("decision.id")
    text: Mapped[Prose]
    owner_id: Mapped[int | None] = fk(
        "person.id",
        info=handed_over(
            N_("Condition of a decision"),
            lambda condition, _at: condition.met_at.is_(None),
            lambda condition: str(condition.text),
        ),
    )
    due_on: Mapped[date | None] = mapped_column(index=True)
    met_at: Mapped[datetime | None]
    met_by_id: Mapped[int | None] = fk("person.id")
    evidence_id: Mapped[int | None] = fk("stored_file.id")
    note: Mapped[Prose]

    decision: Mapped[Decision] = relationship()
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])
    met_by: Mapped[Person | None] = relationship(foreign_keys=[met_by_id])
    evidence: Mapped[StoredFile | None] = relationship()

    @property
    def title(self) -> str:
        return self.text

    def is_overdue(self, on: date) -> bool:
        if self.met_at or self.due_on is None:
            return False
        return due.is_overdue(self.due_on, on)

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.decision_id.in_(sa.select(Decision.id).where(Decision.visible_to(person)))
