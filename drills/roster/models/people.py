"""What is known of the people of the roster beyond their names: channels, profile, fields.

One source of truth for the primary ways to reach somebody: ``Person.email``, ``phone`` and
``mobile``. Sign-in, mail and lists read those and nothing else. A ``ContactChannel`` is what is
known of one address or number: with the value of a primary one it only adds the note, the
preference and when it was confirmed or bounced; with any other value it is a further channel. An
address that changes therefore begins unconfirmed, without anybody resetting it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import EMAIL_MAX, Base, Identified, Line, Prose, Timestamped, fk
from drills.core.text import N_, named


class ChannelKind(StrEnum):
    WORK_EMAIL = "work_email"
    PRIVATE_EMAIL = "private_email"
    FIXED_PHONE = "fixed_phone"
    MOBILE = "mobile"
    FAX = "fax"
    ZALO = "zalo"
    SIGNAL = "signal"
    OTHER = "other"


CHANNEL_KINDS = named(
    {
        ChannelKind.WORK_EMAIL: N_("Work e-mail"),
        ChannelKind.PRIVATE_EMAIL: N_("Private e-mail"),
        ChannelKind.FIXED_PHONE: N_("Fixed line"),
        ChannelKind.MOBILE: N_("Mobile"),
        ChannelKind.FAX: N_("Fax"),
        ChannelKind.ZALO: N_("Zalo"),
        ChannelKind.SIGNAL: N_("Signal"),
        ChannelKind.OTHER: N_("Other"),
    }
)
EMAILS = frozenset({ChannelKind.WORK_EMAIL, ChannelKind.PRIVATE_EMAIL})
PRIMARY = {
    ChannelKind.WORK_EMAIL: "email",
    ChannelKind.FIXED_PHONE: "phone",
    ChannelKind.MOBILE: "mobile",
}
"""Which attribute of a person holds the primary channel of a kind."""


class ExpertGroup(StrEnum):
    """The four groups of Mẫu 01, Circular 20/2017/TT-BTTTT."""

    MANAGEMENT = "management"
    DEFENCE = "defence"
    PROTECTION = "protection"
    ASSESSMENT = "assessment"


EXPERT_GROUPS = named(
    {
        ExpertGroup.MANAGEMENT: N_("Information security management"),
        ExpertGroup.DEFENCE: N_("Defence against attacks"),
        ExpertGroup.PROTECTION: N_("Protection of systems and applications"),
        ExpertGroup.ASSESSMENT: N_("Testing and assessment"),
    }
)


@dataclass(frozen=True, slots=True)
class ChannelDetails:
    kind: ChannelKind
    value: str
    is_preferred: bool = False
    note: str = ""


class ContactChannel(Identified, Timestamped, Base):
    """One address or number of a person, and what is known of it."""

    __tablename__ = "contact_channel"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "kind", "value"),
        sa.Index(
            "uq_contact_channel_preferred",
            "person_id",
            unique=True,
            sqlite_where=sa.text("is_preferred"),
            postgresql_where=sa.text("is_preferred"),
        ),
        sa.Index("ix_contact_channel_value", "value"),
    )

    person_id: Mapped[int] = fk("person.id", ondelete="CASCADE")
    kind: Mapped[ChannelKind]
    value: Mapped[str] = mapped_column(sa.String(EMAIL_MAX))
    is_preferred: Mapped[bool] = mapped_column(default=False)
    note: Mapped[Line]
    verified_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    bounce_reason: Mapped[Line]

    person: Mapped[Person] = relationship()

    @property
    def is_primary(self) -> bool:
        attribute = PRIMARY.get(self.kind)
        return attribute is not None and getattr(self.person, attribute) == self.value

    @property
    def is_bounced(self) -> bool:
        """Whether mail came back after the last time the address was confirmed."""
        return self.bounced_at is not None and (
            self.verified_at is None or self.verified_at <= self.bounced_at
        )

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.person_id.in_(sa.select(Person.id).where(Person.visible_to(person)))


class Profile(Identified, Timestamped, Base):
    """What Mẫu 01 of Circular 20/2017/TT-BTTTT asks of a member, and their PGP key.

    ``graduated_on`` is the first day of the month of graduation. ``languages`` are codes of
    ISO 639-1.
    """

    __tablename__ = "person_profile"

    person_id: Mapped[int] = fk("person.id", ondelete="CASCADE", unique=True)
    school: Mapped[Line]
    field: Mapped[Line]
    degree: Mapped[Line]
    graduated_on: Mapped[date | None]
    languages: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    pgp_key: Mapped[Prose]
    pgp_fingerprint: Mapped[Line]

    person: Mapped[Person] = relationship()


class Expertise(Identified, Base):
    """One expert group a person belongs to."""

    __tablename__ = "expertise"
    __table_args__ = (sa.UniqueConstraint("person_id", "expert_group"),)

    person_id: Mapped[int] = fk("person.id", ondelete="CASCADE")
    expert_group: Mapped[ExpertGroup] = mapped_column(index=True)
