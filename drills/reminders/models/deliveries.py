"""Deliveries: one message to one person, once."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import PERSONAL, Base, Identified, Line, Prose, Timestamped, fk
from drills.core.text import N_
from drills.reminders.kinds import KINDS, Kind
from drills.reminders.models.rules import KIND_MAX, ReminderRule

DIGEST = "digest"
"""The kind of a delivery that carries others; it has no subject of its own."""
MAIL = "mail"
KEY_MAX = 200


class State(StrEnum):
    PENDING = "pending"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    GROUPED = "grouped"


STATES = {
    State.PENDING: N_("Waiting"),
    State.CLAIMED: N_("Being prepared"),
    State.SENDING: N_("Being sent"),
    State.SENT: N_("Sent"),
    State.UNCERTAIN: N_("No verdict yet"),
    State.FAILED: N_("Failed"),
    State.CANCELLED: N_("Superseded"),
    State.EXPIRED: N_("Too late to matter"),
    State.GROUPED: N_("In the digest"),
}
OPEN = frozenset({State.PENDING, State.UNCERTAIN})
"""Waiting for a worker."""
IN_HAND = frozenset({State.CLAIMED, State.SENDING})
"""A worker has it, or had it when it died."""
UNSENT = OPEN | {State.GROUPED}
"""May still be withdrawn."""


def _partial(name: str, *columns: str, where: str) -> sa.Index:
    return sa.Index(name, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


class Delivery(Identified, Timestamped, Base):
    """One message to one person. ``delivery_key`` is the lock:
    ``kind:subject:rule:person:anchor``, with 0 for the rule of kinds that remind at once.

    ``useful_until`` is when it makes no sense any more, None if never. ``reason`` is the
    audience for whose sake it goes out, ``stands_in_for`` the one who is away if the reader is
    their deputy. ``address`` is where it went, or will go as far as is known.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        sa.CheckConstraint("(anchor_at IS NULL) <> (anchor_on IS NULL)", name="one_anchor"),
        _partial("ix_delivery_due", "next_at", "id", where="state IN ('pending', 'uncertain')"),
        _partial("ix_delivery_lease", "lease_until", where="state IN ('claimed', 'sending')"),
        _partial("ix_delivery_grouped", "person_id", "due_at", where="state = 'grouped'"),
        _partial("ix_delivery_digest_id", "digest_id", where="digest_id IS NOT NULL"),
        _partial(
            "ix_delivery_stands_in_for_id",
            "stands_in_for_id",
            where="stands_in_for_id IS NOT NULL",
        ),
        sa.Index("ix_delivery_kind_subject_id", "kind", "subject_id", "anchor_at"),
        sa.Index("ix_delivery_state_due_at", "state", "due_at"),
    )

    delivery_key: Mapped[str] = mapped_column(sa.String(KEY_MAX), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(KIND_MAX))
    subject_id: Mapped[int]
    rule_id: Mapped[int | None] = fk("reminder_rule.id")
    person_id: Mapped[int] = fk("person.id")
    stands_in_for_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    anchor_at: Mapped[datetime | None]
    anchor_on: Mapped[date | None]
    due_at: Mapped[datetime]
    next_at: Mapped[datetime]
    useful_until: Mapped[datetime | None]
    state: Mapped[State] = mapped_column(default=State.PENDING)
    digest_id: Mapped[int | None] = mapped_column(sa.ForeignKey("delivery.id"))
    channel: Mapped[str] = mapped_column(sa.String(KIND_MAX), default=MAIL)
    attempts: Mapped[int] = mapped_column(default=0)
    uncertain: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    token: Mapped[str | None] = mapped_column(sa.String(64))
    address: Mapped[Line] = mapped_column(info=PERSONAL)
    is_late: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(sa.String(KIND_MAX), default="")
    code: Mapped[int | None]
    error: Mapped[Prose]
    sent_at: Mapped[datetime | None]

    rule: Mapped[ReminderRule | None] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    stands_in_for: Mapped[Person | None] = relationship(foreign_keys=[stands_in_for_id])

    @property
    def about(self) -> Kind | None:
        """None if it is a digest."""
        return KINDS.get(self.kind)

    @property
    def anchor(self) -> datetime | date:
        anchor = self.anchor_at or self.anchor_on
        assert anchor is not None
        return anchor

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        """Who sees the subject sees what is sent about it; a digest is of one person."""
        seen = (
            sa.and_(cls.kind == kind.key, cls.subject_id.in_(kind.sees(person)))
            for kind in KINDS.values()
        )
        own = cls.person_id == person.id
        of_digest = sa.and_(cls.kind == DIGEST, sa.true() if person.sees_all else own)
        return sa.or_(of_digest, *seen)
