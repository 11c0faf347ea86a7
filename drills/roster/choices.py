"""What the filters of a list of people offer."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.roster.models import Team
from drills.units.models import Unit

Choices = dict[str, list[tuple[int, str]]]


def choices(session: Session, viewer: Person, unit_id: int | None) -> Choices:
    """By ``team`` and ``unit``: the teams to choose from and the unit chosen; one statement."""
    teams: Any = visible(Team, viewer)
    unit: Any = visible(Unit, viewer).where(Unit.id == unit_id)
    rows = sa.union_all(
        teams.with_only_columns(sa.literal("team").label("kind"), Team.id, Team.name, Team.sort),
        unit.with_only_columns(sa.literal("unit"), Unit.id, Unit.name, Unit.sort),
    ).subquery()
    found: Choices = {"team": [], "unit": []}
    for kind, identity, name, _sort in session.execute(sa.select(rows).order_by(rows.c.sort)):
        found[kind].append((identity, name))
    return found
