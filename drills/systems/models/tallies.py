"""How many systems there are of each sort."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.systems.models.record import InformationSystem
from drills.systems.models.register import (
    Filters,
    has_changed_since,
    is_due_soon,
    standing_on,
)
from drills.systems.models.remembered import remembered
from drills.units.models import Unit

System = InformationSystem


@dataclass
class Tally:
    """How many systems there are of each sort, and the names of the units filtered by.

    ``by_*`` count what the filters leave, the approval's own filter aside; ``views`` count
    everything the person may see, ``dated`` those of them that have a review day.
    """

    total: int = 0
    views: Counter[str] = field(default_factory=Counter)
    by_standing: Counter[str] = field(default_factory=Counter)
    dated: int = 0
    unit: str | None = None
    owner: str | None = None


def scope_of(person: Person) -> str:
    """What of the register a person sees, the same for all who see the same."""
    return "" if person.sees_all else person.scope.path


def tally(session: Session, filters: Filters, person: Person) -> Tally:
    """Every number on the register's page, in one pass, until the register changes."""
    key = ("tally", scope_of(person), replace(filters, sort="due"))
    return remembered(session, key, lambda: _tally(session, filters, person))


def _tally(session: Session, filters: Filters, person: Person) -> Tally:
    groups = (
        visible(System, person)
        .with_only_columns(
            filters.condition(with_approvals=False).label("is_left"),
            standing_on(filters.on).label("standing"),
            sa.func.coalesce(System.level, 0).label("level"),
            is_due_soon(filters.on).label("is_soon"),
            System.review_due_on.is_not(None).label("is_dated"),
            sa.func.coalesce(has_changed_since(), sa.false()).label("has_changed"),
        )
        .subquery()
    )
    names = [_name(filters.unit_id, person), _name(filters.owner_id, person)]
    columns: list[Any] = [*groups.c, sa.func.count(), *names]
    query = sa.select(*columns).group_by(*groups.c)
    found = Tally()
    for is_left, where, level, is_near, is_dated, changed, count, *units in session.execute(query):
        found.unit, found.owner = units
        found.dated += count if is_dated else 0
        found.views["changed"] += count if changed else 0
        _count_views(found.views, where, level, count, is_soon=bool(is_near))
        if is_left:
            found.by_standing[where] += count
            found.total += count if _is_wanted(where, filters.approvals) else 0
    return found


def _name(unit_id: int | None, person: Person) -> Any:
    """The name of a unit filtered by, as far as the person may know it."""
    if unit_id is None:
        return sa.null()
    return sa.select(Unit.name).where(Unit.id == unit_id, Unit.visible_to(person)).scalar_subquery()


def _count_views(views: Counter[str], where: str, level: int, count: int, *, is_soon: bool) -> None:
    views["all"] += count
    views["high"] += count if level >= 3 else 0
    views["soon"] += count if is_soon else 0
    views[where] += count


def _is_wanted(where: str, approvals: tuple[str, ...]) -> bool:
    is_approved = where in {"valid", "overdue"}
    return not approvals or where in approvals or (is_approved and "approved" in approvals)
