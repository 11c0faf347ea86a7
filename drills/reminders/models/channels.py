"""Further ways by which a person wants to be told, besides mail."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import Base, Identified, Line, Timestamped, fk

CHANNEL_PREFIX = "channel:"
"""Before the id of a ``PersonChannel``, in ``Delivery.channel``."""
URL_MAX = 1000


class PersonChannel(Identified, Timestamped, Base):
    """``url`` holds tokens: it is handed to the sender alone. ``shown`` is for people's eyes."""

    __tablename__ = "person_channel"
    __table_args__ = (sa.UniqueConstraint("person_id", "url"),)

    person_id: Mapped[int] = fk("person.id", ondelete="CASCADE")
    kind: Mapped[str] = mapped_column(sa.String(20))
    url: Mapped[str] = mapped_column(sa.String(URL_MAX))
    shown: Mapped[Line]
    is_active: Mapped[bool] = mapped_column(default=True)
    verified_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    def __repr__(self) -> str:
        return f"<PersonChannel {self.id} {self.shown}>"

    @property
    def name(self) -> str:
        """As a delivery names it."""
        return f"{CHANNEL_PREFIX}{self.id}"

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.person_id == person.id
