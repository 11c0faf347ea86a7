"""A record before it is written: that of a new system, and that of one as it stands."""

from dataclasses import fields, replace
from typing import Any

from drills.systems.models import (
    Approval,
    InformationSystem,
    SystemDetails,
    SystemKind,
    SystemStatus,
)

NEW = SystemDetails(
    code="",
    name="",
    description="",
    owner_id=0,
    operator_id=0,
    kind=SystemKind.INTERNAL,
    has_public_information=False,
    has_private_information=False,
    has_personal_data=False,
    has_state_secrets=False,
    status=SystemStatus.OPERATING,
    level=None,
    approval=Approval.NONE,
    review_due_on=None,
    responsible_id=None,
)
EMPTY = {"kind": NEW.kind, "status": NEW.status, "approval": NEW.approval}
"""What an empty cell of a choice stands for."""


def with_units(values: dict[str, Any], current: SystemDetails) -> dict[str, Any]:
    """Owner and operator stand in for each other where a row names only one of them."""
    owner = values.get("owner_id", current.owner_id)
    operator = values.get("operator_id", current.operator_id)
    pair = {"owner_id": owner or operator or 0, "operator_id": operator or owner or 0}
    return values | pair


def undecided(details: SystemDetails, system: InformationSystem | None) -> SystemDetails:
    """The details with level, approval and review as the register has them: decisions set them."""
    was = system or NEW
    return replace(details, level=was.level, approval=was.approval, review_due_on=was.review_due_on)


def details_of(system: InformationSystem) -> SystemDetails:
    return SystemDetails(**{f.name: getattr(system, f.name) for f in fields(SystemDetails)})
