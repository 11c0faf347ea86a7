"""The record an after-action report is made of, and the parts of it that people write."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.audit import services as audit
from drills.core.errors import Conflict, DomainError
from drills.core.text import N_
from drills.exercises.models import (
    Drill,
    ExerciseClock,
    Inject,
    LogEntry,
    Objective,
    Observation,
    Presence,
    Vulnerability,
)
from drills.exercises.services import participants, people, planning, results, surveys
from drills.exercises.services.conduct.timing import clock_of
from drills.exercises.services.results import Results
from drills.exercises.services.surveys import SurveyResults
from drills.findings.models import ActionFile, CorrectiveAction, Finding, Lesson, ReportDraft

PARTS = {
    "purpose": N_("Purpose"),
    "course": N_("The course in short"),
    "strengths": N_("Strengths, one a line"),
    "conclusion": N_("Conclusion"),
}
"""The parts people write; what they leave empty is taken from the record."""
TIMELINE_MAX = 300
STALE = N_("Somebody else has changed this part of the report since you opened it.")


@dataclass(frozen=True, slots=True)
class Record:
    """Everything a report on one drill is made of, as one person may read it."""

    drill: Drill
    clock: ExerciseClock
    objectives: Sequence[Objective]
    injects: Sequence[Inject]
    results: Results
    log: Sequence[LogEntry]
    observations: Sequence[Observation]
    findings: Sequence[Finding]
    lessons: Sequence[Lesson]
    actions: Sequence[CorrectiveAction]
    vulnerabilities: Sequence[Vulnerability]
    attendance: dict[int, Presence]
    participants: Sequence[Person]
    hot_wash: SurveyResults | None

    @property
    def came(self) -> int:
        """How many were there; before anybody was noted, how many were named."""
        there = [p for p in self.attendance.values() if p is not Presence.ABSENT]
        return len(there) if self.attendance else len(self.participants)


def gather(session: Session, drill: Drill, person: Person, *, restricted: bool) -> Record:
    """The record of ``drill``; with ``restricted``, the findings that are kept back as well."""
    findings = visible(Finding, person).where(Finding.drill_id == drill.id)
    holes = visible(Vulnerability, person).where(Vulnerability.drill_id == drill.id)
    if not restricted:
        findings = findings.where(Finding.is_restricted.is_(False))
        holes = holes.where(Vulnerability.is_restricted.is_(False))
    return Record(
        drill=drill,
        clock=clock_of(session, drill),
        objectives=planning.objectives(session, drill),
        injects=_of(session, Inject, drill, person, Inject.position, Inject.id),
        results=results.of_drill(session, drill, person),
        log=session.scalars(
            visible(LogEntry, person)
            .where(LogEntry.drill_id == drill.id, LogEntry.stands())
            .options(
                joinedload(LogEntry.inject), joinedload(LogEntry.side), joinedload(LogEntry.by)
            )
            .order_by(LogEntry.at, LogEntry.id)
        ).all(),
        observations=_of(session, Observation, drill, person, Observation.at, Observation.id),
        findings=session.scalars(
            findings.options(selectinload(Finding.actions)).order_by(Finding.id)
        ).all(),
        lessons=_of(session, Lesson, drill, person, Lesson.id),
        actions=session.scalars(
            visible(CorrectiveAction, person)
            .where(CorrectiveAction.drill_id == drill.id)
            .options(
                joinedload(CorrectiveAction.owner),
                joinedload(CorrectiveAction.unit),
                selectinload(CorrectiveAction.files).joinedload(ActionFile.file),
            )
            .order_by(CorrectiveAction.due_on, CorrectiveAction.id)
        ).all(),
        vulnerabilities=session.scalars(holes.order_by(Vulnerability.id)).all(),
        attendance=people.attendance(session, drill),
        participants=participants(session, drill, drill.day),
        hot_wash=_hot_wash(session, drill),
    )


def _hot_wash(session: Session, drill: Drill) -> SurveyResults | None:
    survey = surveys.survey_of(session, drill)
    return surveys.results(session, survey) if survey else None


def _of(session: Session, model: Any, drill: Drill, person: Person, *order: Any) -> Sequence[Any]:
    query: sa.Select[Any] = visible(model, person).where(model.drill_id == drill.id)
    return session.scalars(query.order_by(*order)).all()


def drafts(session: Session, drill: Drill, language: str) -> dict[str, ReportDraft]:
    """What has been written, by part."""
    rows = session.scalars(
        sa.select(ReportDraft).where(
            ReportDraft.drill_id == drill.id, ReportDraft.language == language
        )
    )
    return {row.part: row for row in rows}


def write(  # noqa: PLR0913 - a part of a report is named by three words
    session: Session,
    drill: Drill,
    language: str,
    part: str,
    text: str,
    *,
    version: int,
    by: Person | None,
) -> None:
    """Write one part. ``version`` is the one the person had before them, 0 for none."""
    if part not in PARTS:
        raise DomainError(N_("The report has no such part."))
    found = drafts(session, drill, language).get(part)
    if (found.version if found else 0) != version:
        raise Conflict(STALE)
    if found is None:
        if not text:
            return
        found = ReportDraft(drill_id=drill.id, language=language, part=part, text=text)
        found.by_id = by.id if by else None
        session.add(found)
        audit.record(session, "written", found, by=by)
        return
    with audit.changing(session, "written", found, by=by):
        if found.text != text:
            found.text, found.by_id = text, by.id if by else None
        session.flush()
