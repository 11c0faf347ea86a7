"""Decisions on a system's level: each stays as it was taken, for as long as there is a register."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import Base, Identified, Line, Prose, fk, settles
from drills.core.text import N_, named
from drills.systems.models.record import InformationSystem


class DecisionKind(StrEnum):
    """What is decided. Level 5 has its list and its plan decided apart (85/2016/NĐ-CP, art. 12)."""

    LEVEL = "level"
    PLAN = "plan"
    LIST = "list"


class DecisionState(StrEnum):
    """What a decision has become; "expiring", "expired" and "changed since" follow from dates."""

    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    """The system was decommissioned."""


DECISION_KINDS = named(
    {
        DecisionKind.LEVEL: N_("Decision approving the level"),
        DecisionKind.PLAN: N_("Decision approving the security plan"),
        DecisionKind.LIST: N_("Decision approving the list of level 5 systems"),
    }
)
DECISION_STATES = named(
    {
        DecisionState.IN_FORCE: N_("In force"),
        DecisionState.SUPERSEDED: N_("Superseded"),
        DecisionState.WITHDRAWN: N_("Withdrawn"),
        DecisionState.ENDED: N_("Ended with the system"),
    }
)
PINNED = (
    "code",
    "name",
    "description",
    "owner_id",
    "operator_id",
    "kind",
    "has_public_information",
    "has_private_information",
    "has_personal_data",
    "has_state_secrets",
    "level",
)
"""The columns of a system that a decision pins: who changes one changes what was decided."""


@dataclass(frozen=True, slots=True)
class DecisionDetails:
    """A decision as it was signed; ids refer to a dossier and a rule set."""

    number: str
    signed_on: date
    authority: str
    level: int
    kind: DecisionKind = DecisionKind.LEVEL
    signer: str = ""
    signer_title: str = ""
    basis: str = ""
    conditions: str = ""
    valid_until: date | None = None
    review_due_on: date | None = None
    dossier_id: int | None = None
    regime_id: int | None = None
    is_one_person: bool = False


class Decision(Identified, Base):
    """One decision on one system. Its row never changes, but for how it ends.

    ``snapshot`` holds what was decided on: ``system`` (the pinned columns as text, units by name),
    ``papers`` (name, SHA-256 and size of each file) and ``rules`` (code and version);
    ``snapshot_sha256`` is the SHA-256 of its canonical JSON (RFC 8785: sorted keys, no spaces).
    ``is_historical``: taken before the agency kept this register and only recorded in it.
    """

    __tablename__ = "decision"
    __table_args__ = (
        sa.CheckConstraint("level BETWEEN 1 AND 5", name="level_in_range"),
        sa.Index("ix_decision_system_signed", "system_id", "signed_on", "id"),
        sa.Index(
            "uq_decision_in_force",
            "system_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("state = 'in_force'"),
            postgresql_where=sa.text("state = 'in_force'"),
        ),
    )

    system_id: Mapped[int] = fk(
        "system.id",
        info=settles(
            N_("Levels decided since: %(names)s."),
            "recorded_at",
            lambda decision: str(decision.number),
        ),
    )
    dossier_id: Mapped[int | None] = fk("dossier.id")
    regime_id: Mapped[int | None] = fk("regime.id")
    kind: Mapped[DecisionKind] = mapped_column(default=DecisionKind.LEVEL)
    level: Mapped[int]
    number: Mapped[Line]
    signed_on: Mapped[date] = mapped_column(index=True)
    authority: Mapped[Line]
    signer: Mapped[Line]
    signer_title: Mapped[Line]
    basis: Mapped[Prose]
    conditions: Mapped[Prose]
    valid_until: Mapped[date | None]
    review_due_on: Mapped[date | None]
    is_historical: Mapped[bool] = mapped_column(default=False)
    is_one_person: Mapped[bool] = mapped_column(default=False)
    """Appraised and approved by one person, as the rule set allowed at this level."""
    snapshot: Mapped[dict[str, Any]] = mapped_column(default=dict)
    snapshot_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = fk("person.id")
    state: Mapped[DecisionState] = mapped_column(default=DecisionState.IN_FORCE, index=True)
    ended_on: Mapped[date | None]
    ended_reason: Mapped[Prose]
    successor_id: Mapped[int | None] = fk("decision.id")

    system: Mapped[InformationSystem] = relationship()
    recorded_by: Mapped[Person | None] = relationship()

    @property
    def title(self) -> str:
        return self.number

    @property
    def code(self) -> str:
        return self.system.code

    @property
    def kind_label(self) -> str:
        return DECISION_KINDS[self.kind]

    @property
    def state_label(self) -> str:
        return DECISION_STATES[self.state]

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        if person.sees_all:
            return sa.true()
        seen = sa.select(InformationSystem.id).where(InformationSystem.visible_to(person))
        return cls.system_id.in_(seen)
