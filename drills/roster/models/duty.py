"""Who is on duty for a team: the rota, its shifts, and who stands in for part of one."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import Base, Identified, Line, Timestamped, fk, handed_over
from drills.core.text import N_, named
from drills.roster.models.teams import Team


class DutyRole(StrEnum):
    PRIMARY = "primary"
    BACKUP = "backup"


DUTY_ROLES = named(
    {
        DutyRole.PRIMARY: N_("Primary on duty"),
        DutyRole.BACKUP: N_("Backup on duty"),
    }
)


@dataclass(frozen=True, slots=True)
class RotaDetails:
    """``hand_over`` is a local time of day in ``time_zone``; a turn lasts ``every_days``."""

    time_zone: str
    hand_over: time
    every_days: int
    has_backup: bool


@dataclass(frozen=True, slots=True)
class ShiftDetails:
    person_id: int
    role: DutyRole
    starts_at: datetime
    ends_at: datetime
    note: str = ""


class Rota(Identified, Timestamped, Base):
    """That a team keeps duty round the clock, and how it hands over."""

    __tablename__ = "rota"
    __table_args__ = (sa.CheckConstraint("every_days BETWEEN 1 AND 366", name="every_days"),)

    team_id: Mapped[int] = fk("team.id", ondelete="CASCADE", unique=True)
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    hand_over: Mapped[time]
    every_days: Mapped[int]
    has_backup: Mapped[bool] = mapped_column(default=False)

    team: Mapped[Team] = relationship()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def roles(self) -> tuple[DutyRole, ...]:
        """What has to be filled at every moment."""
        return (DutyRole.PRIMARY, DutyRole.BACKUP) if self.has_backup else (DutyRole.PRIMARY,)


class Shift(Identified, Timestamped, Base):
    """A person's turn, from ``starts_at`` until just before ``ends_at``."""

    __tablename__ = "shift"
    __table_args__ = (
        sa.UniqueConstraint("team_id", "role", "starts_at"),
        sa.Index("ix_shift_ends_at", "ends_at"),
        sa.Index("ix_shift_starts_at", "starts_at"),
        sa.CheckConstraint("starts_at < ends_at", name="times_in_order"),
    )

    team_id: Mapped[int] = fk("team.id", ondelete="CASCADE")
    person_id: Mapped[int] = fk(
        "person.id", info=handed_over(N_("Shift ahead"), lambda shift, at: shift.starts_at > at)
    )
    role: Mapped[DutyRole] = mapped_column(default=DutyRole.PRIMARY)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    note: Mapped[Line]

    team: Mapped[Team] = relationship()
    person: Mapped[Person] = relationship()
    overrides: Mapped[list["ShiftOverride"]] = relationship(
        back_populates="shift",
        cascade="all, delete-orphan",
        order_by="ShiftOverride.starts_at",
    )

    @property
    def name(self) -> str:
        return f"{self.team.name}, {self.person.name}"

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.team_id.in_(sa.select(Team.id).where(Team.visible_to(person)))


class ShiftOverride(Identified, Timestamped, Base):
    """Another person for part of a shift; the shift itself stays as it was planned."""

    __tablename__ = "shift_override"
    __table_args__ = (sa.CheckConstraint("starts_at < ends_at", name="times_in_order"),)

    shift_id: Mapped[int] = fk("shift.id", ondelete="CASCADE")
    person_id: Mapped[int] = fk(
        "person.id",
        info=handed_over(N_("Standing in ahead"), lambda part, at: part.starts_at > at),
    )
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[Line]

    shift: Mapped[Shift] = relationship(back_populates="overrides")
    person: Mapped[Person] = relationship()

    @property
    def name(self) -> str:
        return f"{self.shift.team.name}, {self.person.name}"

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.shift_id.in_(sa.select(Shift.id).where(Shift.visible_to(person)))
