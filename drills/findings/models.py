"""What a drill taught, and what is done about it until a later drill has shown that it helped."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from drills.accounts.models import Person, Role
from drills.core import due
from drills.core.errors import NotAllowedNow
from drills.core.orm import (
    MOVES,
    Base,
    Code,
    Folded,
    Identified,
    Prose,
    Timestamped,
    Versioned,
    fk,
    handed_over,
)
from drills.core.text import N_, fold, named
from drills.exercises.models import (
    DONE,
    SEVERITIES,
    Drill,
    Inject,
    Objective,
    Severity,
    Status,
    Vulnerability,
)
from drills.files.models import StoredFile
from drills.systems.models import InformationSystem
from drills.units.models import Unit


@dataclass(frozen=True, slots=True)
class FindingDetails:
    text: str
    severity: Severity
    analysis: str = ""
    is_restricted: bool = True
    objective_id: int | None = None
    inject_id: int | None = None
    system_id: int | None = None
    vulnerability_id: int | None = None


class Finding(Identified, Timestamped, Versioned, Base):
    """A shortcoming that a drill showed; restricted unless somebody opens it."""

    __tablename__ = "finding"

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE")
    objective_id: Mapped[int | None] = fk("objective.id", ondelete="SET NULL")
    inject_id: Mapped[int | None] = fk("inject.id", ondelete="SET NULL")
    system_id: Mapped[int | None] = fk("system.id")
    vulnerability_id: Mapped[int | None] = fk("vulnerability.id", ondelete="SET NULL")
    text: Mapped[Prose]
    analysis: Mapped[Prose]
    severity: Mapped[Severity] = mapped_column(default=Severity.MEDIUM)
    is_restricted: Mapped[bool] = mapped_column(default=True)
    by_id: Mapped[int | None] = fk("person.id")

    drill: Mapped[Drill] = relationship()
    objective: Mapped[Objective | None] = relationship()
    inject: Mapped[Inject | None] = relationship()
    system: Mapped[InformationSystem | None] = relationship()
    vulnerability: Mapped[Vulnerability | None] = relationship()
    actions: Mapped[list["CorrectiveAction"]] = relationship(
        back_populates="finding", order_by=lambda: CorrectiveAction.code
    )

    @property
    def severity_label(self) -> str:
        return SEVERITIES[self.severity]

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        """For control, for whoever owns an action on it, and if open for all who see the drill."""
        owned = sa.select(CorrectiveAction.finding_id).where(
            CorrectiveAction.owner_id == person.id, CorrectiveAction.finding_id.is_not(None)
        )
        return sa.or_(
            cls.drill_id.in_(Drill.ids_controlled_by(person)),
            cls.id.in_(owned),
            sa.and_(cls.is_restricted.is_(False), cls.drill_id.in_(Drill.ids_seen_by(person))),
        )


@dataclass(frozen=True, slots=True)
class LessonDetails:
    text: str
    recommendation: str = ""
    is_strength: bool = False
    finding_id: int | None = None


class Lesson(Identified, Timestamped, Versioned, Base):
    """Something to keep doing, or to do otherwise, the next time."""

    __tablename__ = "lesson"

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE")
    finding_id: Mapped[int | None] = fk("finding.id", ondelete="SET NULL")
    text: Mapped[Prose]
    recommendation: Mapped[Prose]
    is_strength: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[int | None] = fk("person.id")

    drill: Mapped[Drill] = relationship()
    finding: Mapped[Finding | None] = relationship()

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.drill_id.in_(Drill.ids_seen_by(person))


class ActionState(StrEnum):
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    VERIFIED = "verified"
    REOPENED = "reopened"
    CANCELLED = "cancelled"


NEXT: Mapping[ActionState, frozenset[ActionState]] = {
    ActionState.OPEN: frozenset({ActionState.IN_PROGRESS, ActionState.DONE, ActionState.CANCELLED}),
    ActionState.IN_PROGRESS: frozenset({ActionState.DONE, ActionState.CANCELLED}),
    ActionState.DONE: frozenset({ActionState.VERIFIED, ActionState.REOPENED}),
    ActionState.VERIFIED: frozenset({ActionState.REOPENED}),
    ActionState.REOPENED: frozenset(
        {ActionState.IN_PROGRESS, ActionState.DONE, ActionState.CANCELLED}
    ),
    ActionState.CANCELLED: frozenset({ActionState.REOPENED}),
}
BEGUN = DONE | {Status.RUNNING}
TO_DO = frozenset({ActionState.OPEN, ActionState.IN_PROGRESS, ActionState.REOPENED})
CLOSED = frozenset({ActionState.VERIFIED, ActionState.CANCELLED})
NEEDS_REASON = frozenset({ActionState.REOPENED, ActionState.CANCELLED})

STATES = named(
    {
        ActionState.OPEN: N_("Open"),
        ActionState.IN_PROGRESS: N_("In progress"),
        ActionState.DONE: N_("Done, to be verified"),
        ActionState.VERIFIED: N_("Verified"),
        ActionState.REOPENED: N_("Reopened"),
        ActionState.CANCELLED: N_("Cancelled"),
    }
)


class Retest(StrEnum):
    """What the drill that tried the action again has shown."""

    HELD = "held"
    FAILED = "failed"


RETESTS = named({Retest.HELD: N_("Held in the retest"), Retest.FAILED: N_("Failed in the retest")})


@dataclass(frozen=True, slots=True)
class ActionDetails:
    text: str
    owner_id: int
    unit_id: int
    due_on: date
    finding_id: int | None = None


class CorrectiveAction(Identified, Timestamped, Versioned, Base):
    """Something somebody has to do by a day; verified by somebody else than who did it."""

    __tablename__ = "corrective_action"
    __table_args__ = (
        sa.Index("ix_corrective_action_state_due_on", "state", "due_on"),
        sa.CheckConstraint(
            "verified_by_id IS NULL OR (verified_by_id <> owner_id AND "
            "(done_by_id IS NULL OR verified_by_id <> done_by_id))",
            name="verified_by_another",
        ),
    )

    code: Mapped[Code] = mapped_column(unique=True)
    drill_id: Mapped[int] = fk("drill.id")
    finding_id: Mapped[int | None] = fk("finding.id")
    text: Mapped[Prose]
    search: Mapped[Folded]
    owner_id: Mapped[int] = fk(
        "person.id",
        info=handed_over(N_("Corrective action"), lambda action, _at: action.state.in_(TO_DO)),
    )
    unit_id: Mapped[int] = fk("unit.id", info=MOVES)
    due_on: Mapped[date]
    state: Mapped[ActionState] = mapped_column(default=ActionState.OPEN)
    state_reason: Mapped[Prose]
    evidence: Mapped[Prose]
    done_by_id: Mapped[int | None] = fk("person.id")
    done_at: Mapped[datetime | None]
    verified_by_id: Mapped[int | None] = fk("person.id")
    verified_at: Mapped[datetime | None]
    retest_drill_id: Mapped[int | None] = fk("drill.id")
    retest_result: Mapped[Retest | None]
    retest_note: Mapped[Prose]

    drill: Mapped[Drill] = relationship(foreign_keys=[drill_id])
    finding: Mapped[Finding | None] = relationship(back_populates="actions")
    owner: Mapped[Person] = relationship(foreign_keys=[owner_id])
    unit: Mapped[Unit] = relationship()
    done_by: Mapped[Person | None] = relationship(foreign_keys=[done_by_id])
    verified_by: Mapped[Person | None] = relationship(foreign_keys=[verified_by_id])
    retest_drill: Mapped[Drill | None] = relationship(foreign_keys=[retest_drill_id])
    files: Mapped[list["ActionFile"]] = relationship(
        back_populates="action", cascade="all, delete-orphan", order_by=lambda: ActionFile.id
    )

    @validates("text", "code")
    def _index(self, key: str, value: str) -> str:
        parts = {"code": self.code, "text": self.text} | {key: value}
        self.search = fold(" ".join(part or "" for part in parts.values()))[:1000]
        return value

    @property
    def title(self) -> str:
        return self.text.split("\n", 1)[0]

    @property
    def state_label(self) -> str:
        return STATES[self.state]

    @property
    def retest_label(self) -> str:
        return RETESTS[self.retest_result] if self.retest_result else ""

    @property
    def awaits_retest(self) -> bool:
        """Whether the drill that tries it again has begun, and nobody noted what it showed."""
        again = self.retest_drill
        return again is not None and again.status in BEGUN and self.retest_result is None

    @property
    def is_closed(self) -> bool:
        return self.state in CLOSED

    def is_overdue(self, on: date) -> bool:
        return self.state in TO_DO and due.is_overdue(self.due_on, on)

    def move_to(self, state: ActionState, reason: str = "") -> None:
        if state not in NEXT[self.state]:
            raise NotAllowedNow(
                N_("An action that is “%(before)s” cannot become “%(after)s”."),
                before=STATES[self.state],
                after=STATES[state],
            )
        self.state, self.state_reason = state, reason

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        """One's own, those of one's units, and those of the drills one controls."""
        own = sa.or_(cls.owner_id == person.id, cls.drill_id.in_(Drill.ids_controlled_by(person)))
        if person.roles <= {Role.IR_MEMBER}:
            return own
        if person.sees_all:
            return sa.true()
        return sa.or_(own, cls.unit_id.in_(Unit.ids_under(person.scope.path)))


class ActionFile(Identified, Base):
    """A file that shows an action was done."""

    __tablename__ = "action_file"

    corrective_action_id: Mapped[int] = fk("corrective_action.id", ondelete="CASCADE")
    file_id: Mapped[int] = fk("stored_file.id")
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = fk("person.id")

    action: Mapped[CorrectiveAction] = relationship(back_populates="files")
    file: Mapped[StoredFile] = relationship()

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        actions = sa.select(CorrectiveAction.id).where(CorrectiveAction.visible_to(person))
        return cls.corrective_action_id.in_(actions)


class ActionEvent(Identified, Base):
    """What happened to an action, in order. The database refuses to change or delete one.

    With ``retest_drill_id`` it tells that this drill was chosen to try the action again; with
    ``retest``, too, what that showed.
    """

    __tablename__ = "action_event"

    corrective_action_id: Mapped[int] = fk("corrective_action.id", ondelete="CASCADE")
    at: Mapped[datetime]
    by_id: Mapped[int | None] = fk("person.id")
    state: Mapped[ActionState]
    due_on: Mapped[date]
    owner_id: Mapped[int] = fk("person.id")
    text: Mapped[Prose]
    retest_drill_id: Mapped[int | None] = fk("drill.id")
    retest: Mapped[Retest | None]

    retest_drill: Mapped[Drill | None] = relationship()
    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])
    owner: Mapped[Person] = relationship(foreign_keys=[owner_id])


class ReportDraft(Identified, Timestamped, Versioned, Base):
    """One part of the after-action report that people write, in one language.

    ``part`` names an entry of the list of parts; what is not written comes from the record.
    """

    __tablename__ = "report_draft"
    __table_args__ = (sa.UniqueConstraint("drill_id", "language", "part"),)

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE")
    language: Mapped[str] = mapped_column(sa.String(2))
    part: Mapped[str] = mapped_column(sa.String(32))
    text: Mapped[Prose]
    by_id: Mapped[int | None] = fk("person.id")

    drill: Mapped[Drill] = relationship()
    by: Mapped[Person | None] = relationship()

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.drill_id.in_(Drill.ids_controlled_by(person))
