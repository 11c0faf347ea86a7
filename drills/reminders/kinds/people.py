"""Audiences that many kinds share: those who answer for a unit, and those who run the place."""

from typing import Any

import sqlalchemy as sa

from drills.accounts.models import Grant, Person, Role
from drills.core.text import N_
from drills.units.models import Unit

AUDIENCES = {
    "lead": N_("The person who leads the drill"),
    "participants": N_("Everybody who takes part"),
    "invited": N_("The person invited"),
    "told": N_("Everybody who was reminded"),
    "named": N_("The people named in the rule"),
    "deputy": N_("The deputy of somebody who is away"),
}
"""By key, in the order in which a reason is preferred when several hold for one person."""


def scope_of(person: Any) -> Any:
    """The unit whose tree a person sees."""
    return sa.func.coalesce(person.scope_id, person.unit_id)


def sees_unit(person: Any, unit_id: Any) -> sa.ColumnElement[bool]:
    """Whether the unit lies in the tree that ``person``, who signs in, sees by their role."""
    above, below = sa.orm.aliased(Unit), sa.orm.aliased(Unit)
    inside = sa.func.substr(below.path, 1, sa.func.length(above.path)) == above.path
    by_role = sa.select(1).where(Grant.person_id == person.id, Grant.role != Role.IR_MEMBER)
    return sa.and_(
        person.active,
        by_role.correlate(person).exists(),
        sa.select(1)
        .where(above.id == scope_of(person), below.id == unit_id, inside)
        .correlate_except(above, below)
        .exists(),
    )
