"""Who takes part in a drill: units, teams and people with their parts, sides, who was asked and
who came.
"""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import Base, Identified, Name, fk
from drills.core.text import N_, named
from drills.roster.models import Member, Team
from drills.units.models import Unit

SIDE_KEY_MAX = 20


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
    SIMCELL = "simcell"
    TRUSTED_AGENT = "trusted_agent"


PARTS = named(
    {
        Part.ORGANISER: N_("Organiser"),
        Part.LEAD: N_("Lead"),
        Part.PLAYER: N_("Player"),
        Part.EXCON: N_("EXCON (exercise control)"),
        Part.RED: N_("Red team"),
        Part.BLUE: N_("Blue team"),
        Part.WHITE: N_("White cell (referees)"),
        Part.EVALUATOR: N_("Evaluator"),
        Part.OBSERVER: N_("Observer"),
        Part.SIMCELL: N_("SimCell (plays those who are absent)"),
        Part.TRUSTED_AGENT: N_("Trusted agent (knows of an unannounced drill)"),
    }
)
CONTROL = frozenset(
    {
        Part.ORGANISER,
        Part.LEAD,
        Part.EXCON,
        Part.WHITE,
        Part.EVALUATOR,
        Part.SIMCELL,
        Part.TRUSTED_AGENT,
    }
)
"""Those who know the scenario and the injects before they are released."""
CONDUCTING = frozenset({Part.ORGANISER, Part.LEAD, Part.EXCON, Part.WHITE, Part.SIMCELL})
"""Those who run the clock and release injects; an evaluator watches and does not help."""


class DrillUnit(Base):
    __tablename__ = "drill_unit"

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE", primary_key=True)
    unit_id: Mapped[int] = fk("unit.id", primary_key=True)
    part: Mapped[Part | None]

    unit: Mapped[Unit] = relationship(viewonly=True)


class DrillTeam(Base):
    __tablename__ = "drill_team"

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE", primary_key=True)
    team_id: Mapped[int] = fk("team.id", primary_key=True)
    part: Mapped[Part | None]

    team: Mapped[Team] = relationship(viewonly=True)


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
    side_id: Mapped[int | None] = fk("drill_side.id", ondelete="SET NULL")

    person: Mapped[Person] = relationship()
    side: Mapped["Side | None"] = relationship(viewonly=True)

    @property
    def part_label(self) -> str:
        return PARTS[self.part]


class Side(Identified, Base):
    """A playing side of a drill. ``key`` is how the quick log speaks of it: ``soc``, ``red``.

    Its people are the members of ``team``, if it is one of ours, and those whose
    ``DrillPerson.side_id`` says so. A side of strangers has a name only.
    """

    __tablename__ = "drill_side"
    __table_args__ = (
        sa.UniqueConstraint("drill_id", "key"),
        sa.CheckConstraint("key <> ''", name="key_not_empty"),
    )

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE")
    key: Mapped[str] = mapped_column(sa.String(SIDE_KEY_MAX))
    name: Mapped[Name]
    team_id: Mapped[int | None] = fk("team.id")
    position: Mapped[int] = mapped_column(default=0)

    team: Mapped[Team | None] = relationship()

    @classmethod
    def played_by(cls, person: Person) -> sa.ColumnElement[bool]:
        """By name in this drill, or as a member of the team the side is."""
        named = sa.select(DrillPerson.side_id).where(
            DrillPerson.person_id == person.id, DrillPerson.side_id.is_not(None)
        )
        return sa.or_(cls.id.in_(named), cls.team_id.in_(teams_of(person)))

    @classmethod
    def ids_of(cls, person: Person) -> sa.Select[int]:
        """The sides, of any drill, that ``person`` plays on."""
        return sa.select(cls.id).where(cls.played_by(person))


def teams_of(person: Person) -> sa.Select[int]:
    """The teams a person belongs to or has belonged to."""
    return sa.select(Member.team_id).where(Member.person_id == person.id)
