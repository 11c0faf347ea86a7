"""Courses and other training events, and who was there with which result."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import MOVES, Base, Identified, Line, Prose, Timestamped, Title, Versioned, fk
from drills.core.text import N_, named
from drills.files.models import StoredFile
from drills.units.models import Unit


class TrainingResult(StrEnum):
    ATTENDED = "attended"
    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "absent"


TRAINING_RESULTS = named(
    {
        TrainingResult.ATTENDED: N_("Attended"),
        TrainingResult.PASSED: N_("Passed"),
        TrainingResult.FAILED: N_("Did not pass"),
        TrainingResult.ABSENT: N_("Absent"),
    }
)


@dataclass(frozen=True, slots=True)
class TrainingDetails:
    """``unit_id`` is the unit of ours that answers for it, ``organiser`` whoever gives it."""

    title: str
    unit_id: int
    starts_on: date
    ends_on: date
    hours: float | None = None
    organiser: str = ""
    place: str = ""
    topic: str = ""


class TrainingEvent(Identified, Timestamped, Versioned, Base):
    """A course, a seminar, a workshop."""

    __tablename__ = "training_event"
    __table_args__ = (
        sa.CheckConstraint("starts_on <= ends_on", name="dates_in_order"),
        sa.CheckConstraint("hours IS NULL OR hours > 0", name="hours_positive"),
    )

    title: Mapped[Title]
    unit_id: Mapped[int] = fk("unit.id", info=MOVES)
    organiser: Mapped[Line]
    starts_on: Mapped[date] = mapped_column(index=True)
    ends_on: Mapped[date]
    hours: Mapped[float | None]
    place: Mapped[Line]
    topic: Mapped[Prose]
    file_id: Mapped[int | None] = fk("stored_file.id")

    unit: Mapped[Unit] = relationship()
    file: Mapped[StoredFile | None] = relationship()

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        if person.sees_all:
            return sa.true()
        been = sa.select(TrainingAttendance.training_event_id).where(
            TrainingAttendance.person_id == person.id
        )
        return sa.or_(cls.unit_id.in_(Unit.ids_under(person.scope.path)), cls.id.in_(been))


@dataclass(frozen=True, slots=True)
class AttendanceDetails:
    result: TrainingResult
    note: str = ""


class TrainingAttendance(Identified, Timestamped, Base):
    """One person at one event, and what came of it."""

    __tablename__ = "training_attendance"
    __table_args__ = (sa.UniqueConstraint("training_event_id", "person_id"),)

    training_event_id: Mapped[int] = fk("training_event.id", ondelete="CASCADE")
    person_id: Mapped[int] = fk("person.id", ondelete="CASCADE")
    result: Mapped[TrainingResult] = mapped_column(default=TrainingResult.ATTENDED)
    note: Mapped[Line]

    training_event: Mapped[TrainingEvent] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def result_label(self) -> str:
        return TRAINING_RESULTS[self.result]

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        events = sa.select(TrainingEvent.id).where(TrainingEvent.visible_to(person))
        return cls.training_event_id.in_(events)
