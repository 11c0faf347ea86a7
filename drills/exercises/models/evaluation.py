"""What the drill showed: evaluators' observations, verdicts, and what players say (*hot wash*)."""

import secrets
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import Base, Identified, Prose, Timestamped, Title, fk
from drills.core.text import N_, named
from drills.exercises.models.drills import Drill
from drills.exercises.models.injects import Inject
from drills.exercises.models.participants import Side
from drills.exercises.models.planning import Objective


class Observation(Identified, Timestamped, Base):
    """What an evaluator saw, good or bad. Players do not read these; the report may quote them."""

    __tablename__ = "observation"

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE")
    inject_id: Mapped[int | None] = fk("inject.id", ondelete="SET NULL")
    objective_id: Mapped[int | None] = fk("objective.id", ondelete="SET NULL")
    side_id: Mapped[int | None] = fk("drill_side.id", ondelete="SET NULL")
    evaluator_id: Mapped[int | None] = fk("person.id")
    at: Mapped[datetime]
    text: Mapped[Prose]
    is_strength: Mapped[bool] = mapped_column(default=False)

    drill: Mapped[Drill] = relationship()
    inject: Mapped[Inject | None] = relationship()
    objective: Mapped[Objective | None] = relationship()
    side: Mapped[Side | None] = relationship()
    evaluator: Mapped[Person | None] = relationship()

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return sa.or_(
            cls.evaluator_id == person.id, cls.drill_id.in_(Drill.ids_controlled_by(person))
        )


class Verdict(StrEnum):
    MET = "met"
    PARTLY = "partly"
    MISSED = "missed"


VERDICTS = named(
    {
        Verdict.MET: N_("As expected"),
        Verdict.PARTLY: N_("Partly as expected"),
        Verdict.MISSED: N_("Not as expected"),
    }
)


class InjectVerdict(Identified, Timestamped, Base):
    """What control or an evaluator makes of how a side dealt with an inject.

    Without a side it holds for all of them. The times come from the log, not from here.
    """

    __tablename__ = "inject_verdict"
    __table_args__ = (
        sa.UniqueConstraint("inject_id", "side_id"),
        sa.Index(
            "uq_inject_verdict_inject_id_of_all",
            "inject_id",
            unique=True,
            sqlite_where=sa.text("side_id IS NULL"),
            postgresql_where=sa.text("side_id IS NULL"),
        ),
    )

    inject_id: Mapped[int] = fk("inject.id", ondelete="CASCADE")
    side_id: Mapped[int | None] = fk("drill_side.id", ondelete="CASCADE")
    verdict: Mapped[Verdict]
    note: Mapped[Prose]
    by_id: Mapped[int | None] = fk("person.id")

    inject: Mapped[Inject] = relationship()
    side: Mapped[Side | None] = relationship()
    by: Mapped[Person | None] = relationship()

    @property
    def verdict_label(self) -> str:
        return VERDICTS[self.verdict]


class Survey(Identified, Timestamped, Base):
    """The hot wash of a drill. Once an answer is in, ``is_anonymous`` may no longer change."""

    __tablename__ = "survey"

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE", unique=True)
    is_anonymous: Mapped[bool] = mapped_column(default=True)
    introduction: Mapped[Prose]
    opened_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]

    drill: Mapped[Drill] = relationship()
    questions: Mapped[list["SurveyQuestion"]] = relationship(
        cascade="all, delete-orphan",
        order_by=lambda: (SurveyQuestion.position, SurveyQuestion.id),
    )

    def is_open(self, at: datetime) -> bool:
        return (
            self.opened_at is not None
            and self.opened_at <= at
            and (self.closes_at is None or at < self.closes_at)
        )

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.drill_id.in_(Drill.ids_seen_by(person))


class QuestionKind(StrEnum):
    SCALE = "scale"
    YES_NO = "yes_no"
    TEXT = "text"


QUESTION_KINDS = named(
    {
        QuestionKind.SCALE: N_("From 1 to 5"),
        QuestionKind.YES_NO: N_("Yes or no"),
        QuestionKind.TEXT: N_("In one's own words"),
    }
)


class SurveyQuestion(Identified, Base):
    __tablename__ = "survey_question"

    survey_id: Mapped[int] = fk("survey.id", ondelete="CASCADE")
    position: Mapped[int] = mapped_column(default=0)
    kind: Mapped[QuestionKind] = mapped_column(default=QuestionKind.SCALE)
    text: Mapped[Title]


def _nonce() -> str:
    return secrets.token_urlsafe(24)


class SurveyInvitation(Identified, Base):
    """Who was asked, and whether they have answered: not when, nor what.

    No time of the answer is kept here, so that none can be laid beside the answers.
    """

    __tablename__ = "survey_invitation"
    __table_args__ = (sa.UniqueConstraint("survey_id", "person_id"),)

    survey_id: Mapped[int] = fk("survey.id", ondelete="CASCADE")
    person_id: Mapped[int] = fk("person.id")
    nonce: Mapped[str] = mapped_column(sa.String(64), default=_nonce)
    invited_at: Mapped[datetime]
    has_answered: Mapped[bool] = mapped_column(default=False)

    survey: Mapped[Survey] = relationship()
    person: Mapped[Person] = relationship()

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.survey_id.in_(sa.select(Survey.id).where(Survey.visible_to(person)))


class SurveyAnswer(Identified, Base):
    """One answer to one question. The answers of one sheet share ``sheet``, a random word.

    ``person_id`` stays empty in an anonymous survey; so does everything that tells when or
    from where, in the audit trail too.
    """

    __tablename__ = "survey_answer"
    __table_args__ = (
        sa.UniqueConstraint("question_id", "sheet"),
        sa.CheckConstraint("number BETWEEN 0 AND 5", name="number_in_range"),
    )

    question_id: Mapped[int] = fk("survey_question.id", ondelete="CASCADE")
    sheet: Mapped[str] = mapped_column(sa.String(64))
    person_id: Mapped[int | None] = fk("person.id")
    number: Mapped[int | None]
    text: Mapped[Prose]

    question: Mapped[SurveyQuestion] = relationship()
    person: Mapped[Person | None] = relationship()
