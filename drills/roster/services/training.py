"""Recording courses and other training events, and who was there."""

from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.files.models import StoredFile
from drills.roster.models import (
    AttendanceDetails,
    TrainingAttendance,
    TrainingDetails,
    TrainingEvent,
)


def add_event(
    session: Session,
    details: TrainingDetails,
    *,
    by: Person | None,
    file: StoredFile | None = None,
) -> TrainingEvent:
    event = TrainingEvent(file=file)
    _write(event, details)
    session.add(event)
    audit.record(session, "created", event, by=by)
    return event


def revise_event(
    session: Session,
    event: TrainingEvent,
    details: TrainingDetails,
    *,
    by: Person | None,
    file: StoredFile | None = None,
) -> None:
    """A file that was handed in before stays unless there is a new one."""
    with audit.changing(session, "revised", event, by=by):
        _write(event, details)
        event.file = file or event.file


def note_attendance(
    session: Session,
    event: TrainingEvent,
    person: Person,
    details: AttendanceDetails,
    *,
    by: Person | None,
) -> TrainingAttendance:
    """Note that somebody was there, or change what was noted of them before."""
    found = attendance_of(session, event, person)
    before = _text(found)
    attendance = found or TrainingAttendance(training_event=event, person=person)
    attendance.result, attendance.note = details.result, details.note
    session.add(attendance)
    change = {person.name: [before, _text(attendance)]}
    audit.record(session, "training_noted", event, by=by, changes=change)
    return attendance


def drop_attendance(session: Session, attendance: TrainingAttendance, *, by: Person | None) -> None:
    event, change = attendance.training_event, {attendance.person.name: [_text(attendance), ""]}
    session.delete(attendance)
    audit.record(session, "training_noted", event, by=by, changes=change)


def attendance_of(
    session: Session, event: TrainingEvent, person: Person
) -> TrainingAttendance | None:
    return session.scalars(
        sa.select(TrainingAttendance).where(
            TrainingAttendance.training_event_id == event.id,
            TrainingAttendance.person_id == person.id,
        )
    ).one_or_none()


def _write(event: TrainingEvent, details: TrainingDetails) -> None:
    if details.ends_on < details.starts_on:
        raise DomainError(N_("The last day is before the first."))
    for name, value in asdict(details).items():
        setattr(event, name, value)


def _text(attendance: TrainingAttendance | None) -> str:
    if attendance is None:
        return ""
    return " ".join(part for part in (attendance.result.value, attendance.note) if part)
