"""Duties due soon and overdue: what is required, periodic checks, reports after drills."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from drills.core.text import N_
from drills.obligations.kinds.satisfaction import BY_LINK
from drills.obligations.models import (
    Obligation,
    ObligationRule,
    Standing,
    SubjectKind,
    responsible,
)
from drills.reminders.kinds.kind import At, Default, Direction, Kind, Rows
from drills.reminders.kinds.people import of_unit

AFTER = Direction.AFTER
OWED = (Standing.OVERDUE, Standing.DUE_SOON, Standing.NOT_YET)


def _owed(*conditions: sa.ColumnElement[bool]) -> Any:
    def subjects(_at: At) -> Rows:
        return (
            sa.select(Obligation.id, Obligation.next_due_on.label("anchor_on"), Obligation.unit_id)
            .join(ObligationRule, ObligationRule.id == Obligation.rule_id)
            .where(
                ObligationRule.reminds,
                ObligationRule.is_active,
                ObligationRule.met_by.not_in(BY_LINK),
                Obligation.next_due_on.is_not(None),
                Obligation.state.in_(OWED),
                *conditions,
            )
        )

    return subjects


def _responsible(at: At) -> tuple[Rows, ...]:
    found = responsible(at.today).subquery()
    columns = found.c.obligation_id.label("subject_id"), found.c.person_id
    return (sa.select(*columns),)


_OF_A_DUTY: dict[str, Any] = {
    "model": Obligation,
    "endpoint": "obligations.note",
    "place": lambda obligation: {"obligation_id": obligation.id},
    "title": lambda obligation: obligation.rule.title,
    "loads": (joinedload(Obligation.rule), joinedload(Obligation.unit)),
    "audiences": {
        "owner": _responsible,
        **of_unit(lambda: sa.select(Obligation.id, Obligation.unit_id), _responsible),
    },
    "groups": True,
}

OBLIGATIONS = (
    Kind(
        key="obligation_due",
        label=N_("Duty due"),
        folder="obligation_due",
        subjects=_owed(Obligation.subject_kind != SubjectKind.DRILL),
        defaults=(
            Default(30, audiences=("owner",)),
            Default(7, audiences=("owner",)),
            Default(1, direction=AFTER, audiences=("owner", "owner_deputy", "unit_officers")),
            Default(14, direction=AFTER, audiences=("owner", "manager")),
        ),
        **_OF_A_DUTY,
    ),
    Kind(
        key="aar_due",
        label=N_("Report of a drill due"),
        folder="aar_due",
        subjects=_owed(Obligation.subject_kind == SubjectKind.DRILL),
        defaults=(
            Default(5, audiences=("owner",)),
            Default(1, audiences=("owner",)),
            Default(3, direction=AFTER, audiences=("owner", "manager")),
        ),
        **_OF_A_DUTY,
    ),
)
