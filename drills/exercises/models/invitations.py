"""Who was asked to take part in a drill, what they said, and who came."""

import secrets
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import Base, Identified, Prose, Timestamped, fk
from drills.core.text import N_, named
from drills.exercises.models.drills import Drill


class Answer(StrEnum):
    """What somebody who was invited says (*RSVP*)."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


ANSWERS = named(
    {
        Answer.YES: N_("Comes"),
        Answer.NO: N_("Does not come"),
        Answer.MAYBE: N_("Not sure yet"),
    }
)


def _nonce() -> str:
    return secrets.token_urlsafe(24)


class Invitation(Identified, Timestamped, Base):
    """Somebody asked to take part. Whether the letter has left is derived from the outbox.

    The signed link in the letter carries ``nonce``: a new one makes older links void.
    ``answered_for`` is when the drill was to start when they answered: if it moves, what they
    said no longer stands and they are asked again.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        sa.UniqueConstraint("drill_id", "person_id"),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answer_has_its_time"),
    )

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE")
    person_id: Mapped[int] = fk("person.id")
    nonce: Mapped[str] = mapped_column(sa.String(64), default=_nonce)
    invited_at: Mapped[datetime]
    invited_by_id: Mapped[int | None] = fk("person.id")
    revoked_at: Mapped[datetime | None]
    answer: Mapped[Answer | None]
    answered_at: Mapped[datetime | None]
    answered_for: Mapped[datetime | None]
    note: Mapped[Prose]

    drill: Mapped[Drill] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    invited_by: Mapped[Person | None] = relationship(foreign_keys=[invited_by_id])

    def stands(self, starts_at: datetime) -> bool:
        """Whether there is an answer, given for this start of the drill."""
        return self.answer is not None and self.answered_for == starts_at

    @property
    def answer_label(self) -> str:
        return ANSWERS[self.answer] if self.answer else N_("No answer yet")

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.drill_id.in_(Drill.ids_seen_by(person))

    def renew(self) -> None:
        """Make every link sent so far void."""
        self.nonce = _nonce()


class Presence(StrEnum):
    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"


PRESENCES = named(
    {
        Presence.PRESENT: N_("Present"),
        Presence.LATE: N_("Late"),
        Presence.ABSENT: N_("Absent"),
    }
)


class Attendance(Identified, Base):
    """Whether somebody came on the day; who has no row has not been noted."""

    __tablename__ = "attendance"
    __table_args__ = (sa.UniqueConstraint("drill_id", "person_id"),)

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE")
    person_id: Mapped[int] = fk("person.id")
    presence: Mapped[Presence]
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int | None] = fk("person.id")

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
