"""Files as the database knows them; their bytes lie in a folder of their own."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core import clock
from drills.core.orm import Base, Identified, Name, fk
from drills.core.text import N_, named


class Marking(StrEnum):
    """Who a file is meant for. State secrets have no member: this system may not hold them."""

    PUBLIC = "public"
    INTERNAL = "internal"


MARKING_NAMES = named(
    {
        Marking.PUBLIC: N_("Public"),
        Marking.INTERNAL: N_("Internal"),
    }
)


class StoredFile(Identified, Base):
    """One file that somebody handed in or the program made; it never changes.

    ``name`` is what people called it, ``stored_name`` what it is called on the disk: the
    one never tells the other. ``sha256`` is written in lower-case hexadecimal digits.
    """

    __tablename__ = "stored_file"
    __table_args__ = (sa.CheckConstraint("size > 0", name="not_empty"),)

    name: Mapped[Name]
    stored_name: Mapped[str] = mapped_column(sa.String(64), unique=True)
    media_type: Mapped[str] = mapped_column(sa.String(120))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    marking: Mapped[Marking] = mapped_column(default=Marking.INTERNAL)
    uploaded_by_id: Mapped[int | None] = fk("person.id")
    created_at: Mapped[datetime] = mapped_column(default=clock.now, sort_order=90)

    uploaded_by: Mapped[Person | None] = relationship()
