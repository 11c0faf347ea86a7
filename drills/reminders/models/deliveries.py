"""Deliveries: one message to one person, once."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import PERSONAL, Base, Identified, Line, Prose, Timestamped, enumeration
from drills.core.text import N_, named
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


STATES = named(
    {
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
)
OPEN = frozenset({State.PENDING, State.UNCERTAIN})
"""Waiting for a worker."""
IN_HAND = frozenset({State.CLAIMED, State.SENDING})
"""A worker has it, or had it when it died."""
HELD = frozenset({State.GROUPED})
"""Waiting for the digest of its day."""
SETTLED = frozenset({State.SENT, State.FAILED, State.CANCELLED, State.EXPIRED})
"""History: by far the most."""
UNSENT = OPEN | HELD
"""May still be withdrawn."""


_STAGES = (OPEN, IN_HAND, HELD, SETTLED)


def _is(states: Iterable[State]) -> str:
    """As it stands in constraints and indexes: for ``IN`` with more than two names SQLite
    would build a tree for every row it writes.
    """
    return " OR ".join(f"state = '{state}'" for state in states)


def _one_of(states: frozenset[State]) -> sa.ColumnElement[bool]:
    """The same as a question."""
    column = Delivery.state
    written = (sa.literal(state, column.type, literal_execute=True) for state in sorted(states))
    return sa.or_(*(column == state for state in written))


def _partial(name: str, *columns: str, where: str) -> sa.Index:
    return sa.Index(name, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _staged(name: str, *columns: str, stage: frozenset[State]) -> sa.Index:
    return _partial(name, *columns, where=_is(sorted(stage)))


class Delivery(Identified, Timestamped, Base):
    """One message to one person. ``delivery_key`` is the lock:
    ``kind:subject:rule:person:anchor``, with 0 for the rule of kinds that remind at once.

    ``useful_until`` is when it makes no sense any more, None if never. ``reason`` is the
    audience for whose sake it goes out, ``stands_in_for`` the one who is away if the reader is
    their deputy. ``address`` is where it went, or will go as far as is known.

    Each stage of its life has indexes of its own, so that planning and sending keep up few:
    ask by ``among``. Those of the foreign keys hold history, which is what is asked by them.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        sa.CheckConstraint(_is(State), name="state"),
        sa.CheckConstraint("(anchor_at IS NULL) <> (anchor_on IS NULL)", name="one_anchor"),
        _staged("ix_delivery_due", "next_at", "id", stage=OPEN),
        _staged("ix_delivery_lease", "lease_until", stage=IN_HAND),
        _staged("ix_delivery_grouped", "person_id", "due_at", stage=HELD),
        _partial("ix_delivery_digest_id", "digest_id", where="digest_id IS NOT NULL"),
        _partial(
            "ix_delivery_stands_in_for_id",
            "stands_in_for_id",
            where="stands_in_for_id IS NOT NULL",
        ),
        sa.Index("ix_delivery_kind_subject_id", "kind", "subject_id", "anchor_at"),
        _staged("ix_delivery_settled", "state", "due_at", stage=SETTLED),
        _staged("ix_delivery_settled_person_id", "person_id", "due_at", stage=SETTLED),
        _staged("ix_delivery_settled_rule_id", "rule_id", stage=SETTLED),
    )

    delivery_key: Mapped[str] = mapped_column(sa.String(KEY_MAX), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(KIND_MAX))
    subject_id: Mapped[int]
    rule_id: Mapped[int | None] = mapped_column(sa.ForeignKey("reminder_rule.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    stands_in_for_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    anchor_at: Mapped[datetime | None]
    anchor_on: Mapped[date | None]
    due_at: Mapped[datetime]
    next_at: Mapped[datetime]
    useful_until: Mapped[datetime | None]
    state: Mapped[State] = mapped_column(enumeration(State, checked=False), default=State.PENDING)
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
    def among(cls, *states: State) -> sa.ColumnElement[bool]:
        """In one of these states, put so that the indexes of their stages are found.

        A database takes a partial index only if its condition stands in the question, word by
        word; a parameter does not say what it will be.
        """
        found = [
            _one_of(stage) if stage.issubset(states) else _one_of(stage) & _one_of(wanted)
            for stage in _STAGES
            if (wanted := stage.intersection(states))
        ]
        if len(found) == 1:
            return found[0]
        ids = (sa.select(cls.id).where(one).correlate(None) for one in found)
        return cls.id.in_(sa.union_all(*ids))

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
