"""Incident-response teams and who belongs to them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from drills.accounts.models import Person
from drills.core.orm import (
    MOVES,
    Base,
    Folded,
    Identified,
    Line,
    Name,
    Phone,
    Prose,
    SortKey,
    Timestamped,
    Versioned,
    fk,
)
from drills.core.text import N_, fold, named, sort_key
from drills.units.models import Unit


class TeamRole(StrEnum):
    LEAD = "lead"
    DEPUTY = "deputy"
    MEMBER = "member"
    CONTACT = "contact"
    CONTACT_BACKUP = "contact_backup"
    HANDLER = "handler"
    FORENSICS = "forensics"
    MALWARE = "malware"
    NETWORK = "network"
    COMMUNICATION = "communication"
    LEGAL = "legal"


TEAM_ROLES = named(
    {
        TeamRole.LEAD: N_("Team lead"),
        TeamRole.DEPUTY: N_("Deputy lead"),
        TeamRole.MEMBER: N_("Member"),
        TeamRole.CONTACT: N_("Contact point"),
        TeamRole.CONTACT_BACKUP: N_("Backup contact point"),
        TeamRole.HANDLER: N_("Incident handler"),
        TeamRole.FORENSICS: N_("Forensics"),
        TeamRole.MALWARE: N_("Malware analysis"),
        TeamRole.NETWORK: N_("Network"),
        TeamRole.COMMUNICATION: N_("Communication"),
        TeamRole.LEGAL: N_("Legal"),
    }
)


@dataclass(frozen=True, slots=True)
class TeamDetails:
    name: str
    unit_id: int
    decision_number: str
    decision_date: date | None
    active_from: date | None
    active_to: date | None
    description: str
    mandate: str = ""
    superior: str = ""
    leader: str = ""
    website: str = ""
    receiving_phone: str = ""
    receiving_mobile: str = ""
    receiving_fax: str = ""
    receiving_email: str = ""
    capability: str = ""


@dataclass(frozen=True, slots=True)
class MemberDetails:
    role: TeamRole
    is_core: bool
    starts_on: date
    ends_on: date | None = None
    is_full_time: bool = False
    decision_number: str = ""
    decision_date: date | None = None


@dataclass(frozen=True, slots=True)
class EndDetails:
    """``ends_on`` is the last day in the team."""

    ends_on: date
    end_decision_number: str = ""
    end_decision_date: date | None = None


@dataclass(frozen=True, slots=True)
class Reforming:
    """A new decision on a team (*kiện toàn*), in force from ``on``.

    ``name``: of the team that follows this one; empty if the team keeps its own. Members not
    among ``kept`` leave by the same decision.
    """

    decision_number: str
    decision_date: date
    on: date
    kept: frozenset[int]
    name: str = ""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody not yet known. ``email`` may be empty: then no reminder reaches them."""

    name: str
    email: str
    unit_id: int
    position: str = ""
    phone: str = ""
    mobile: str = ""


class Team(Identified, Timestamped, Versioned, Base):
    """An incident-response team (*Đội ứng cứu sự cố*) and the decision that set it up.

    ``superior`` to ``capability`` are what Mẫu 01 of Circular 20/2017/TT-BTTTT asks of a member
    of the network besides: the agency above, the leader in charge and their title, where
    incidents are received, and what people, technology and experience there are for whom.
    """

    __tablename__ = "team"

    name: Mapped[Name] = mapped_column(unique=True)
    sort: Mapped[SortKey]
    search: Mapped[Folded]
    unit_id: Mapped[int] = fk("unit.id", info=MOVES)
    decision_number: Mapped[Line]
    decision_date: Mapped[date | None]
    active_from: Mapped[date | None]
    active_to: Mapped[date | None]
    description: Mapped[Prose]
    mandate: Mapped[Prose] = mapped_column(server_default="")
    superior: Mapped[Line] = mapped_column(server_default="")
    leader: Mapped[Line] = mapped_column(server_default="")
    website: Mapped[Line] = mapped_column(server_default="")
    receiving_phone: Mapped[Phone] = mapped_column(server_default="")
    receiving_mobile: Mapped[Phone] = mapped_column(server_default="")
    receiving_fax: Mapped[Phone] = mapped_column(server_default="")
    receiving_email: Mapped[Line] = mapped_column(server_default="")
    capability: Mapped[Prose] = mapped_column(server_default="")
    successor_id: Mapped[int | None] = fk("team.id")
    contact_check_months: Mapped[int | None]
    """Every how many months its members confirm their numbers; None: as the
    rule on contact checks says."""

    unit: Mapped[Unit] = relationship()
    successor: Mapped["Team | None"] = relationship(remote_side="Team.id")
    members: Mapped[list["Member"]] = relationship(back_populates="team", order_by="Member.id")

    @validates("name")
    def _index(self, _key: str, value: str) -> str:
        self.search, self.sort = fold(value), sort_key(value)
        return value

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        if person.sees_all:
            return sa.true()
        mine = sa.select(Member.team_id).where(Member.person_id == person.id)
        return sa.or_(cls.unit_id.in_(Unit.ids_under(person.scope.path)), cls.id.in_(mine))


class Member(Identified, Timestamped, Base):
    """A person's time in a team; who returns later has a second row.

    ``is_full_time``: *chuyên trách*, else *kiêm nhiệm*. The decision is the one they joined by,
    the end decision the one they left by.
    """

    __tablename__ = "member"
    __table_args__ = (
        sa.UniqueConstraint("team_id", "person_id", "starts_on"),
        sa.CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name="dates_in_order"),
    )

    team_id: Mapped[int] = fk("team.id", ondelete="CASCADE")
    person_id: Mapped[int] = fk("person.id")
    role: Mapped[TeamRole] = mapped_column(default=TeamRole.MEMBER)
    is_core: Mapped[bool] = mapped_column(default=False)
    is_full_time: Mapped[bool] = mapped_column(default=False, server_default=sa.text("false"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    decision_number: Mapped[Line] = mapped_column(server_default="")
    decision_date: Mapped[date | None]
    end_decision_number: Mapped[Line] = mapped_column(server_default="")
    end_decision_date: Mapped[date | None]

    team: Mapped[Team] = relationship(back_populates="members")
    person: Mapped[Person] = relationship()

    @property
    def name(self) -> str:
        return self.person.name

    def has_left(self, on: date) -> bool:
        return self.ends_on is not None and self.ends_on < on

    @classmethod
    def current(cls, on: date) -> sa.ColumnElement[bool]:
        return sa.and_(cls.starts_on <= on, sa.or_(cls.ends_on.is_(None), cls.ends_on >= on))

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.team_id.in_(sa.select(Team.id).where(Team.visible_to(person)))
