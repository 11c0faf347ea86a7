"""How an agency writes: its letterhead, and templates of its own in place of the built-in ones."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core import clock
from drills.core.orm import Base, Identified, Line, Name, Prose, Timestamped, Versioned, fk
from drills.files.models import StoredFile
from drills.units.models import Unit


@dataclass(frozen=True, slots=True)
class LetterheadDetails:
    """What stands in the head and at the foot of a unit's documents; lines end each recipient."""

    unit_id: int
    superior: str = ""
    agency: str = ""
    place: str = ""
    authority: str = ""
    signer_on_behalf: str = ""
    signer_for: str = ""
    signer_title: str = ""
    signer_name: str = ""
    recipients: str = ""


class Letterhead(Identified, Timestamped, Versioned, Base):
    """The head and the signature of the documents of one unit."""

    __tablename__ = "letterhead"

    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), unique=True)
    superior: Mapped[Name] = mapped_column(default="")
    agency: Mapped[Name] = mapped_column(default="")
    place: Mapped[Line]
    authority: Mapped[Name] = mapped_column(default="")
    signer_on_behalf: Mapped[Line]
    signer_for: Mapped[Line]
    signer_title: Mapped[Line]
    signer_name: Mapped[Line]
    recipients: Mapped[Prose]

    unit: Mapped[Unit] = relationship()

    @property
    def name(self) -> str:
        return self.unit.name

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        if person.sees_all:
            return sa.true()
        return cls.unit_id.in_(Unit.ids_under(person.scope.path))


class Template(Identified, Base):
    """A revision of a template that an agency uses in place of the built-in one.

    Revisions stay; of one key and language at most one ``is_active``.
    """

    __tablename__ = "document_template"
    __table_args__ = (
        sa.Index(
            "uq_document_template_active",
            "key",
            "language",
            unique=True,
            sqlite_where=sa.text("is_active"),
            postgresql_where=sa.text("is_active"),
        ),
    )

    key: Mapped[str] = mapped_column(sa.String(60))
    language: Mapped[str] = mapped_column(sa.String(2))
    file_id: Mapped[int] = fk("stored_file.id")
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now, sort_order=90)

    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)

    @property
    def name(self) -> str:
        return f"{self.key} ({self.language})"
