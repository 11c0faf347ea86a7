"""The register as a list: what is asked for, in which order, and how many there are of each."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, contains_eager

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.core.orm import contains
from drills.core.text import N_, fold
from drills.systems.models.record import Approval, InformationSystem
from drills.units.models import Unit

SOON_DAYS = 30
STANDINGS = {
    "none": N_("No dossier yet"),
    "drafting": N_("Drafting"),
    "sent": N_("Being appraised"),
    "appraised": N_("Awaiting approval"),
    "valid": N_("Approved"),
    "overdue": N_("Review overdue"),
}
"""Where a system stands on a day: its approval, with the approved parted by their review."""
REVIEWS = {
    "past": N_("Past due"),
    "30": N_("Within 30 days"),
    "90": N_("Within 90 days"),
    "none": N_("No date"),
}
SORTS = ("due", "name", "code", "level", "approval", "unit")

System = InformationSystem
_PLACES = {approval: place for place, approval in enumerate(Approval)}


def standing(system: InformationSystem, on: date) -> str:
    """The key in STANDINGS under which ``system`` counts on the day ``on``."""
    if system.approval is not Approval.APPROVED:
        return system.approval.value
    return "overdue" if system.is_overdue(on) else "valid"


def _is_overdue(on: date) -> sa.ColumnElement[bool]:
    is_late = sa.and_(System.level.is_not(None), System.review_due_on < on)
    return sa.and_(System.approval == Approval.APPROVED, sa.func.coalesce(is_late, sa.false()))


def _standing(on: date) -> sa.ColumnElement[str]:
    return sa.case(
        (_is_overdue(on), "overdue"),
        (System.approval == Approval.APPROVED, "valid"),
        else_=sa.cast(System.approval, sa.String),
    )


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; empty means all. ``on`` is the day that "overdue" refers to.

    ``approvals`` may hold the values of Approval, and ``valid`` and ``overdue``, which part the
    approved. ``sort`` is one of SORTS, with ``-`` before it for the reverse.
    """

    on: date
    words: str = ""
    levels: tuple[int, ...] = ()
    """0 stands for a level not determined."""
    approvals: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    unit_id: int | None = None
    unit_words: str = ""
    """Part of a unit's name or code, for those who typed it instead of choosing."""
    review: str = ""
    sort: str = "due"

    @property
    def order(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        return self.sort.startswith("-")

    def condition(self, *, with_approvals: bool = True) -> sa.ColumnElement[bool]:
        parts = [self._words(), self._levels(), self._unit(), self._review()]
        if with_approvals and self.approvals:
            parts.append(self._approvals())
        if self.statuses:
            parts.append(System.status.in_(self.statuses))
        if self.kinds:
            parts.append(System.kind.in_(self.kinds))
        return sa.and_(*parts)

    def _words(self) -> sa.ColumnElement[bool]:
        """All words in name and code, or all of them in the name of one of its units."""
        words = fold(self.words)
        if not words:
            return sa.true()
        units = sa.select(Unit.id).where(contains(Unit.search, words))
        return sa.or_(
            contains(System.search, words),
            System.owner_id.in_(units),
            System.operator_id.in_(units),
        )

    def _levels(self) -> sa.ColumnElement[bool]:
        return sa.func.coalesce(System.level, 0).in_(self.levels) if self.levels else sa.true()

    def _approvals(self) -> sa.ColumnElement[bool]:
        wanted = set(self.approvals)
        plain = [approval for approval in Approval if approval.value in wanted]
        parts: list[sa.ColumnElement[bool]] = [System.approval.in_(plain)]
        parts += [_standing(self.on) == name for name in ("valid", "overdue") if name in wanted]
        return sa.or_(*parts)

    def _unit(self) -> sa.ColumnElement[bool]:
        """At the unit or below it, in one range of the tree's index."""
        if self.unit_id is None:
            return self._unit_named()
        top = sa.select(Unit.path).where(Unit.id == self.unit_id).scalar_subquery()
        end = sa.func.substr(top, 1, sa.func.length(top) - 1).concat("/")
        units = sa.select(Unit.id).where(Unit.path >= top, Unit.path < end)
        return sa.or_(System.owner_id.in_(units), System.operator_id.in_(units))

    def _unit_named(self) -> sa.ColumnElement[bool]:
        words = fold(self.unit_words)
        units = sa.select(Unit.id).where(contains(Unit.search, words))
        is_there = sa.or_(System.owner_id.in_(units), System.operator_id.in_(units))
        return is_there if words else sa.true()

    def _review(self) -> sa.ColumnElement[bool]:
        due: sa.ColumnElement[Any] = System.review_due_on.expression
        if self.review == "none":
            return due.is_(None)
        if self.review == "past":
            return due < self.on
        if self.review in {"30", "90"}:
            return due.between(self.on, self.on + timedelta(days=int(self.review)))
        return sa.true()

    def ordering(self, *, is_backwards: bool = False) -> list[Any]:
        """What to order by; systems without the value come last whichever way people sort.

        ``is_backwards`` gives the same order from its other end.
        """
        column: Any = {
            "due": System.review_due_on,
            "name": System.sort,
            "code": System.code,
            "level": System.level,
            "approval": sa.case(_PLACES, value=System.approval),
            "unit": sa.select(Unit.sort).where(Unit.id == System.operator_id).scalar_subquery(),
        }[self.order]
        first = column.desc() if self.is_descending is not is_backwards else column.asc()
        rest: list[Any] = [System.sort, System.id]
        missing = [column.is_(None)] if self.order in {"due", "level"} else []
        if is_backwards:
            missing, rest = [part.desc() for part in missing], [part.desc() for part in rest]
        return [*missing, first, *rest]

    def rows(self, person: Person | None) -> sa.Select[Any]:
        """The systems ``person`` (nobody: the operator) may see, as narrowed and ordered."""
        seen = sa.select(System) if person is None else visible(System, person)
        return seen.where(self.condition()).order_by(*self.ordering())

    def page(
        self, session: Session, person: Person, *, size: int, skip: int, total: int
    ) -> list[InformationSystem]:
        """A page with units and people, joined to its own rows only, however deep it lies.

        What lies in the second half of the ``total`` is counted from the end.
        """
        size = max(min(size, total - skip), 0)
        is_backwards = skip > total // 2
        ids = (
            self.rows(person)
            .order_by(None)
            .order_by(*self.ordering(is_backwards=is_backwards))
            .with_only_columns(System.id)
            .limit(size)
            .offset(total - skip - size if is_backwards else skip)
            .subquery()
        )
        owner, operator, responsible = aliased(Unit), aliased(Unit), aliased(Person)
        query = (
            sa.select(System)
            .join(ids, System.id == ids.c.id)
            .join(owner, System.owner_id == owner.id)
            .join(operator, System.operator_id == operator.id)
            .outerjoin(responsible, System.responsible_id == responsible.id)
            .options(
                contains_eager(System.owner.of_type(owner)).lazyload(owner.tier),
                contains_eager(System.operator.of_type(operator)).lazyload(operator.tier),
                contains_eager(System.responsible.of_type(responsible)).lazyload(
                    responsible.grants
                ),
            )
            .order_by(*self.ordering())
        )
        return list(session.scalars(query).unique())


@dataclass
class Tally:
    """How many systems there are of each sort, and the name of the unit filtered by.

    ``by_*`` count what the filters leave, the approval's own filter aside; ``views`` count
    everything the person may see.
    """

    total: int = 0
    views: Counter[str] = field(default_factory=Counter)
    by_standing: Counter[str] = field(default_factory=Counter)
    unit: str | None = None


def tally(session: Session, filters: Filters, person: Person) -> Tally:
    """Every number on the register's page, in one pass and one statement."""
    soon = filters.on + timedelta(days=SOON_DAYS)
    is_soon = System.review_due_on.between(filters.on, soon)
    unit = sa.select(Unit.name).where(Unit.id == filters.unit_id, Unit.visible_to(person))
    groups = (
        visible(System, person)
        .with_only_columns(
            filters.condition(with_approvals=False).label("is_left"),
            _standing(filters.on).label("standing"),
            sa.func.coalesce(System.level, 0).label("level"),
            sa.func.coalesce(is_soon, sa.false()).label("is_soon"),
        )
        .subquery()
    )
    name = unit.scalar_subquery() if filters.unit_id is not None else sa.null()
    columns: list[Any] = [*groups.c, sa.func.count(), name]
    query = sa.select(*columns).group_by(*groups.c)
    found = Tally()
    for is_left, where, level, soon_due, count, unit_name in session.execute(query):
        found.unit = unit_name
        _count_views(found.views, where, level, count, is_soon=bool(soon_due))
        if is_left:
            found.by_standing[where] += count
            found.total += count if _is_wanted(where, filters.approvals) else 0
    return found


def _count_views(views: Counter[str], where: str, level: int, count: int, *, is_soon: bool) -> None:
    views["all"] += count
    views["high"] += count if level >= 3 else 0
    views["soon"] += count if is_soon else 0
    views[where] += count


def _is_wanted(where: str, approvals: tuple[str, ...]) -> bool:
    is_approved = where in {"valid", "overdue"}
    return not approvals or where in approvals or (is_approved and "approved" in approvals)


def neighbours(
    session: Session, system: InformationSystem, filters: Filters, person: Person
) -> tuple[int | None, int | None]:
    """The ids before and after ``system`` in the list that ``filters`` describe."""
    order = filters.ordering()
    ids = (
        filters.rows(person)
        .order_by(None)
        .with_only_columns(
            System.id.label("id"),
            sa.func.lag(System.id).over(order_by=order).label("before"),
            sa.func.lead(System.id).over(order_by=order).label("after"),
        )
        .subquery()
    )
    found = session.execute(
        sa.select(ids.c.before, ids.c.after).where(ids.c.id == system.id)
    ).one_or_none()
    return (found.before, found.after) if found else (None, None)
