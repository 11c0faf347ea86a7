"""Contact checks: each person of the roster is asked whether their numbers are still right."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import MOVES, Base, Identified, Line, Name, Phone, Prose, Timestamped, fk
from drills.core.text import N_, named
from drills.roster.models.people import ContactChannel
from drills.roster.models.teams import Team
from drills.units.models import Unit


class AskVia(StrEnum):
    LINK = "link"
    CALL = "call"


VIAS = named({AskVia.LINK: N_("By the link"), AskVia.CALL: N_("By telephone")})


class AskState(StrEnum):
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    CALLED = "called"
    BOUNCED = "bounced"
    NO_ADDRESS = "no_address"
    EXPIRED = "expired"


ASK_STATES = {
    AskState.WAITING: N_("Waiting for an answer"),
    AskState.CONFIRMED: N_("Confirmed"),
    AskState.CORRECTED: N_("Confirmed with a correction"),
    AskState.CALLED: N_("Reached by telephone"),
    AskState.BOUNCED: N_("Address does not work"),
    AskState.NO_ADDRESS: N_("No e-mail address"),
    AskState.EXPIRED: N_("No answer in time"),
}
ANSWERED = frozenset({AskState.CONFIRMED, AskState.CORRECTED, AskState.CALLED})


@dataclass(frozen=True, slots=True)
class CheckDetails:
    """Whom to ask: the members of the teams, or without teams everybody of the roster who works
    in the unit or below it. Each is asked ``rounds`` times at most, ``retry_days`` apart.
    """

    name: str
    purpose: str
    unit_id: int
    team_ids: tuple[int, ...]
    closes_at: datetime
    retry_days: int
    rounds: int


@dataclass(frozen=True, slots=True)
class CorrectedNumbers:
    """What a person says is right now; empty: as it is. ``note``: what two numbers cannot say."""

    mobile: str
    phone: str
    note: str


class ContactCheck(Identified, Timestamped, Base):
    """One round of asking; open until it is closed or its time is over."""

    __tablename__ = "contact_check"
    __table_args__ = (
        sa.CheckConstraint("opened_at < closes_at", name="times_in_order"),
        sa.CheckConstraint("retry_days BETWEEN 1 AND 60", name="retry_days"),
        sa.CheckConstraint("rounds BETWEEN 1 AND 10", name="rounds"),
    )

    name: Mapped[Name]
    purpose: Mapped[Prose]
    unit_id: Mapped[int] = fk("unit.id", info=MOVES)
    opened_at: Mapped[datetime] = mapped_column(index=True)
    opened_by_id: Mapped[int | None] = fk("person.id")
    closes_at: Mapped[datetime] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]
    retry_days: Mapped[int]
    rounds: Mapped[int]

    unit: Mapped[Unit] = relationship()
    teams: Mapped[list[Team]] = relationship(
        secondary="contact_check_team", order_by=Team.sort, viewonly=True
    )

    def is_open(self, at: datetime) -> bool:
        return self.closed_at is None and at < self.closes_at

    @classmethod
    def open_at(cls, at: datetime) -> sa.ColumnElement[bool]:
        return sa.and_(cls.closed_at.is_(None), cls.closes_at > at)

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        if person.sees_all:
            return sa.true()
        return cls.unit_id.in_(Unit.ids_under(person.scope.path))


class CheckedTeam(Identified, Base):
    """A team whose members a check asks."""

    __tablename__ = "contact_check_team"
    __table_args__ = (sa.UniqueConstraint("check_id", "team_id"),)

    check_id: Mapped[int] = fk("contact_check.id", ondelete="CASCADE")
    team_id: Mapped[int] = fk("team.id", ondelete="CASCADE")


def _bounced() -> sa.ColumnElement[bool]:
    """Whether mail to the address the person has now came back."""
    verified, bounced = ContactChannel.verified_at, ContactChannel.bounced_at
    return sa.exists().where(
        ContactChannel.person_id == Person.id,
        ContactChannel.value == Person.email,
        bounced.is_not(None),
        sa.or_(verified.is_(None), verified <= bounced),
    )


class ContactAsk(Identified, Base):
    """One person in one check.

    ``ask_number`` counts the letters, the one at ``ask_at`` included; ``nonce`` makes the link
    of all of them. ``confirmed_by`` is the caller who reached the person by telephone.
    """

    __tablename__ = "contact_ask"
    __table_args__ = (
        sa.UniqueConstraint("check_id", "person_id"),
        sa.Index("ix_contact_ask_ask_at", "ask_at"),
        sa.CheckConstraint("(confirmed_at IS NULL) = (via IS NULL)", name="confirmed_by_a_way"),
    )

    check_id: Mapped[int] = fk("contact_check.id", ondelete="CASCADE")
    person_id: Mapped[int] = fk("person.id")
    nonce: Mapped[str] = mapped_column(sa.String(64))
    ask_number: Mapped[int] = mapped_column(default=1)
    ask_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    via: Mapped[AskVia | None]
    confirmed_by_id: Mapped[int | None] = fk("person.id")

    check: Mapped[ContactCheck] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    confirmed_by: Mapped[Person | None] = relationship(foreign_keys=[confirmed_by_id])
    correction: Mapped["ContactCorrection | None"] = relationship(
        back_populates="ask", cascade="all, delete-orphan"
    )

    @property
    def name(self) -> str:
        return self.person.name

    @classmethod
    def state_at(cls, at: datetime) -> sa.Case[str]:
        """The state as a column of a query that joins the check and the person."""
        corrected = sa.exists().where(ContactCorrection.ask_id == cls.id)
        return sa.case(
            (cls.via == AskVia.CALL, AskState.CALLED.value),
            (sa.and_(cls.confirmed_at.is_not(None), corrected), AskState.CORRECTED.value),
            (cls.confirmed_at.is_not(None), AskState.CONFIRMED.value),
            (Person.email.is_(None), AskState.NO_ADDRESS.value),
            (_bounced(), AskState.BOUNCED.value),
            (~ContactCheck.open_at(at), AskState.EXPIRED.value),
            else_=AskState.WAITING.value,
        )

    @classmethod
    def to_be_asked(cls, at: datetime) -> sa.ColumnElement[bool]:
        """Whether a letter may go out now; the query joins the check and the person."""
        return sa.and_(
            cls.confirmed_at.is_(None),
            Person.email.is_not(None),
            ~_bounced(),
            ContactCheck.open_at(at),
        )

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.check_id.in_(sa.select(ContactCheck.id).where(ContactCheck.visible_to(person)))


class ContactCorrection(Identified, Base):
    """What a person says their numbers are now, until the security team takes it in or not.

    The numbers are forgotten when it is decided.
    """

    __tablename__ = "contact_correction"

    ask_id: Mapped[int] = fk("contact_ask.id", ondelete="CASCADE", unique=True)
    mobile: Mapped[Phone]
    phone: Mapped[Phone]
    note: Mapped[Line]
    proposed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = fk("person.id")
    is_accepted: Mapped[bool | None]

    ask: Mapped[ContactAsk] = relationship(back_populates="correction")
    decided_by: Mapped[Person | None] = relationship()

    @property
    def name(self) -> str:
        return self.ask.person.name

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.ask_id.in_(sa.select(ContactAsk.id).where(ContactAsk.visible_to(person)))
