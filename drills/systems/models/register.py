"""The register as a list: what is asked for, and in which order."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.core import due
from drills.core.orm import contains
from drills.core.text import N_, fold
from drills.systems.models.decisions import Decision, DecisionState
from drills.systems.models.record import Approval, InformationSystem
from drills.units.models import Tier, Unit

STANDINGS = {
    "none": N_("No dossier yet"),
    "drafting": N_("Drafting"),
    "sent": N_("Being appraised"),
    "appraised": N_("Awaiting approval"),
    "valid": N_("Approved"),
    "overdue": N_("Review overdue"),
}
"""Where a system stands on a day: its approval, with the approved parted by their review."""
CONDITIONS = {
    "changed": N_("Changed since the decision"),
    "expiring": N_("Decision expires within 90 days"),
    "expired": N_("Decision expired"),
    "withdrawn": N_("Decision withdrawn"),
    "never": N_("Never approved"),
}
"""What has become of the decision; a system may be under several of these, or none."""
EXPIRING_DAYS = 90
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


def is_overdue(on: date) -> sa.ColumnElement[bool]:
    return _approved_and(due.is_overdue(System.reappraisal_day(), on))


def is_due_soon(on: date) -> sa.ColumnElement[bool]:
    return _approved_and(due.is_soon(System.reappraisal_day(), on))


def _approved_and(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Null, for a level that is good without end, is no."""
    return sa.and_(System.approval == Approval.APPROVED, sa.func.coalesce(condition, sa.false()))


def has_changed_since() -> sa.ColumnElement[bool]:
    """Whether what the decision in force pinned was changed after it; null is no."""
    is_later = System.facts_changed_at > System.decided_at
    return sa.and_(System.approval == Approval.APPROVED, is_later)


def standing_on(on: date) -> sa.ColumnElement[str]:
    return sa.case(
        (is_overdue(on), "overdue"),
        (System.approval == Approval.APPROVED, "valid"),
        else_=sa.cast(System.approval, sa.String),
    )


def _under(unit_id: int) -> Any:
    """The ids of a unit and of what lies below it, in one range of the tree's index."""
    top = sa.select(Unit.path).where(Unit.id == unit_id).scalar_subquery()
    end = sa.func.substr(top, 1, sa.func.length(top) - 1).concat("/")
    return sa.select(Unit.id).where(Unit.path >= top, Unit.path < end)


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
    owner_id: int | None = None
    """The owner itself, or a unit above it."""
    tiers: tuple[str, ...] = ()
    """Codes of the tiers of operators."""
    plans: tuple[str, ...] = ()
    """Values of PlanState, and ``none`` for a plan not told of."""
    conditions: tuple[str, ...] = ()
    review: str = ""
    ids: tuple[int, ...] = ()
    """These systems only, ticked in the list."""
    sort: str = "due"

    @property
    def is_narrowed(self) -> bool:
        return replace(self, sort="due") != Filters(on=self.on)

    @property
    def order(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        return self.sort.startswith("-")

    def condition(self, *, with_approvals: bool = True) -> sa.ColumnElement[bool]:
        parts = [self._words(), self._levels(), self._unit(), self._review(), self._conditions()]
        if with_approvals and self.approvals:
            parts.append(self._approvals())
        return sa.and_(*parts, *self._chosen())

    def _chosen(self) -> Iterator[sa.ColumnElement[bool]]:
        plan = sa.func.coalesce(sa.cast(System.plan_state, sa.String), "none")
        plain: list[tuple[Any, tuple[Any, ...]]] = [
            (System.status, self.statuses),
            (System.kind, self.kinds),
            (plan, self.plans),
            (System.id, self.ids),
        ]
        yield from (column.in_(values) for column, values in plain if values)
        if self.tiers:
            tiers = sa.select(Tier.id).where(Tier.code.in_(self.tiers))
            yield System.operator_id.in_(sa.select(Unit.id).where(Unit.tier_id.in_(tiers)))
        if self.owner_id is not None:
            yield System.owner_id.in_(_under(self.owner_id))

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
        parts += [standing_on(self.on) == name for name in ("valid", "overdue") if name in wanted]
        return sa.or_(*parts)

    def _unit(self) -> sa.ColumnElement[bool]:
        """At the unit or below it, in one range of the tree's index."""
        if self.unit_id is None:
            return self._unit_named()
        units = _under(self.unit_id)
        return sa.or_(System.owner_id.in_(units), System.operator_id.in_(units))

    def _unit_named(self) -> sa.ColumnElement[bool]:
        words = fold(self.unit_words)
        units = sa.select(Unit.id).where(contains(Unit.search, words))
        is_there = sa.or_(System.owner_id.in_(units), System.operator_id.in_(units))
        return is_there if words else sa.true()

    def _conditions(self) -> sa.ColumnElement[bool]:
        """Any of those asked for."""
        until = System.valid_until
        past = sa.select(Decision.system_id)
        meant: dict[str, Any] = {
            "changed": has_changed_since(),
            "expiring": due.is_soon(until, self.on, EXPIRING_DAYS),
            "expired": due.is_overdue(until, self.on),
            "withdrawn": sa.and_(
                System.approval != Approval.APPROVED,
                System.id.in_(past.where(Decision.state == DecisionState.WITHDRAWN)),
            ),
            "never": sa.and_(System.approval != Approval.APPROVED, System.id.not_in(past)),
        }
        asked = [meant[key] for key in self.conditions]
        return sa.func.coalesce(sa.or_(*asked), sa.false()) if asked else sa.true()

    def _review(self) -> sa.ColumnElement[bool]:
        day = System.reappraisal_day()
        if self.review == "none":
            return day.is_(None)
        if self.review == "past":
            return is_overdue(self.on)
        if self.review in {"30", "90"}:
            return _approved_and(due.is_soon(day, self.on, int(self.review)))
        return sa.true()

    def ordering(self) -> list[Any]:
        """What to order by; systems without the value come last whichever way people sort."""
        column: Any = {
            "due": System.review_due_on,
            "name": System.sort,
            "code": System.code,
            "level": System.level,
            "approval": sa.case(_PLACES, value=System.approval),
            "unit": sa.select(Unit.sort).where(Unit.id == System.operator_id).scalar_subquery(),
        }[self.order]
        first = column.desc() if self.is_descending else column.asc()
        missing = [column.is_(None)] if self.order in {"due", "level"} else []
        return [*missing, first, System.sort, System.id]

    def rows(self, person: Person | None) -> sa.Select[Any]:
        """The systems ``person`` (nobody: the operator) may see, as narrowed and ordered."""
        seen = sa.select(System) if person is None else visible(System, person)
        return seen.where(self.condition()).order_by(*self.ordering())
