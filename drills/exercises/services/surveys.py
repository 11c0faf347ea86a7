"""The hot wash: questions, who is asked, answers that cannot be traced where that was promised."""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import fmean

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import Conflict, DomainError, NotAllowedNow
from drills.core.text import N_
from drills.exercises.models import (
    Drill,
    QuestionKind,
    Survey,
    SurveyAnswer,
    SurveyInvitation,
    SurveyQuestion,
)
from drills.exercises.services.drills import participants, refuse_closed

OPEN_FOR = timedelta(days=14)
SHOWN_FROM = 3
"""Answers of fewer people would tell who said what."""
QUESTIONS_MAX = 20
USUAL = (
    (QuestionKind.SCALE, N_("How close to reality was the drill?")),
    (QuestionKind.SCALE, N_("How well did we work together across units?")),
    (QuestionKind.YES_NO, N_("Did you know what was expected of you at each step?")),
    (QuestionKind.TEXT, N_("What went well?")),
    (QuestionKind.TEXT, N_("What should we do otherwise next time?")),
)
"""What a new survey begins with, in the words of the catalogue."""


@dataclass(frozen=True, slots=True)
class SurveyDetails:
    introduction: str
    is_anonymous: bool
    questions: tuple[tuple[QuestionKind, str], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What people answered to one question. ``mean`` of a scale; ``counts`` by number."""

    question: SurveyQuestion
    answered: int
    mean: float | None = None
    counts: Mapping[int, int] = field(default_factory=dict)
    texts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SurveyResults:
    asked: int
    answered: int
    told: Sequence[Told]

    @property
    def is_hidden(self) -> bool:
        return self.answered > 0 and not self.told


def survey_of(session: Session, drill: Drill) -> Survey | None:
    query = sa.select(Survey).where(Survey.drill_id == drill.id)
    return session.scalars(query.options(joinedload(Survey.questions))).unique().one_or_none()


def write(session: Session, drill: Drill, details: SurveyDetails, *, by: Person) -> Survey:
    """Set the questions. Once an answer is in, they stay, and so does the promise."""
    refuse_closed(drill)
    if not details.questions:
        raise DomainError(N_("A survey needs at least one question."))
    survey = survey_of(session, drill)
    if survey is None:
        survey = Survey(drill_id=drill.id)
        session.add(survey)
    elif _answered(session, survey):
        raise NotAllowedNow(N_("Answers are in: the questions no longer change."))
    survey.introduction, survey.is_anonymous = details.introduction, details.is_anonymous
    survey.questions = [
        SurveyQuestion(position=place, kind=kind, text=text)
        for place, (kind, text) in enumerate(details.questions[:QUESTIONS_MAX])
    ]
    audit.record(session, "survey_written", drill, by=by)
    return survey


def open_to_all(session: Session, survey: Survey, *, by: Person, at: datetime) -> int:
    """Ask everybody who takes part, for two weeks; how many are asked anew."""
    refuse_closed(survey.drill)
    people = participants(session, survey.drill, survey.drill.day)
    if not people:
        raise NotAllowedNow(N_("Nobody is named in this drill: name who took part first."))
    query = sa.select(SurveyInvitation.person_id).where(SurveyInvitation.survey_id == survey.id)
    asked = set(session.scalars(query))
    fresh = [person for person in people if person.id not in asked]
    session.add_all(
        SurveyInvitation(survey_id=survey.id, person_id=person.id, invited_at=at)
        for person in fresh
    )
    survey.opened_at, survey.closes_at = survey.opened_at or at, at + OPEN_FOR
    audit.record(session, "survey_opened", survey.drill, by=by)
    return len(fresh)


def close(session: Session, survey: Survey, *, by: Person, at: datetime) -> None:
    if survey.is_open(at):
        survey.closes_at = at
        audit.record(session, "survey_closed", survey.drill, by=by)


def invitations(session: Session, survey: Survey) -> list[SurveyInvitation]:
    query = sa.select(SurveyInvitation).where(SurveyInvitation.survey_id == survey.id)
    named = query.join(SurveyInvitation.person).order_by(Person.sort, Person.id)
    return list(session.scalars(named.options(joinedload(SurveyInvitation.person))))


def invitation_of(session: Session, drill: Drill, person: Person) -> SurveyInvitation | None:
    query = sa.select(SurveyInvitation).join(SurveyInvitation.survey)
    mine = query.where(Survey.drill_id == drill.id, SurveyInvitation.person_id == person.id)
    return session.scalars(mine.options(joinedload(SurveyInvitation.survey))).one_or_none()


def answer(
    session: Session,
    invitation: SurveyInvitation,
    said: Mapping[int, tuple[int | None, str]],
    *,
    at: datetime,
) -> None:
    """Keep a sheet of answers, by the ids of questions; once for each invitation.

    Nothing of an anonymous sheet leads back: no person, no time, no entry in the trail.
    """
    survey = invitation.survey
    if not survey.is_open(at):
        raise NotAllowedNow(N_("The survey is closed."))
    claimed = session.execute(
        sa.update(SurveyInvitation)
        .where(SurveyInvitation.id == invitation.id, SurveyInvitation.has_answered.is_(False))
        .values(has_answered=True)
    )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(N_("You have answered already. Thank you."))
    sheet = secrets.token_urlsafe(16)
    person_id = None if survey.is_anonymous else invitation.person_id
    for question in survey.questions:
        number, text = said.get(question.id, (None, ""))
        if number is None and not text:
            continue
        session.add(
            SurveyAnswer(
                question_id=question.id,
                sheet=sheet,
                person_id=person_id,
                number=number,
                text=text,
            )
        )
    session.flush()


def results(session: Session, survey: Survey) -> SurveyResults:
    """What people said; nothing of an anonymous survey before three have answered."""
    counts = sa.select(
        sa.func.count(), sa.func.count(sa.case((SurveyInvitation.has_answered, 1)))
    ).where(SurveyInvitation.survey_id == survey.id)
    asked, answered = session.execute(counts).one()
    if not answered or (survey.is_anonymous and answered < SHOWN_FROM):
        return SurveyResults(asked, answered, [])
    query = sa.select(SurveyAnswer).join(SurveyAnswer.question)
    ours = query.where(SurveyQuestion.survey_id == survey.id).order_by(SurveyAnswer.sheet)
    sheets = list(session.scalars(ours))
    told = [
        _told(question, [row for row in sheets if row.question_id == question.id])
        for question in survey.questions
    ]
    return SurveyResults(asked, answered, told)


def _told(question: SurveyQuestion, rows: Iterable[SurveyAnswer]) -> Told:
    known = list(rows)
    numbers = [row.number for row in known if row.number is not None]
    texts = [row.text for row in known if row.text]
    mean = fmean(numbers) if numbers and question.kind is QuestionKind.SCALE else None
    return Told(question, len(known), mean, Counter(numbers), texts)


def _answered(session: Session, survey: Survey) -> bool:
    query = sa.select(SurveyInvitation.id).where(
        SurveyInvitation.survey_id == survey.id, SurveyInvitation.has_answered.is_(True)
    )
    return session.scalar(query.limit(1)) is not None
