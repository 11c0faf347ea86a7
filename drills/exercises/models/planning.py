"""The plan of a drill: objectives, readiness, go or no-go, documents."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import Base, Identified, Line, Prose, Timestamped, Title, Versioned, fk
from drills.core.text import N_, named
from drills.exercises.models.drills import Drill
from drills.files.models import StoredFile


class Priority(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


PRIORITIES = named(
    {
        Priority.HIGH: N_("High"),
        Priority.MEDIUM: N_("Medium"),
        Priority.LOW: N_("Low"),
    }
)


class Rating(StrEnum):
    """How an objective was met, by the four ratings of HSEEP."""

    PERFORMED = "P"
    SOME_CHALLENGES = "S"
    MAJOR_CHALLENGES = "M"
    UNABLE = "U"


RATINGS = named(
    {
        Rating.PERFORMED: N_("Performed without challenges"),
        Rating.SOME_CHALLENGES: N_("Performed with some challenges"),
        Rating.MAJOR_CHALLENGES: N_("Performed with major challenges"),
        Rating.UNABLE: N_("Unable to be performed"),
    }
)


class DocumentKind(StrEnum):
    DECISION = "decision"
    PLAN = "plan"
    INVITATION = "invitation"
    SCENARIO = "scenario"
    ATTENDANCE = "attendance"
    REPORT = "report"
    CERTIFICATE = "certificate"
    PHOTOGRAPH = "photograph"
    OTHER = "other"


DOCUMENT_KINDS = named(
    {
        DocumentKind.DECISION: N_("Decision"),
        DocumentKind.PLAN: N_("Plan"),
        DocumentKind.INVITATION: N_("Letter of invitation"),
        DocumentKind.SCENARIO: N_("Scenario"),
        DocumentKind.ATTENDANCE: N_("Attendance list"),
        DocumentKind.REPORT: N_("Report"),
        DocumentKind.CERTIFICATE: N_("Certificate"),
        DocumentKind.PHOTOGRAPH: N_("Photograph"),
        DocumentKind.OTHER: N_("Other document"),
    }
)


@dataclass(frozen=True, slots=True)
class ObjectiveDetails:
    text: str
    capability: str = ""
    priority: Priority = Priority.MEDIUM


@dataclass(frozen=True, slots=True)
class PlanDetails:
    """What is planned of a drill besides its day; the targets are in minutes."""

    scope: str = ""
    rules: str = ""
    detect_target_minutes: int | None = None
    contain_target_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class PaperDetails:
    """A document of a drill, besides its file."""

    kind: DocumentKind
    title: str = ""
    number: str = ""
    dated: date | None = None
    is_restricted: bool = False


class Objective(Identified, Timestamped, Versioned, Base):
    """What the drill is to show; rated, or scored, or both, when it is over."""

    __tablename__ = "objective"
    __table_args__ = (
        sa.CheckConstraint(
            "score IS NULL OR (score_of IS NOT NULL AND score <= score_of)", name="score_in_range"
        ),
    )

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE")
    position: Mapped[int] = mapped_column(default=0)
    text: Mapped[Prose]
    capability: Mapped[Line]
    priority: Mapped[Priority] = mapped_column(default=Priority.MEDIUM)
    rating: Mapped[Rating | None]
    score: Mapped[float | None]
    score_of: Mapped[float | None]
    rating_note: Mapped[Prose]
    rated_by_id: Mapped[int | None] = fk("person.id")
    rated_at: Mapped[datetime | None]

    drill: Mapped[Drill] = relationship()

    @property
    def rating_label(self) -> str:
        return RATINGS[self.rating] if self.rating else N_("Not rated yet")

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.drill_id.in_(Drill.ids_seen_by(person))


class Readiness(StrEnum):
    OPEN = "open"
    DONE = "done"
    NOT_NEEDED = "not_needed"


READINESS = named(
    {
        Readiness.OPEN: N_("To do"),
        Readiness.DONE: N_("Done"),
        Readiness.NOT_NEEDED: N_("Not needed"),
    }
)


class ReadinessItem(Identified, Timestamped, Base):
    """Something to be done before the drill may start.

    ``key`` names an entry of ``kinds.READINESS_ITEMS``, whose label is shown; items that a
    drill adds have a key ``own-1`` and their ``text``.
    """

    __tablename__ = "readiness_item"
    __table_args__ = (sa.UniqueConstraint("drill_id", "key"),)

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE")
    key: Mapped[str] = mapped_column(sa.String(32))
    text: Mapped[Title] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    state: Mapped[Readiness] = mapped_column(default=Readiness.OPEN)
    note: Mapped[Prose]
    done_by_id: Mapped[int | None] = fk("person.id")
    done_at: Mapped[datetime | None]

    drill: Mapped[Drill] = relationship()
    done_by: Mapped[Person | None] = relationship()

    @property
    def is_open(self) -> bool:
        return self.state is Readiness.OPEN

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.drill_id.in_(Drill.ids_seen_by(person))


class Go(StrEnum):
    GO = "go"
    NO_GO = "no_go"


GOES = named({Go.GO: N_("Go"), Go.NO_GO: N_("No-go")})


class GoDecision(Identified, Base):
    """Whether the drill may start. A decision is never changed: the newest counts."""

    __tablename__ = "go_decision"

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE")
    answer: Mapped[Go]
    reason: Mapped[Prose]
    decided_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = fk("person.id")

    decided_by: Mapped[Person | None] = relationship()

    @property
    def answer_label(self) -> str:
        return GOES[self.answer]


SECRET_KINDS = frozenset({DocumentKind.SCENARIO})
"""Kinds of document that players may not read."""


class DrillDocument(Identified, Timestamped, Base):
    """A paper of the drill, with or without the file; of our part in others' drills too."""

    __tablename__ = "drill_document"

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE")
    kind: Mapped[DocumentKind] = mapped_column(default=DocumentKind.OTHER)
    title: Mapped[Title] = mapped_column(default="")
    number: Mapped[Line]
    dated: Mapped[date | None]
    file_id: Mapped[int | None] = fk("stored_file.id")
    is_restricted: Mapped[bool] = mapped_column(default=False)
    added_by_id: Mapped[int | None] = fk("person.id")

    drill: Mapped[Drill] = relationship()
    file: Mapped[StoredFile | None] = relationship()

    @property
    def kind_label(self) -> str:
        return DOCUMENT_KINDS[self.kind]

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        """Those that are neither restricted nor tell the scenario; all for control."""
        is_open = sa.and_(cls.is_restricted.is_(False), cls.kind.not_in(SECRET_KINDS))
        return sa.or_(
            sa.and_(is_open, cls.drill_id.in_(Drill.ids_seen_by(person))),
            cls.drill_id.in_(Drill.ids_controlled_by(person)),
        )
