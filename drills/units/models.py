"""The organisation tree: who there is, under whom, from when until when, and what came after."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from drills.core.orm import (
    Base,
    Code,
    Folded,
    Identified,
    Line,
    Name,
    Path,
    Phone,
    Prose,
    SortKey,
    Timestamped,
    Versioned,
    fk,
    under,
)
from drills.core.text import fold, sort_key

if TYPE_CHECKING:
    from drills.accounts.models import Person


class Tier(Identified, Base):
    """A rung of the tree (ministry, province, …): data, since the state changes it."""

    __tablename__ = "tier"

    code: Mapped[Code] = mapped_column(unique=True)
    name_vi: Mapped[Name]
    name_en: Mapped[Name]
    position: Mapped[int]

    def title(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_vi


@dataclass(frozen=True, slots=True)
class UnitDetails:
    """What people write about a unit; only the root has no ``parent_id``."""

    code: str
    name: str
    tier_id: int
    parent_id: int | None
    name_en: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    address: str = ""
    active_from: date | None = None
    active_to: date | None = None


@dataclass(frozen=True, slots=True)
class Merger:
    """The units that another takes over from, the first day after, and by which decision."""

    predecessor_ids: tuple[int, ...]
    on: date
    decision: str


@dataclass(frozen=True, slots=True)
class RankingDetails:
    indicator: str
    rank: int
    out_of: int | None
    scope: str
    as_of: date
    source: str


class Unit(Identified, Timestamped, Versioned, Base):
    """An agency, department, commune or enterprise.

    ``path`` holds the ids from the root down, ``1.5.12.``; what lies under a unit is one range
    of the index. A unit that has ended stays, with ``active_to`` and its successions.
    """

    __tablename__ = "unit"
    __table_args__ = (
        sa.CheckConstraint(
            "active_to IS NULL OR active_from IS NULL OR active_from <= active_to",
            name="active_in_order",
        ),
    )

    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    name_en: Mapped[Name] = mapped_column(default="")
    sort: Mapped[SortKey]
    search: Mapped[Folded]
    tier_id: Mapped[int] = fk("tier.id")
    parent_id: Mapped[int | None] = fk("unit.id")
    path: Mapped[Path]
    contact_name: Mapped[Line]
    contact_email: Mapped[Line]
    contact_phone: Mapped[Phone]
    address: Mapped[Line]
    active_from: Mapped[date | None]
    active_to: Mapped[date | None]

    tier: Mapped[Tier] = relationship(lazy="joined", innerjoin=True)
    parent: Mapped["Unit | None"] = relationship(remote_side="Unit.id")

    @validates("name", "code", "name_en")
    def _index(self, key: str, value: str) -> str:
        parts = {"code": self.code, "name": self.name, "name_en": self.name_en} | {key: value}
        self.search = fold(" ".join(part or "" for part in parts.values()))
        if key == "name":
            self.sort = sort_key(value)
        return value

    def is_active(self, on: date) -> bool:
        return (self.active_from is None or self.active_from <= on) and (
            self.active_to is None or on <= self.active_to
        )

    def title(self, language: str) -> str:
        """The name in ``language``, Vietnamese where there is no other."""
        return (self.name_en if language == "en" else "") or self.name

    def lies_under(self, path: str) -> bool:
        return self.path.startswith(path)

    @classmethod
    def ids_under(cls, path: str) -> sa.Select[int]:
        return sa.select(cls.id).where(under(cls.path, path))

    @classmethod
    def ids_back_from(cls, unit_id: int) -> sa.Select[int]:
        """The unit and all it took over from, near and far."""
        chain = sa.select(sa.literal(unit_id).label("id")).cte("took_over", recursive=True)
        before = sa.select(Succession.predecessor_id).join(
            chain, Succession.successor_id == chain.c.id
        )
        return sa.select(chain.union(before).c.id)

    @classmethod
    def visible_to(cls, person: "Person") -> sa.ColumnElement[bool]:
        return sa.true() if person.sees_all else under(cls.path, person.scope.path)


class Succession(Identified, Base):
    """``successor`` took over from ``predecessor``: n to m, as after Resolution 202/2025/QH15.

    ``moved`` says what went over at that time: ids by ``table.column``. ``merged_at`` is when it
    was done here, which ``on`` need not be; what is decided after it stands against undoing. It
    is empty where the succession was loaded as history and nothing moved.
    """

    __tablename__ = "succession"
    __table_args__ = (sa.UniqueConstraint("predecessor_id", "successor_id"),)

    predecessor_id: Mapped[int] = fk("unit.id")
    successor_id: Mapped[int] = fk("unit.id")
    on: Mapped[date]
    decision: Mapped[Line]
    moved: Mapped[dict[str, Any]] = mapped_column(default=dict)
    merged_at: Mapped[datetime | None]
    predecessor_until: Mapped[date | None]
    """What ``active_to`` of the predecessor was before; undoing puts it back."""

    predecessor: Mapped[Unit] = relationship(foreign_keys=[predecessor_id])
    successor: Mapped[Unit] = relationship(foreign_keys=[successor_id])

    @classmethod
    def visible_to(cls, person: "Person") -> sa.ColumnElement[bool]:
        """Who sees both units; the successor of a unit may lie in another branch."""
        seen = sa.select(Unit.id).where(Unit.visible_to(person))
        return sa.and_(cls.predecessor_id.in_(seen), cls.successor_id.in_(seen))


class Ranking(Identified, Timestamped, Base):
    """A rank that somebody else published for a unit, with its own denominator and source."""

    __tablename__ = "ranking"
    __table_args__ = (
        sa.CheckConstraint(
            "rank >= 1 AND (out_of IS NULL OR rank <= out_of)", name="rank_in_range"
        ),
    )

    unit_id: Mapped[int] = fk("unit.id")
    indicator: Mapped[Name]
    rank: Mapped[int]
    out_of: Mapped[int | None]
    scope: Mapped[Line]
    as_of: Mapped[date]
    source: Mapped[Prose]

    unit: Mapped[Unit] = relationship()


class Organisation(Base):
    """The one row that says whose installation this is; absent until the first run is done."""

    __tablename__ = "organisation"
    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    root_id: Mapped[int] = fk("unit.id")
    language: Mapped[str] = mapped_column(sa.String(2), default="vi")
    time_zone: Mapped[str] = mapped_column(sa.String(64), default="Asia/Ho_Chi_Minh")
    is_demo: Mapped[bool] = mapped_column(default=False)
    approvals_since: Mapped[date | None]
    """From this day on levels are approved here; a decision signed earlier may be recorded."""
    register_mark: Mapped[str] = mapped_column(sa.String(32), default="", server_default="")
    """Reads otherwise after every change of systems, decisions or units."""

    root: Mapped[Unit] = relationship(lazy="joined", innerjoin=True)
