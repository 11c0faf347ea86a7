"""Findings and lessons of a drill: writing them down and changing them."""

from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import Conflict, DomainError, NotAllowedNow
from drills.core.text import N_
from drills.exercises.models import Drill
from drills.findings.models import (
    CorrectiveAction,
    Finding,
    FindingDetails,
    Lesson,
    LessonDetails,
)

STALE = N_("Somebody else has changed this finding since you opened it.")


def find(session: Session, drill: Drill, details: FindingDetails, *, by: Person | None) -> Finding:
    """Write down what ``drill`` showed."""
    _check(details)
    finding = Finding(drill_id=drill.id, by_id=by.id if by else None, **asdict(details))
    session.add(finding)
    audit.record(session, "found", finding, by=by)
    return finding


def revise(
    session: Session, finding: Finding, details: FindingDetails, *, by: Person | None, version: int
) -> None:
    """Conflict if ``finding`` is no longer the ``version`` the person had before them."""
    if finding.version != version:
        raise Conflict(STALE)
    _check(details)
    with audit.changing(session, "revised", finding, by=by):
        for name, value in asdict(details).items():
            if getattr(finding, name) != value:
                setattr(finding, name, value)
        session.flush()


def remove(session: Session, finding: Finding, *, by: Person | None) -> None:
    """Take back a finding on which nobody was asked to act; the trail keeps its text."""
    asked = sa.select(CorrectiveAction.id).where(CorrectiveAction.finding_id == finding.id)
    if session.scalar(asked.limit(1)):
        raise NotAllowedNow(
            N_("Corrective actions follow from this finding. Cancel them with a reason instead.")
        )
    audit.record(session, "removed", finding, by=by, changes={"text": [finding.text, ""]})
    session.delete(finding)
    session.flush()


def learn(session: Session, drill: Drill, details: LessonDetails, *, by: Person | None) -> Lesson:
    """Keep a lesson of ``drill``: a strength to hold on to, or something to do otherwise."""
    if not details.text:
        raise DomainError(N_("Write what was learned."))
    lesson = Lesson(drill_id=drill.id, by_id=by.id if by else None, **asdict(details))
    session.add(lesson)
    audit.record(session, "learned", lesson, by=by)
    return lesson


def revise_lesson(
    session: Session, lesson: Lesson, details: LessonDetails, *, by: Person | None, version: int
) -> None:
    """Conflict if ``lesson`` is no longer the ``version`` the person had before them."""
    if lesson.version != version:
        raise Conflict(N_("Somebody else has changed this lesson since you opened it."))
    with audit.changing(session, "revised", lesson, by=by):
        for name, value in asdict(details).items():
            if getattr(lesson, name) != value:
                setattr(lesson, name, value)
        session.flush()


def forget(session: Session, lesson: Lesson, *, by: Person | None) -> None:
    """Take a lesson back; the trail keeps its text."""
    audit.record(session, "removed", lesson, by=by, changes={"text": [lesson.text, ""]})
    session.delete(lesson)
    session.flush()


def _check(details: FindingDetails) -> None:
    if not details.text:
        raise DomainError(N_("Write what was found."))
