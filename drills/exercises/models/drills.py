"""Drills: what is recorded of them, and the states they go through."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship, validates

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
    handed_over,
    settles,
)
from drills.core.text import N_, fold, named
from drills.exercises.kinds import KINDS, Kind
from drills.exercises.models.participants import (
    CONDUCTING,
    CONTROL,
    PARTS,
    DrillPerson,
    DrillTeam,
    DrillUnit,
    Part,
    Side,
    teams_of,
)
from drills.exercises.models.participation import Participation, ParticipationDetails
from drills.roster.models import Team
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
AHEAD = frozenset({Status.PLANNED, Status.RUNNING, Status.POSTPONED})
DONE = frozenset({Status.COMPLETED, Status.EVALUATED, Status.CLOSED})

STATUSES = named(
    {
        Status.PLANNED: N_("Planned"),
        Status.RUNNING: N_("Running"),
        Status.COMPLETED: N_("Completed"),
        Status.EVALUATED: N_("Evaluated"),
        Status.CLOSED: N_("Closed"),
        Status.POSTPONED: N_("Postponed"),
        Status.CANCELLED: N_("Cancelled"),
    }
)


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


class Drill(Identified, Timestamped, Versioned, Base):
    """A drill we run or take part in. ``unit`` is the one of ours that answers for it.

    ``version`` rises with every change and serves as the SEQUENCE of RFC 5545, 3.8.7.4.
    The targets are how soon after its release an inject should be detected and contained,
    where the inject itself sets none.
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
    unit_id: Mapped[int] = fk("unit.id", info=settles(N_("Drills planned since: %(names)s.")))
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    place: Mapped[Line]
    is_online: Mapped[bool] = mapped_column(default=False)
    summary: Mapped[Prose]
    result: Mapped[Line]
    status: Mapped[Status] = mapped_column(default=Status.PLANNED)
    status_reason: Mapped[Prose]
    lead_id: Mapped[int | None] = fk(
        "person.id",
        info=handed_over(
            N_("Lead of the drill"),
            lambda drill, _at: drill.status.in_(AHEAD),
            may_take=lambda drill, person: drill.is_controlled_by(person),
        ),
    )
    scope: Mapped[Prose] = mapped_column(server_default="")
    rules: Mapped[Prose] = mapped_column(server_default="")
    scenario_version_id: Mapped[int | None] = fk("scenario_version.id")
    detect_target_minutes: Mapped[int | None]
    contain_target_minutes: Mapped[int | None]
    copied_from_id: Mapped[int | None] = fk("drill.id", ondelete="SET NULL")
    recurrence_id: Mapped[int | None] = fk("recurrence.id", ondelete="SET NULL")

    unit: Mapped[Unit] = relationship()
    lead: Mapped[Person | None] = relationship()
    units: Mapped[list[Unit]] = relationship(secondary="drill_unit", order_by=Unit.sort)
    teams: Mapped[list[Team]] = relationship(secondary="drill_team", order_by=Team.sort)
    systems: Mapped[list[InformationSystem]] = relationship(
        secondary="drill_system", order_by=InformationSystem.sort
    )
    people: Mapped[list[DrillPerson]] = relationship(cascade="all, delete-orphan")
    sides: Mapped[list[Side]] = relationship(
        cascade="all, delete-orphan", order_by=[Side.position, Side.id]
    )
    participation: Mapped[Participation | None] = relationship(
        back_populates="drill", cascade="all, delete-orphan", uselist=False, lazy="joined"
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
    def day(self) -> date:
        """The day it starts on where it is held."""
        return self.starts_at.astimezone(self.zone).date()

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

    def is_controlled_by(self, person: Person) -> bool:
        """Whether ``person`` knows the scenario and the injects before their release."""
        return self._is(Drill.controlled_by(person))

    def is_conducted_by(self, person: Person) -> bool:
        """Whether ``person`` runs the clock and releases injects."""
        return self._is(Drill.conducted_by(person))

    def is_joined_by(self, person: Person) -> bool:
        """Whether ``person`` leads this drill, is named in it or belongs to one of its teams."""
        return self._is(Drill.joined_by(person))

    def is_played_by(self, person: Person) -> bool:
        """Whether ``person`` is in this drill and does more than look on."""
        return self._is(Drill.played_by(person))

    def _is(self, condition: sa.ColumnElement[bool]) -> bool:
        session = object_session(self)
        assert session is not None
        return session.scalar(sa.select(Drill.id).where(Drill.id == self.id, condition)) is not None

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        """Those of one's units; and for anybody the drills they lead or take part in."""
        own = cls.joined_by(person)
        if person.roles <= {Role.IR_MEMBER}:
            return own
        if person.sees_all:
            return sa.true()
        units = Unit.ids_under(person.scope.path)
        taking_part = sa.select(DrillUnit.drill_id).where(DrillUnit.unit_id.in_(units))
        return sa.or_(own, cls.unit_id.in_(units), cls.id.in_(taking_part))

    @classmethod
    def controlled_by(cls, person: Person) -> sa.ColumnElement[bool]:
        """The drills whose secrets ``person`` may know: the one rule of secrecy.

        The lead and those named with a part in control; the members of a team that has one, if
        they are in no team that plays; and administrators and the security team, unless the
        drill has them in another part. What a person is named as counts before what their team is.
        """
        return cls._in_hands_of(person, CONTROL)

    @classmethod
    def conducted_by(cls, person: Person) -> sa.ColumnElement[bool]:
        """The drills ``person`` may run: by the same rule, without those who only watch."""
        return cls._in_hands_of(person, CONDUCTING)

    @classmethod
    def played_by(cls, person: Person) -> sa.ColumnElement[bool]:
        """The drills ``person`` is in and does more than look on."""
        observed = sa.select(DrillPerson.drill_id).where(
            DrillPerson.person_id == person.id, DrillPerson.part == Part.OBSERVER
        )
        return sa.and_(cls.joined_by(person), cls.id.not_in(observed))

    @classmethod
    def _in_hands_of(cls, person: Person, parts: frozenset[Part]) -> sa.ColumnElement[bool]:
        named = sa.select(DrillPerson.drill_id).where(DrillPerson.person_id == person.id)
        joined = sa.select(DrillTeam.drill_id).where(DrillTeam.team_id.in_(teams_of(person)))
        by_name = cls.id.in_(named.where(DrillPerson.part.in_(parts)))
        by_team = sa.and_(
            cls.id.in_(joined.where(DrillTeam.part.in_(parts))),
            cls.id.not_in(
                joined.where(sa.or_(DrillTeam.part.is_(None), DrillTeam.part.not_in(CONTROL)))
            ),
            cls.id.not_in(named),
        )
        given = sa.or_(cls.lead_id == person.id, by_name, by_team)
        if person.roles.isdisjoint({Role.ADMINISTRATOR, Role.SECURITY_TEAM}):
            return given
        outside = sa.and_(cls.id.not_in(named), cls.id.not_in(joined))
        return sa.or_(given, sa.and_(cls.visible_to(person), outside))

    @classmethod
    def ids_seen_by(cls, person: Person) -> sa.Select[int]:
        return sa.select(cls.id).where(cls.visible_to(person))

    @classmethod
    def ids_controlled_by(cls, person: Person) -> sa.Select[int]:
        return sa.select(cls.id).where(cls.controlled_by(person))

    @classmethod
    def joined_by(cls, person: Person) -> sa.ColumnElement[bool]:
        return sa.or_(
            cls.lead_id == person.id,
            cls.id.in_(sa.select(DrillPerson.drill_id).where(DrillPerson.person_id == person.id)),
            cls.id.in_(
                sa.select(DrillTeam.drill_id).where(DrillTeam.team_id.in_(teams_of(person)))
            ),
        )
