"""What the home page says of improvement: actions that are late, and how fast we have become."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.exercises.models import DONE, Drill
from drills.exercises.models.results import MINUTE
from drills.exercises.services.results import summaries
from drills.findings import lists
from drills.findings.models import CorrectiveAction
from drills.web.dumbbells import Dumbbells, Pair, dumbbells

SHOWN = 5
DRILLS = 6
"""How many drills the chart of detection and containment goes back."""


@dataclass(frozen=True)
class Improvement:
    """``late`` are the first few of ``late_count``; ``to_verify`` waits for somebody else."""

    late: Sequence[CorrectiveAction]
    late_count: int
    to_verify: int
    pace: Dumbbells | None


def gather(session: Session, person: Person, today: date) -> Improvement:
    figures = lists.counts(session, lists.Wanted(on=today), person)
    late: Sequence[CorrectiveAction] = ()
    if figures["overdue"]:
        query = lists.ordered(lists.Wanted(on=today, standings=("overdue",)), person)
        late = session.scalars(query.limit(SHOWN)).unique().all()
    return Improvement(
        late=late,
        late_count=figures["overdue"],
        to_verify=figures["to_verify"],
        pace=_pace(session, person),
    )


def _pace(session: Session, person: Person) -> Dumbbells | None:
    """Mean time to detect and to contain of the last drills that have them, oldest first."""
    done: sa.Select[Any] = visible(Drill, person).where(Drill.status.in_(DONE))
    drills = session.scalars(
        done.order_by(Drill.starts_at.desc()).limit(DRILLS * 3).options(joinedload(Drill.unit))
    ).all()
    found = summaries(session, [drill.id for drill in drills])
    timed = [drill for drill in drills if drill.id in found and found[drill.id].mttd is not None]
    return dumbbells(
        [
            Pair(drill.code, _minutes(found[drill.id].mttd), _minutes(found[drill.id].mttr))
            for drill in reversed(timed[:DRILLS])
        ]
    )


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / MINUTE
