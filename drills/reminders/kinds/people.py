"""Audiences that many kinds share: those who answer for a unit, and those who run the place."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from drills.accounts.models import Grant, Person, Role
from drills.core.text import N_
from drills.reminders.kinds.kind import At, Audience, Rows
from drills.reminders.kinds.ledger import SETTING
from drills.units.models import Unit

AUDIENCES = {
    "self": N_("The person concerned"),
    "lead": N_("The person who leads the drill"),
    "owner": N_("The person in charge"),
    "owner_deputy": N_("The deputy of the person in charge"),
    "participants": N_("Everybody who takes part"),
    "invited": N_("The person invited"),
    "told": N_("Everybody who was reminded"),
    "unit_officers": N_("The officers of the unit"),
    "manager": N_("The managers of the unit and of the one above it"),
    "role:security_team": N_("The security team"),
    "role:administrator": N_("The administrators"),
    "named": N_("The people named in the rule"),
    "deputy": N_("The deputy of somebody who is away"),
}
"""By key, in the order in which a reason is preferred when several hold for one person."""

BECAUSE = {
    "self": N_("is the person concerned"),
    "lead": N_("leads the drill"),
    "owner": N_("is in charge"),
    "owner_deputy": N_("is the deputy of the person in charge"),
    "participants": N_("takes part"),
    "invited": N_("is invited"),
    "told": N_("was reminded before"),
    "unit_officers": N_("is an officer of the unit"),
    "manager": N_("is a manager of the unit or of the one above it"),
    "role:security_team": N_("belongs to the security team"),
    "role:administrator": N_("is an administrator"),
    "named": N_("is named in the rule"),
    "deputy": N_("stands in for somebody who is away"),
}
"""The same, said of one recipient: why this one."""


OVERSEERS = (Role.SECURITY_TEAM, Role.ADMINISTRATOR)


def one(subject_id: Any, person_id: Any) -> Audience:
    """The person a column names."""

    def people(_at: At) -> tuple[Rows, ...]:
        query = sa.select(subject_id.label("subject_id"), person_id.label("person_id"))
        return (query.where(person_id.is_not(None)),)

    return people


def of_unit(units: Callable[[], Rows], owner: Audience | None = None) -> dict[str, Audience]:
    """Officers, managers and those with a role over the unit; ``units`` selects (id, unit_id).

    With an ``owner`` also who stands in for them, away or not.
    """
    deputies = {"owner_deputy": _deputies(owner, units)} if owner else {}
    return deputies | {
        "unit_officers": _at_unit(units, Role.UNIT_OFFICER),
        "manager": _at_unit(units, Role.MANAGER, above=True),
        **{f"role:{role.value}": _over_unit(units, role) for role in OVERSEERS},
    }


def _deputies(owner: Audience, units: Callable[[], Rows]) -> Audience:
    """Those the owners have named, where they may see the unit."""

    def people(at: At) -> tuple[Rows, ...]:
        subject = units().subquery()
        return tuple(
            sa.select(found.c.subject_id, SETTING.c.deputy_id.label("person_id"))
            .join(SETTING, SETTING.c.person_id == found.c.person_id)
            .join(subject, subject.c.id == found.c.subject_id)
            .join(Person, Person.id == SETTING.c.deputy_id)
            .where(sees_unit(Person, subject.c.unit_id))
            for found in (query.subquery() for query in owner(at))
        )

    return people


def _at_unit(units: Callable[[], Rows], role: Role, *, above: bool = False) -> Audience:
    def people(_at: At) -> tuple[Rows, ...]:
        subject = units().subquery()
        scope = scope_of(Person)
        here = [scope == subject.c.unit_id]
        if above:
            parent = sa.select(Unit.parent_id).where(Unit.id == subject.c.unit_id)
            here.append(scope == parent.scalar_subquery())
        query = (
            sa.select(subject.c.id.label("subject_id"), Person.id.label("person_id"))
            .join(Person, sa.and_(sa.or_(*here), Person.active))
            .join(Grant, sa.and_(Grant.person_id == Person.id, Grant.role == role))
        )
        return (query,)

    return people


def _over_unit(units: Callable[[], Rows], role: Role) -> Audience:
    def people(_at: At) -> tuple[Rows, ...]:
        subject = units().subquery()
        holds = sa.and_(Grant.person_id == Person.id, Grant.role == role)
        query = (
            sa.select(subject.c.id.label("subject_id"), Person.id.label("person_id"))
            .select_from(subject)
            .join(Person, sees_unit(Person, subject.c.unit_id))
            .join(Grant, holds)
        )
        return (query,)

    return people


def scope_of(person: Any) -> Any:
    """The unit whose tree a person sees."""
    return sa.func.coalesce(person.scope_id, person.unit_id)


def sees_unit(person: Any, unit_id: Any) -> sa.ColumnElement[bool]:
    """Whether the unit lies in the tree that ``person``, who signs in, sees by their role."""
    above, below = aliased(Unit), aliased(Unit)
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
