from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

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
    refuse to change or delete a row. ``who`` is the actor's name as it was, or their pseudonym
    once their personal data were removed.
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
    who: ClassVar[Any]

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        """The trail names things of every unit: only those who see the whole tree read it.

        What a drill keeps from its players is kept from them here as well, whoever they are.
        """
        shown = cls.is_shown()
        if not person.sees_all:
            return sa.and_(shown, cls.actor_id == person.id)
        known = (sa.and_(cls.subject_kind == k, knows(person)) for k, knows in _secrets.items())
        return sa.and_(shown, sa.or_(cls.subject_kind.not_in(_secrets), *known))

    @classmethod
    def is_shown(cls) -> sa.ColumnElement[bool]:
        return cls.id.not_in(sa.select(Withheld.entry_id))


Entry.who = column_property(
    sa.func.coalesce(
        sa.select(Person.name)
        .where(Person.id == Entry.actor_id, Person.removed_at.is_not(None))
        .correlate(Entry.__table__)
        .scalar_subquery(),
        Entry.actor_name,
    )
)


class Withheld(Identified, Base):
    """An entry that names somebody whose personal data were removed: kept, no longer shown.

    The trail itself can only grow, so the text stays in the database for those who may read
    that; no page and no export of this program shows it any more.
    """

    __tablename__ = "withheld_entry"

    entry_id: Mapped[int] = fk("audit_entry.id", unique=True)
