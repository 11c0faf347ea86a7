"""The library of scenarios: reusable, versioned, and unknown to those who are to play them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from drills.accounts.models import Person, Role
from drills.core.orm import (
    MOVES,
    Base,
    Folded,
    Identified,
    Line,
    Prose,
    Timestamped,
    Title,
    Versioned,
    fk,
)
from drills.core.text import fold
from drills.exercises.kinds import KINDS, Kind
from drills.exercises.models.drills import Drill
from drills.units.models import Unit


@dataclass(frozen=True, slots=True)
class ScenarioDetails:
    """What people write of a scenario; ``kind_key`` is the kind of drill it suits, empty for any.

    ``summary``, ``story``, ``assumptions`` and ``change``, what is new, are of the version.
    """

    title: str
    unit_id: int
    summary: str
    story: str
    kind_key: str = ""
    threat: str = ""
    assumptions: str = ""
    change: str = ""


STORY = ("summary", "story", "assumptions")
FRAME = ("title", "unit_id", "kind_key", "threat")


class Scenario(Identified, Timestamped, Versioned, Base):
    """A story that drills can use again; a drill pins one version of it."""

    __tablename__ = "scenario"

    title: Mapped[Title]
    search: Mapped[Folded]
    unit_id: Mapped[int] = fk("unit.id", info=MOVES)
    kind_key: Mapped[str] = mapped_column(sa.String(32), default="")
    threat: Mapped[Line]
    retired_at: Mapped[datetime | None]

    unit: Mapped[Unit] = relationship()
    versions: Mapped[list["ScenarioVersion"]] = relationship(
        back_populates="scenario", order_by="ScenarioVersion.number.desc()"
    )

    @validates("title")
    def _index(self, _key: str, value: str) -> str:
        self.search = fold(value)
        return value

    @property
    def kind(self) -> Kind | None:
        return KINDS.get(self.kind_key)

    @property
    def newest(self) -> "ScenarioVersion":
        return self.versions[0]

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        """The library for those who plan, less what a drill has them play, and what they run."""
        used = sa.select(ScenarioVersion.scenario_id).join(
            Drill, Drill.scenario_version_id == ScenarioVersion.id
        )
        run = cls.id.in_(used.where(Drill.controlled_by(person)))
        if person.roles.isdisjoint({Role.ADMINISTRATOR, Role.SECURITY_TEAM}):
            return run
        played = used.where(
            Drill.joined_by(person), Drill.id.not_in(Drill.ids_controlled_by(person))
        )
        in_scope = (
            sa.true() if person.sees_all else cls.unit_id.in_(Unit.ids_under(person.scope.path))
        )
        return sa.and_(sa.or_(run, in_scope), cls.id.not_in(played))


class ScenarioVersion(Identified, Base):
    """The text of a scenario as it stood; never changed, so that a drill keeps what it pinned."""

    __tablename__ = "scenario_version"
    __table_args__ = (sa.UniqueConstraint("scenario_id", "number"),)

    scenario_id: Mapped[int] = fk("scenario.id", ondelete="CASCADE")
    number: Mapped[int]
    summary: Mapped[Prose]
    story: Mapped[Prose]
    assumptions: Mapped[Prose]
    change: Mapped[Line]
    written_at: Mapped[datetime]
    written_by_id: Mapped[int | None] = fk("person.id")

    scenario: Mapped[Scenario] = relationship(back_populates="versions")
    written_by: Mapped[Person | None] = relationship()

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.scenario_id.in_(sa.select(Scenario.id).where(Scenario.visible_to(person)))
