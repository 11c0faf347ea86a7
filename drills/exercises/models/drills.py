"""Drills: what is recorded of them, and the states they go through."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from drills.accounts.models import Person, Role
from drills.core.errors import NotAllowedNow
from drills.core.orm import (
    Base,
    Code,
    Folded,
    Identified,
    Line,
    Prose,
    Timestamped,
    Title,
    Versioned,
    fk,
)
from drills.core.text import N_, fold
from drills.exercises.kinds import KINDS, Kind
from drills.exercises.models.series import Edition
from drills.roster.models import Member, Team
from drills.systems.models import InformationSystem
from drills.units.models import Unit


class Status(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    COMPLETED = "completed"
    EVALUATED = "evaluated"
    CLOSED = "closed"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


NEXT: Mapping[Status, frozenset[Status]] = {
    Status.PLANNED: frozenset(
        {Status.RUNNING, Status.COMPLETED, Status.POSTPONED, Status.CANCELLED}
    ),
    Status.RUNNING: frozenset({Status.COMPLETED, Status.CANCELLED}),
    Status.COMPLETED: frozenset({Status.EVALUATED}),
    Status.EVALUATED: frozenset({Status.CLOSED}),
    Status.CLOSED: frozenset(),
    Status.POSTPONED: frozenset({Status.PLANNED, Status.CANCELLED}),
    Status.CANCELLED: frozenset(),
}
NEEDS_REASON = frozenset({Status.POSTPONED, Status.CANCELLED})
DONE = frozenset({Status.COMPLETED, Status.EVALUATED, Status.CLOSED})

STATUSES = {
    Status.PLANNED: N_("Planned"),
    Status.RUNNING: N_("Running"),
    Status.COMPLETED: N_("Completed"),
    Status.EVALUATED: N_("Evaluated"),
    Status.CLOSED: N_("Closed"),
    Status.POSTPONED: N_("Postponed"),
    Status.CANCELLED: N_("Cancelled"),
}


class Part(StrEnum):
    """Our part in the drill, or a person's."""

    ORGANISER = "organiser"
    LEAD = "lead"
    PLAYER = "player"
    EXCON = "excon"
    RED = "red"
    BLUE = "blue"
    WHITE = "white"
    EVALUATOR = "evaluator"
    OBSERVER = "observer"


PARTS = {
    Part.ORGANISER: N_("Organiser"),
    Part.LEAD: N_("Lead"),
    Part.PLAYER: N_("Player"),
    Part.EXCON: N_("EXCON (exercise control)"),
    Part.RED: N_("Red team"),
    Part.BLUE: N_("Blue team"),
    Part.WHITE: N_("White cell (referees)"),
    Part.EVALUATOR: N_("Evaluator"),
    Part.OBSERVER: N_("Observer"),
}


@dataclass(frozen=True, slots=True)
class ParticipationDetails:
    """Our standing in an edition; what is not known stays None."""

    edition_id: int
    score: float | None = None
    score_of: float | None = None
    rank: int | None = None
    rank_of: int | None = None
    rank_scope: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class DrillDetails:
    """The part of a drill that people write. Datetimes are aware; ids are of visible rows."""

    title: str
    kind_key: str
    part: Part
    organiser: str
    unit_id: int
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    place: str
    is_online: bool
    summary: str
    result: str
    lead_id: int | None
    unit_ids: tuple[int, ...] = ()
    team_ids: tuple[int, ...] = ()
    person_ids: tuple[int, ...] = ()
    system_ids: tuple[int, ...] = ()
    participation: ParticipationDetails | None = None


class DrillUnit(Base):
    __tablename__ = "drill_unit"

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE", primary_key=True)
    unit_id: Mapped[int] = fk("unit.id", primary_key=True)


class DrillTeam(Base):
    __tablename__ = "drill_team"

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE", primary_key=True)
    team_id: Mapped[int] = fk("team.id", primary_key=True)


class DrillSystem(Base):
    __tablename__ = "drill_system"

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE", primary_key=True)
    system_id: Mapped[int] = fk("system.id", primary_key=True)


class DrillPerson(Base):
    """A person who takes part, and as what."""

    __tablename__ = "drill_person"

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE", primary_key=True)
    person_id: Mapped[int] = fk("person.id", primary_key=True)
    part: Mapped[Part] = mapped_column(default=Part.PLAYER)

    person: Mapped[Person] = relationship()

    @property
    def part_label(self) -> str:
        return PARTS[self.part]


class Participation(Identified, Base):
    """Our part in an edition of a series; score and rank are ours, not the edition's."""

    __tablename__ = "participation"
    __table_args__ = (
        sa.CheckConstraint(
            "rank IS NULL OR (rank >= 1 AND (rank_of IS NULL OR rank <= rank_of))",
            name="rank_in_range",
        ),
    )

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE", unique=True)
    edition_id: Mapped[int] = fk("edition.id")
    score: Mapped[float | None]
    score_of: Mapped[float | None]
    rank: Mapped[int | None]
    rank_of: Mapped[int | None]
    rank_scope: Mapped[Line]
    source: Mapped[Line]

    edition: Mapped[Edition] = relationship()


class Drill(Identified, Timestamped, Versioned, Base):
    """A drill we run or take part in. ``unit`` is the one of ours that answers for it.

    ``version`` rises with every change and serves as the SEQUENCE of RFC 5545, 3.8.7.4.
    """

    __tablename__ = "drill"
    __table_args__ = (
        sa.CheckConstraint("starts_at <= ends_at", name="times_in_order"),
        sa.Index("ix_drill_status_starts_at", "status", "starts_at"),
    )

    code: Mapped[Code] = mapped_column(unique=True)
    title: Mapped[Title]
    search: Mapped[Folded]
    kind_key: Mapped[str] = mapped_column(sa.String(32), index=True)
    part: Mapped[Part] = mapped_column(default=Part.ORGANISER)
    organiser: Mapped[Line]
    unit_id: Mapped[int] = fk("unit.id")
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    place: Mapped[Line]
    is_online: Mapped[bool] = mapped_column(default=False)
    summary: Mapped[Prose]
    result: Mapped[Line]
    status: Mapped[Status] = mapped_column(default=Status.PLANNED)
    status_reason: Mapped[Prose]
    lead_id: Mapped[int | None] = fk("person.id")

    unit: Mapped[Unit] = relationship()
    lead: Mapped[Person | None] = relationship()
    units: Mapped[list[Unit]] = relationship(secondary="drill_unit", order_by=Unit.sort)
    teams: Mapped[list[Team]] = relationship(secondary="drill_team", order_by=Team.sort)
    systems: Mapped[list[InformationSystem]] = relationship(
        secondary="drill_system", order_by=InformationSystem.sort
    )
    people: Mapped[list[DrillPerson]] = relationship(cascade="all, delete-orphan")
    participation: Mapped[Participation | None] = relationship(
        cascade="all, delete-orphan", uselist=False
    )

    @validates("title", "code")
    def _index(self, key: str, value: str) -> str:
        parts = {"code": self.code, "title": self.title} | {key: value}
        self.search = fold(" ".join(part or "" for part in parts.values()))
        return value

    @validates("kind_key")
    def _known_kind(self, _name: str, key: str) -> str:
        return KINDS[key].key

    @property
    def kind(self) -> Kind:
        return KINDS[self.kind_key]

    @property
    def status_label(self) -> str:
        return STATUSES[self.status]

    @property
    def part_label(self) -> str:
        return PARTS[self.part]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def is_closed(self) -> bool:
        return not NEXT[self.status]

    @property
    def is_done(self) -> bool:
        return self.status in DONE

    def is_overdue(self, at: datetime) -> bool:
        """Whether the drill should have ended by ``at`` and nobody said that it did."""
        return self.status in {Status.PLANNED, Status.RUNNING} and self.ends_at < at

    def move_to(self, status: Status, reason: str = "") -> None:
        if status not in NEXT[self.status]:
            raise NotAllowedNow(
                N_("A drill that is “%(before)s” cannot become “%(after)s”."),
                before=STATUSES[self.status],
                after=STATUSES[status],
            )
        self.status, self.status_reason = status, reason

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        """Those of one's units; and for anybody the drills they lead or take part in."""
        teams = sa.select(Member.team_id).where(Member.person_id == person.id)
        own = sa.or_(
            cls.lead_id == person.id,
            cls.id.in_(sa.select(DrillPerson.drill_id).where(DrillPerson.person_id == person.id)),
            cls.id.in_(sa.select(DrillTeam.drill_id).where(DrillTeam.team_id.in_(teams))),
        )
        if person.roles <= {Role.IR_MEMBER}:
            return own
        if person.sees_all:
            return sa.true()
        units = Unit.ids_under(person.scope.path)
        taking_part = sa.select(DrillUnit.drill_id).where(DrillUnit.unit_id.in_(units))
        return sa.or_(own, cls.unit_id.in_(units), cls.id.in_(taking_part))
