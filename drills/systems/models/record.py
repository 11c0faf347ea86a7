"""The register of information systems."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from drills.accounts.models import Person
from drills.core import due
from drills.core.orm import (
    MOVES,
    Base,
    Code,
    Folded,
    Identified,
    Line,
    Name,
    Prose,
    SortKey,
    Timestamped,
    Versioned,
    fk,
    handed_over,
)
from drills.core.text import N_, fold, named, sort_key
from drills.units.models import Unit

LEVELS = (1, 2, 3, 4, 5)


class SystemKind(StrEnum):
    """Decree 85/2016/NĐ-CP, article 6: what the system serves."""

    INTERNAL = "internal"
    PUBLIC = "public"
    INFRASTRUCTURE = "infrastructure"
    INDUSTRIAL_CONTROL = "industrial_control"
    OTHER = "other"


class SystemStatus(StrEnum):
    UNDER_CONSTRUCTION = "under_construction"
    OPERATING = "operating"
    SUSPENDED = "suspended"
    DECOMMISSIONED = "decommissioned"


class Approval(StrEnum):
    """Where the level's dossier stands, in the four words of form 08 and one before them."""

    NONE = "none"
    DRAFTING = "drafting"
    SENT = "sent"
    APPRAISED = "appraised"
    APPROVED = "approved"


SYSTEM_KINDS = named(
    {
        SystemKind.INTERNAL: N_("Internal operations"),
        SystemKind.PUBLIC: N_("Serves people and businesses"),
        SystemKind.INFRASTRUCTURE: N_("Information infrastructure"),
        SystemKind.INDUSTRIAL_CONTROL: N_("Industrial control"),
        SystemKind.OTHER: N_("Other"),
    }
)
SYSTEM_STATUSES = named(
    {
        SystemStatus.UNDER_CONSTRUCTION: N_("Under construction"),
        SystemStatus.OPERATING: N_("In operation"),
        SystemStatus.SUSPENDED: N_("Suspended"),
        SystemStatus.DECOMMISSIONED: N_("Decommissioned"),
    }
)
APPROVALS = named(
    {
        Approval.NONE: N_("No dossier yet"),
        Approval.DRAFTING: N_("Drafting"),
        Approval.SENT: N_("Sent for appraisal"),
        Approval.APPRAISED: N_("Appraised"),
        Approval.APPROVED: N_("Approved"),
    }
)


class PlanState(StrEnum):
    """How far the security plan is carried out, in the three words of form 08."""

    NOT_IMPLEMENTED = "not_implemented"
    PARTLY = "partly"
    FULLY = "fully"


PLAN_STATES = named(
    {
        PlanState.NOT_IMPLEMENTED: N_("Plan not implemented"),
        PlanState.PARTLY: N_("Plan partly implemented"),
        PlanState.FULLY: N_("Plan fully implemented"),
    }
)


@dataclass(frozen=True, slots=True)
class SystemDetails:
    """What people write about a system; ids refer to units and a person.

    ``level`` and ``approval`` are a proposal and how far it is: approved is what a decision makes
    it, with number, day and authority, which stand in no details.
    """

    code: str
    name: str
    description: str
    owner_id: int
    operator_id: int
    kind: SystemKind
    has_public_information: bool
    has_private_information: bool
    has_personal_data: bool
    has_state_secrets: bool
    status: SystemStatus
    level: int | None
    approval: Approval
    review_due_on: date | None
    responsible_id: int | None
    plan_state: PlanState | None = None
    plan_expected_on: date | None = None
    approval_expected_on: date | None = None
    regulation_number: str = ""
    regulation_date: date | None = None
    regulation_authority: str = ""


class InformationSystem(Identified, Timestamped, Versioned, Base):
    """A system with its owner (*chủ quản*), operator (*đơn vị vận hành*) and level in short.

    The level counts as approved only with ``approval`` APPROVED; before that it is proposed.
    """

    __tablename__ = "system"
    __table_args__ = (
        sa.CheckConstraint("level BETWEEN 1 AND 5", name="level_in_range"),
        sa.Index("ix_system_level_sort", "level", "sort"),
        sa.Index("ix_system_due", "review_due_on", "sort", "id"),
        sa.Index("ix_system_name", "sort", "id"),
    )

    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    sort: Mapped[SortKey]
    search: Mapped[Folded]
    description: Mapped[Prose]
    owner_id: Mapped[int] = fk("unit.id", info=MOVES)
    operator_id: Mapped[int] = fk("unit.id", info=MOVES)
    kind: Mapped[SystemKind] = mapped_column(default=SystemKind.INTERNAL)
    has_public_information: Mapped[bool] = mapped_column(default=False)
    has_private_information: Mapped[bool] = mapped_column(default=False)
    has_personal_data: Mapped[bool] = mapped_column(default=False)
    has_state_secrets: Mapped[bool] = mapped_column(default=False)
    status: Mapped[SystemStatus] = mapped_column(default=SystemStatus.OPERATING, index=True)
    level: Mapped[int | None]
    approval: Mapped[Approval] = mapped_column(default=Approval.NONE, index=True)
    decision_number: Mapped[Line]
    decision_date: Mapped[date | None]
    decision_authority: Mapped[Line]
    review_due_on: Mapped[date | None] = mapped_column(index=True)
    valid_until: Mapped[date | None] = mapped_column(index=True)
    decided_at: Mapped[datetime | None]
    """When the decision in force was recorded here."""
    facts_changed_at: Mapped[datetime | None]
    """When a column that decisions pin was last changed."""
    plan_state: Mapped[PlanState | None]
    """From the checklist of measures where there is one, else as told; form 08, column 10."""
    plan_expected_on: Mapped[date | None]
    approval_expected_on: Mapped[date | None]
    regulation_number: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    """The security regulation (*Quy chế*) that form 08 asks for, with its day and authority."""
    regulation_date: Mapped[date | None]
    regulation_authority: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    responsible_id: Mapped[int | None] = fk(
        "person.id",
        info=handed_over(
            N_("Responsible for the system"),
            lambda system, _at: system.status != SystemStatus.DECOMMISSIONED,
        ),
    )

    owner: Mapped[Unit] = relationship(foreign_keys=[owner_id])
    operator: Mapped[Unit] = relationship(foreign_keys=[operator_id])
    responsible: Mapped[Person | None] = relationship()

    @validates("name", "code")
    def _index(self, key: str, value: str) -> str:
        parts = {"code": self.code, "name": self.name} | {key: value}
        self.search = fold(" ".join(part or "" for part in parts.values()))
        if key == "name":
            self.sort = sort_key(value)
        return value

    @property
    def has_changed_since(self) -> bool:
        """Whether what the decision in force pinned was changed after it."""
        changed, decided = self.facts_changed_at, self.decided_at
        return self.is_approved and None not in {changed, decided} and changed > decided  # type: ignore[operator]

    @property
    def is_approved(self) -> bool:
        return self.approval is Approval.APPROVED and self.level is not None

    @property
    def reappraise_by(self) -> date | None:
        """The last day the decided level is good: its review or the end of the decision."""
        return min((day for day in (self.review_due_on, self.valid_until) if day), default=None)

    @classmethod
    def reappraisal_day(cls) -> sa.ColumnElement[date | None]:
        """The same as a column."""
        ends_first = cls.valid_until < cls.review_due_on
        either = sa.func.coalesce(cls.review_due_on, cls.valid_until)
        return sa.case((ends_first, cls.valid_until), else_=either)

    def is_overdue(self, on: date) -> bool:
        """Whether the approved level should have been reviewed before ``on``."""
        day = self.reappraise_by
        return self.is_approved and day is not None and due.is_overdue(day, on)

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        if person.sees_all:
            return sa.true()
        units = Unit.ids_under(person.scope.path)
        return sa.or_(cls.owner_id.in_(units), cls.operator_id.in_(units))
