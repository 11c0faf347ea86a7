"""Private calendar addresses: whoever has one can read the drills of a person or a team."""

import hashlib
import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import Base, Identified, fk
from drills.roster.models import Team


class Feed(Identified, Base):
    """A secret address. Only its hash is kept: it is shown once, when it is made."""

    __tablename__ = "feed"
    __table_args__ = (
        sa.CheckConstraint("(person_id IS NULL) <> (team_id IS NULL)", name="person_or_team"),
    )

    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int | None] = fk("person.id", ondelete="CASCADE")
    team_id: Mapped[int | None] = fk("team.id", ondelete="CASCADE")
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = fk("person.id")
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]

    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    team: Mapped[Team | None] = relationship()
    created_by: Mapped[Person | None] = relationship(foreign_keys=[created_by_id])

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    @staticmethod
    def new_token() -> str:
        return secrets.token_urlsafe(32)

    @staticmethod
    def hash_of(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        """One's own, and those of the teams one sees."""
        teams = sa.select(Team.id).where(Team.visible_to(person))
        return sa.or_(cls.person_id == person.id, cls.team_id.in_(teams))
