"""One change of several systems: each examined for itself, all noted in the trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, permits
from drills.audit import services as audit
from drills.core.text import N_
from drills.systems.models import (
    Decision,
    DecisionState,
    InformationSystem,
    SystemStatus,
)
from drills.systems.services.writing import write

_NOT_YOURS = N_("You may not change this system.")
_FIXED = N_("The decision says when the level is reviewed.")
_OUT_OF_USE = N_("This system has been decommissioned already.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """``reason`` says why a system was left out; empty if it was not."""

    system: InformationSystem
    reason: str = ""
    is_changed: bool = False


def assign(
    session: Session,
    systems: Sequence[InformationSystem],
    responsible_id: int | None,
    *,
    by: Person,
) -> list[Outcome]:
    """Make somebody responsible for the systems; None: nobody."""
    return _change(session, systems, {"responsible_id": responsible_id}, {}, by)


def set_review(
    session: Session, systems: Sequence[InformationSystem], day: date | None, *, by: Person
) -> list[Outcome]:
    """Set the review day of those whose decision in force does not set it."""
    fixed = sa.select(Decision.system_id).where(
        Decision.state == DecisionState.IN_FORCE, Decision.review_due_on.is_not(None)
    )
    barred = dict.fromkeys(session.scalars(fixed), _FIXED)
    return _change(session, systems, {"review_due_on": day}, barred, by)


def _change(
    session: Session,
    systems: Sequence[InformationSystem],
    values: dict[str, Any],
    barred: dict[int, str],
    by: Person,
) -> list[Outcome]:
    made, entries = [], []
    for system in systems:
        reason = barred.get(system.id) or _refusal(system, by)
        changes = {} if reason else _written(system, values)
        if changes:
            entries.append(audit.entry("revised", system, by=by, changes=changes))
        made.append(Outcome(system, reason, bool(changes)))
    session.add_all(entries)
    session.flush()
    return made


def _refusal(system: InformationSystem, by: Person) -> str:
    if not permits(by, Permission.SYSTEM_EDIT, system):
        return _NOT_YOURS
    return _OUT_OF_USE if system.status is SystemStatus.DECOMMISSIONED else ""


def _written(system: InformationSystem, values: dict[str, Any]) -> dict[str, list[str]]:
    before = audit.columns(system)
    write(system, values)
    after = audit.columns(system)
    return {key: [before[key], after[key]] for key in after if before[key] != after[key]}
