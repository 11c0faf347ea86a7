"""Addresses that nothing is sent to any more."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from drills.accounts.models import Person
from drills.core.orm import Base, Email, Identified, Prose, Timestamped


class SuppressedAddress(Identified, Timestamped, Base):
    """An address that mail servers refuse. ``refusals`` counts; silent from ``since`` on, unless
    an operator has lifted it.
    """

    __tablename__ = "suppressed_address"

    address: Mapped[Email] = mapped_column(unique=True)
    refusals: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime | None]
    lifted_at: Mapped[datetime | None]
    reason: Mapped[Prose]
    code: Mapped[int | None]

    @classmethod
    def is_silent(cls) -> sa.ColumnElement[bool]:
        return sa.and_(cls.since.is_not(None), cls.lifted_at.is_(None))

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return sa.true() if person.sees_all else sa.false()
