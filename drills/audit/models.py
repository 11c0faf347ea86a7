from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core import clock
from drills.core.orm import Base, Identified, Line, Name, fk

_secrets: dict[str, Callable[[Person], sa.ColumnElement[bool]]] = {}


def keep_secret(kinds: Mapping[str, Callable[[Person], sa.ColumnElement[bool]]]) -> None:
    """From here on show entries on these kinds of things only where the condition holds.

    The features above know their secrets, this one does not: the factory hands them down.
    """
    _secrets.update(kinds)


class Entry(Identified, Base):
    """One thing somebody did, written in the same transaction as the thing itself.

    ``changes`` maps a field to ``[before, after]``, both as text. Triggers in both databases
    refuse to change or delete a row.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (sa.Index("ix_audit_entry_subject", "subject_kind", "subject_id", "id"),)

    at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    actor_id: Mapped[int | None] = fk("person.id")
    actor_name: Mapped[Name] = mapped_column(default="")
    verb: Mapped[str] = mapped_column(sa.String(60), index=True)
    subject_kind: Mapped[str] = mapped_column(sa.String(60))
    subject_id: Mapped[int]
    subject_name: Mapped[Name] = mapped_column(default="")
    origin: Mapped[Line]
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)

    actor: Mapped[Person | None] = relationship()

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        """The trail names things of every unit: only those who see the whole tree read it.

        What a drill keeps from its players is kept from them here as well, whoever they are.
        """
        if not person.sees_all:
            return cls.actor_id == person.id
        known = (sa.and_(cls.subject_kind == k, knows(person)) for k, knows in _secrets.items())
        return sa.or_(cls.subject_kind.not_in(_secrets), *known)
