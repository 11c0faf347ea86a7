"""Questions about the register: how many systems stand where, and whose review is due."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.systems.models import InformationSystem, remembered, scope_of
from drills.systems.models.register import is_due_soon, is_overdue, standing_on

System = InformationSystem


@dataclass
class Standings:
    """Systems by (level, standing); level 0 where none is determined, standing as in the
    register: an approval, with the approved parted into ``valid`` and ``overdue``.
    """

    cells: Counter[tuple[int, str]] = field(default_factory=Counter)
    due_soon: int = 0

    @property
    def total(self) -> int:
        return self.cells.total()

    def standing(self, *names: str) -> int:
        return sum(count for (_level, name), count in self.cells.items() if name in names)

    def at(self, level: int, *names: str) -> int:
        return sum(self.cells[level, name] for name in names)

    @property
    def approved(self) -> int:
        """Approved and with a level: the level is what was approved."""
        return self.standing("valid", "overdue")

    @property
    def overdue(self) -> int:
        return self.standing("overdue")


def standings(session: Session, person: Person, on: date) -> Standings:
    """In one statement, and in none until the register changes; nobody may change the answer."""
    key = ("standings", scope_of(person), on)
    return remembered(session, key, lambda: _standings(session, person, on))


def _standings(session: Session, person: Person, on: date) -> Standings:
    groups = (
        visible(System, person)
        .with_only_columns(
            sa.func.coalesce(System.level, 0).label("level"),
            standing_on(on).label("standing"),
            is_due_soon(on).label("is_soon"),
        )
        .subquery()
    )
    found = Standings()
    query: sa.Select[Any] = sa.select(*groups.c, sa.func.count()).group_by(*groups.c)
    for level, standing, is_soon, count in session.execute(query):
        found.cells[level, standing] += count
        found.due_soon += count if is_soon else 0
    return found


def reviews_due(
    session: Session, person: Person, on: date, limit: int = 6
) -> Sequence[InformationSystem]:
    """Approved systems whose review is late or due within a month, the most late first."""
    return session.scalars(
        visible(System, person)
        .where(sa.or_(is_overdue(on), is_due_soon(on)))
        .order_by(System.reappraisal_day(), System.id)
        .limit(limit)
        .options(joinedload(System.operator))
    ).all()
