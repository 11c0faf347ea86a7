"""Corrective actions due and overdue."""

from operator import attrgetter

import sqlalchemy as sa

from drills.core.text import N_
from drills.findings.models import TO_DO, CorrectiveAction
from drills.reminders.kinds.kind import At, Default, Direction, Kind, Rows
from drills.reminders.kinds.people import of_unit, one

AFTER = Direction.AFTER
_OWNER = one(CorrectiveAction.id, CorrectiveAction.owner_id)


def _to_do(_at: At) -> Rows:
    return sa.select(
        CorrectiveAction.id, CorrectiveAction.due_on.label("anchor_on"), CorrectiveAction.unit_id
    ).where(CorrectiveAction.state.in_(TO_DO))


FINDINGS = (
    Kind(
        key="action_due",
        label=N_("Corrective action due"),
        folder="action_due",
        model=CorrectiveAction,
        endpoint="findings.show",
        place=lambda action: {"corrective_action_id": action.id},
        title=attrgetter("title"),
        subjects=_to_do,
        audiences={
            "owner": _OWNER,
            **of_unit(lambda: sa.select(CorrectiveAction.id, CorrectiveAction.unit_id), _OWNER),
        },
        defaults=(
            Default(7, audiences=("owner",)),
            Default(1, audiences=("owner",)),
            Default(1, direction=AFTER, audiences=("owner", "owner_deputy", "unit_officers")),
            Default(7, direction=AFTER, audiences=("owner", "unit_officers", "manager")),
        ),
        groups=True,
    ),
)
