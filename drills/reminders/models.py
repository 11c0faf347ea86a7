"""Rules that say when to remind, and deliveries: one message to one person, once."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import Base, Identified, Line, Prose, Timestamped, Versioned, fk
from drills.core.text import N_
from drills.exercises.models import Drill, Invitation

AMOUNT_MAX = 400


class LeadUnit(StrEnum):
    """Days keep the local hour of the subject's zone; hours are elapsed time."""

    DAYS = "days"
    HOURS = "hours"


class State(StrEnum):
    PENDING = "pending"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


LEAD_TIMES = {
    LeadUnit.DAYS: (N_("%(num)s day before"), N_("%(num)s days before")),
    LeadUnit.HOURS: (N_("%(num)s hour before"), N_("%(num)s hours before")),
}
STATES = {
    State.PENDING: N_("Waiting"),
    State.CLAIMED: N_("Being prepared"),
    State.SENDING: N_("Being sent"),
    State.SENT: N_("Sent"),
    State.UNCERTAIN: N_("No verdict yet"),
    State.FAILED: N_("Failed"),
    State.CANCELLED: N_("Superseded"),
    State.EXPIRED: N_("Too late to matter"),
}


class ReminderRule(Identified, Timestamped, Versioned, Base):
    """Remind ``amount`` ``unit`` before a drill starts; the moment is computed, never stored."""

    __tablename__ = "reminder_rule"
    __table_args__ = (
        sa.UniqueConstraint("amount", "unit"),
        sa.CheckConstraint(f"amount BETWEEN 1 AND {AMOUNT_MAX}", name="amount_in_range"),
    )

    amount: Mapped[int]
    unit: Mapped[LeadUnit]
    for_participants: Mapped[bool] = mapped_column(default=True)
    for_lead: Mapped[bool] = mapped_column(default=True)
    is_active: Mapped[bool] = mapped_column(default=True)

    @property
    def label(self) -> tuple[str, str]:
        """Two msgids with a place for ``num``: of one and of more."""
        return LEAD_TIMES[self.unit]

    def due_at(self, starts_at: datetime, zone: ZoneInfo) -> datetime:
        """When to remind of something that starts at ``starts_at`` in ``zone``; in UTC.

        A local hour that the clock skips that day moves forward, one that it shows twice is
        taken the first time.
        """
        if self.unit is LeadUnit.HOURS:
            return starts_at.astimezone(UTC) - timedelta(hours=self.amount)
        wall = starts_at.astimezone(zone).replace(tzinfo=None, fold=0)
        return (wall - timedelta(days=self.amount)).replace(tzinfo=zone).astimezone(UTC)

    @classmethod
    def visible_to(cls, _person: Person) -> sa.ColumnElement[bool]:
        return sa.true()


OPEN = frozenset({State.PENDING, State.UNCERTAIN})
"""Waiting for a worker."""
IN_HAND = frozenset({State.CLAIMED, State.SENDING})
"""A worker has it, or had it when it died."""


class Delivery(Identified, Timestamped, Base):
    """One message to one person. ``delivery_key`` (``subject:rule:person:anchor``) is the lock.

    It is either a reminder, by a rule, or the letter of an invitation.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        sa.CheckConstraint(
            "(rule_id IS NULL) <> (invitation_id IS NULL)", name="rule_or_invitation"
        ),
        sa.Index(
            "ix_delivery_due",
            "next_at",
            "id",
            sqlite_where=sa.text("state IN ('pending', 'uncertain')"),
            postgresql_where=sa.text("state IN ('pending', 'uncertain')"),
        ),
        sa.Index(
            "ix_delivery_lease",
            "lease_until",
            sqlite_where=sa.text("state IN ('claimed', 'sending')"),
            postgresql_where=sa.text("state IN ('claimed', 'sending')"),
        ),
    )

    delivery_key: Mapped[str] = mapped_column(sa.String(120), unique=True)
    drill_id: Mapped[int] = fk("drill.id")
    rule_id: Mapped[int | None] = fk("reminder_rule.id")
    invitation_id: Mapped[int | None] = fk("invitation.id", ondelete="CASCADE")
    person_id: Mapped[int] = fk("person.id")
    anchor_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    next_at: Mapped[datetime]
    state: Mapped[State] = mapped_column(default=State.PENDING, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    uncertain: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    token: Mapped[str | None] = mapped_column(sa.String(64))
    address: Mapped[Line]
    is_late: Mapped[bool] = mapped_column(default=False)
    code: Mapped[int | None]
    error: Mapped[Prose]
    sent_at: Mapped[datetime | None]

    drill: Mapped[Drill] = relationship()
    rule: Mapped[ReminderRule | None] = relationship()
    invitation: Mapped[Invitation | None] = relationship()
    person: Mapped[Person] = relationship()

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.drill_id.in_(sa.select(Drill.id).where(Drill.visible_to(person)))
