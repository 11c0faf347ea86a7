"""Who may act for whom, and the exceptions two people stand for."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, relationship

from drills.accounts.models import Person
from drills.approvals.models.dossiers import Act, Dossier
from drills.core.orm import Base, Identified, Line, Prose, Timestamped, fk


class Delegation(Identified, Timestamped, Base):
    """``deputy`` decides in the place of ``approver`` from one day to another, by a document."""

    __tablename__ = "delegation"
    __table_args__ = (
        sa.CheckConstraint("starts_on <= ends_on", name="dates_in_order"),
        sa.CheckConstraint("approver_id <> deputy_id", name="two_people"),
    )

    approver_id: Mapped[int] = fk("person.id")
    deputy_id: Mapped[int] = fk("person.id")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    document_number: Mapped[Line]
    document_date: Mapped[date]
    file_id: Mapped[int | None] = fk("stored_file.id")
    revoked_at: Mapped[datetime | None]
    made_by_id: Mapped[int | None] = fk("person.id")

    approver: Mapped[Person] = relationship(foreign_keys=[approver_id])
    deputy: Mapped[Person] = relationship(foreign_keys=[deputy_id])

    @property
    def title(self) -> str:
        return self.document_number

    def holds(self, on: date) -> bool:
        return self.revoked_at is None and self.starts_on <= on <= self.ends_on

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        if person.sees_all:
            return sa.true()
        seen = sa.select(Person.id).where(Person.visible_to(person))
        return sa.or_(cls.approver_id.in_(seen), cls.deputy_id.in_(seen))


class Override(Identified, Timestamped, Base):
    """An exception to the separation of duties: asked by one, granted by another, used once.

    It lets ``person`` do ``act`` on ``dossier`` although they had a part in it before. Neither
    of the two who stand for it may be that person.
    """

    __tablename__ = "override"
    __table_args__ = (
        sa.CheckConstraint(
            "granted_by_id IS NULL OR granted_by_id <> asked_by_id", name="two_people"
        ),
        sa.CheckConstraint("person_id <> asked_by_id", name="not_for_oneself"),
    )

    dossier_id: Mapped[int] = fk("dossier.id")
    act: Mapped[Act]
    person_id: Mapped[int] = fk("person.id")
    reason: Mapped[Prose]
    asked_by_id: Mapped[int] = fk("person.id")
    granted_by_id: Mapped[int | None] = fk("person.id")
    granted_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]

    dossier: Mapped[Dossier] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    asked_by: Mapped[Person] = relationship(foreign_keys=[asked_by_id])
    granted_by: Mapped[Person | None] = relationship(foreign_keys=[granted_by_id])

    @property
    def title(self) -> str:
        return self.dossier.code

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.dossier_id.in_(sa.select(Dossier.id).where(Dossier.visible_to(person)))
