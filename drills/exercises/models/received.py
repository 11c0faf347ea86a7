"""What the host of somebody else's drill sent us, and what we answered."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import Base, Identified, Line, Prose, Timestamped, fk
from drills.exercises.models.drills import Drill
from drills.exercises.models.participation import Participation

RECEIVED_NUMBER_MAX = 20


@dataclass(frozen=True, slots=True)
class ReceivedDetails:
    number: str
    received_at: datetime | None
    answered_at: datetime | None
    assigned_to: str
    summary: str
    answer: str
    artefact_hash: str
    feedback: str


class ReceivedInject(Identified, Timestamped, Base):
    """An inject that the host of somebody else's drill sent us, and what became of it."""

    __tablename__ = "received_inject"
    __table_args__ = (
        sa.UniqueConstraint("participation_id", "number"),
        sa.CheckConstraint(
            "answered_at IS NULL OR received_at IS NULL OR received_at <= answered_at",
            name="answered_after_received",
        ),
    )

    participation_id: Mapped[int] = fk("participation.id", ondelete="CASCADE")
    number: Mapped[str] = mapped_column(sa.String(RECEIVED_NUMBER_MAX))
    received_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    assigned_to: Mapped[Line]
    summary: Mapped[Prose]
    answer: Mapped[Prose]
    artefact_hash: Mapped[Line]
    feedback: Mapped[Prose]

    participation: Mapped[Participation] = relationship(back_populates="received")

    @property
    def drill(self) -> Drill:
        return self.participation.drill

    @property
    def title(self) -> str:
        return self.number

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        mine = sa.select(Participation.id).where(
            Participation.drill_id.in_(Drill.ids_seen_by(person))
        )
        return cls.participation_id.in_(mine)

    @property
    def answered_after_minutes(self) -> int | None:
        if self.received_at is None or self.answered_at is None:
            return None
        return round((self.answered_at - self.received_at).total_seconds() / 60)
