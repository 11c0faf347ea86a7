"""What a person and what the installation has settled about reminders."""

from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import Base, Identified, Prose, Timestamped, fk
from drills.reminders.models.rules import KIND_MAX


class ReminderSetting(Identified, Timestamped, Base):
    """One person's own. ``digest_at`` is a local hour, None for single messages.

    From ``away_from`` to ``away_to``, both included, ``deputy`` gets a copy of everything.
    """

    __tablename__ = "reminder_setting"
    __table_args__ = (
        sa.CheckConstraint(
            "away_from IS NULL OR away_to IS NULL OR away_from <= away_to", name="away_in_order"
        ),
        sa.CheckConstraint("deputy_id <> person_id", name="deputy_is_another"),
    )

    person_id: Mapped[int] = fk("person.id", ondelete="CASCADE", unique=True)
    digest_at: Mapped[time | None]
    away_from: Mapped[date | None]
    away_to: Mapped[date | None]
    deputy_id: Mapped[int | None] = fk("person.id", ondelete="SET NULL")

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    deputy: Mapped[Person | None] = relationship(foreign_keys=[deputy_id])

    def is_away(self, on: date) -> bool:
        first, last = self.away_from or date.max, self.away_to or date.max
        return first <= on <= last

    @classmethod
    def away(cls, on: date) -> sa.ColumnElement[bool]:
        lasts = sa.or_(cls.away_to.is_(None), cls.away_to >= on)
        return sa.and_(cls.deputy_id.is_not(None), cls.away_from <= on, lasts)

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.person_id == person.id


class Unsubscription(Identified, Timestamped, Base):
    """A kind, one of the optional ones, that a person does without."""

    __tablename__ = "unsubscription"
    __table_args__ = (sa.UniqueConstraint("person_id", "kind"),)

    person_id: Mapped[int] = fk("person.id", ondelete="CASCADE")
    kind: Mapped[str] = mapped_column(sa.String(KIND_MAX))

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.person_id == person.id


class ReminderDeadline(Identified, Base):
    """An anchor that only Python can compute, kept for the kinds that are planned by it."""

    __tablename__ = "reminder_deadline"
    __table_args__ = (
        sa.UniqueConstraint("kind", "subject_id"),
        sa.CheckConstraint("(anchor_at IS NULL) <> (anchor_on IS NULL)", name="one_anchor"),
    )

    kind: Mapped[str] = mapped_column(sa.String(KIND_MAX))
    subject_id: Mapped[int]
    anchor_at: Mapped[datetime | None]
    anchor_on: Mapped[date | None]
    unit_id: Mapped[int | None] = fk("unit.id", ondelete="SET NULL")


class ReminderState(Base):
    """The one row that planners share. ``mark``: the newest entry of the trail at the last full
    look-back; ``seeded``: the kinds whose first rules have been made, so that none comes back.

    In quiet hours (local to the organisation) nothing falls due that is counted in days.
    """

    __tablename__ = "reminder_state"
    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    planned_until: Mapped[datetime | None]
    looked_back_at: Mapped[datetime | None]
    next_due_at: Mapped[datetime | None]
    mark: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    seeded: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)
    paused_at: Mapped[datetime | None]
    paused_by_id: Mapped[int | None] = fk("person.id", ondelete="SET NULL")
    pause_reason: Mapped[Prose]
    per_minute: Mapped[int | None]
    per_domain: Mapped[int | None]
    quiet_from: Mapped[time | None]
    quiet_to: Mapped[time | None]

    paused_by: Mapped[Person | None] = relationship()
