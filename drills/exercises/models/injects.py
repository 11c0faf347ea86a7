"""The list of injects of a drill (*MSEL*): what is sent to whom when, and what is expected."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import Base, Identified, Line, Name, Prose, Timestamped, Title, Versioned, fk
from drills.core.text import N_, named
from drills.exercises.models.drills import Drill
from drills.exercises.models.participants import Side
from drills.exercises.models.planning import Objective

INJECT_NUMBER_MAX = 20


class InjectStatus(StrEnum):
    PLANNED = "planned"
    RELEASED = "released"
    SKIPPED = "skipped"


INJECT_STATUSES = named(
    {
        InjectStatus.PLANNED: N_("Not released yet"),
        InjectStatus.RELEASED: N_("Released"),
        InjectStatus.SKIPPED: N_("Left out"),
    }
)
INJECT_NEXT = {
    InjectStatus.PLANNED: frozenset({InjectStatus.RELEASED, InjectStatus.SKIPPED}),
    InjectStatus.SKIPPED: frozenset({InjectStatus.PLANNED}),
    InjectStatus.RELEASED: frozenset[InjectStatus](),
}
"""What has been released is known: it can be corrected in the log, not taken back."""


class InjectSide(Base):
    """A side to which an inject is addressed; an inject without any goes to everybody."""

    __tablename__ = "inject_side"

    inject_id: Mapped[int] = fk("inject.id", ondelete="CASCADE", primary_key=True)
    side_id: Mapped[int] = fk("drill_side.id", ondelete="CASCADE", primary_key=True)


class Inject(Identified, Timestamped, Versioned, Base):
    """One message or event of the scenario.

    When it is due is either ``offset_seconds`` of exercise time, negative before the start, or
    a moment, ``planned_at``, which no pause shifts; a contingency inject may have neither.
    ``situation_time`` is the time inside the story, as text. ``extra`` holds what the agency's
    own columns say, by ``MselColumn.key``; ``foreign`` what a document of another program said
    beyond that. The targets count before those of the drill.

    Searching: an inject has no folded column on purpose. Secret text is found by those who
    may see it, within its drill, and never by the search of the whole site.
    """

    __tablename__ = "inject"
    __table_args__ = (
        sa.UniqueConstraint("drill_id", "number"),
        sa.CheckConstraint("number <> ''", name="number_not_empty"),
        sa.CheckConstraint("offset_seconds IS NULL OR planned_at IS NULL", name="one_time"),
        sa.CheckConstraint(
            "(status = 'released') = (released_at IS NOT NULL)", name="released_has_its_time"
        ),
        sa.CheckConstraint("depends_on_id IS NULL OR depends_on_id <> id", name="not_on_itself"),
        sa.Index("ix_inject_drill_id_position", "drill_id", "position"),
    )

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE")
    number: Mapped[str] = mapped_column(sa.String(INJECT_NUMBER_MAX))
    position: Mapped[int] = mapped_column(default=0)
    phase: Mapped[Line]
    offset_seconds: Mapped[int | None]
    planned_at: Mapped[datetime | None]
    situation_time: Mapped[Line]
    sender: Mapped[Line]
    channel: Mapped[Line]
    title: Mapped[Title]
    content: Mapped[Prose]
    expected_action: Mapped[Prose]
    note: Mapped[Prose]
    objective_id: Mapped[int | None] = fk("objective.id", ondelete="SET NULL")
    is_contingency: Mapped[bool] = mapped_column(default=False)
    depends_on_id: Mapped[int | None] = fk("inject.id", ondelete="SET NULL")
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)
    foreign: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    detect_target_minutes: Mapped[int | None]
    contain_target_minutes: Mapped[int | None]
    status: Mapped[InjectStatus] = mapped_column(default=InjectStatus.PLANNED)
    released_at: Mapped[datetime | None]
    released_exercise_seconds: Mapped[int | None]
    released_by_id: Mapped[int | None] = fk("person.id")

    drill: Mapped[Drill] = relationship()
    objective: Mapped[Objective | None] = relationship()
    depends_on: Mapped["Inject | None"] = relationship(remote_side="Inject.id")
    sides: Mapped[list[Side]] = relationship(secondary="inject_side", order_by=Side.position)

    @property
    def status_label(self) -> str:
        return INJECT_STATUSES[self.status]

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        """All for those who control the drill; for others what has been released to them.

        Somebody who plays on a side receives what is addressed to it or to everybody. Those in
        the drill without a side, such as observers, receive all that is released.
        """
        drill = sa.select(Drill.id).where(Drill.id == cls.drill_id)
        mine = Side.played_by(person)
        sided = sa.select(Side.id).where(Side.drill_id == cls.drill_id, mine)
        addressed = sa.select(InjectSide.side_id).where(InjectSide.inject_id == cls.id)
        received = sa.or_(
            ~_of(cls, sided),
            ~_of(cls, addressed),
            _of(cls, addressed.join(Side, Side.id == InjectSide.side_id).where(mine)),
        )
        released = sa.and_(
            cls.status == InjectStatus.RELEASED,
            _of(cls, drill.where(Drill.visible_to(person))),
            received,
        )
        return sa.or_(_of(cls, drill.where(Drill.controlled_by(person))), released)


def _of(inject: type[Inject], rows: sa.Select[Any]) -> sa.ColumnElement[bool]:
    """Whether there are such rows of this one inject: asked by key, however many others are."""
    return rows.correlate(inject).exists()


class Audience(StrEnum):
    """Who sees a column an agency adds; each sees what those after it see."""

    CONTROL = "control"
    EVALUATORS = "evaluators"
    PLAYERS = "players"


AUDIENCES = named(
    {
        Audience.CONTROL: N_("Exercise control only"),
        Audience.EVALUATORS: N_("Exercise control and evaluators"),
        Audience.PLAYERS: N_("Everybody, once the inject is released"),
    }
)


class MselColumn(Identified, Timestamped, Base):
    """A column of the list that the agency adds: for one drill, or without one for all."""

    __tablename__ = "msel_column"
    __table_args__ = (
        sa.UniqueConstraint("drill_id", "key"),
        sa.Index(
            "uq_msel_column_key_of_all",
            "key",
            unique=True,
            sqlite_where=sa.text("drill_id IS NULL"),
            postgresql_where=sa.text("drill_id IS NULL"),
        ),
    )

    drill_id: Mapped[int | None] = fk("drill.id", ondelete="CASCADE")
    key: Mapped[str] = mapped_column(sa.String(32))
    label: Mapped[Title]
    position: Mapped[int] = mapped_column(default=0)
    audience: Mapped[Audience] = mapped_column(default=Audience.CONTROL)

    @property
    def audience_label(self) -> str:
        return AUDIENCES[self.audience]


class MselMapping(Identified, Timestamped, Base):
    """Which column of somebody's sheets means what, kept for the next import.

    ``mapping`` has our fields by folded header: ``{"thoi gian": "offset", "ghi chu": "note"}``.
    """

    __tablename__ = "msel_mapping"
    __table_args__ = (sa.UniqueConstraint("owner_id", "name"),)

    name: Mapped[Name]
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    owner_id: Mapped[int] = fk("person.id")

    owner: Mapped[Person] = relationship()

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.owner_id == person.id
