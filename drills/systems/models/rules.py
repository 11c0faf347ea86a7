"""What must hold between the parts of a record, whoever writes it and by whichever road."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from drills.core.text import N_
from drills.systems.models.record import Approval, SystemDetails, SystemStatus

FIELDS = {
    "code": N_("Code"),
    "name": N_("Name of the system"),
    "description": N_("Description"),
    "owner_id": N_("Owner"),
    "operator_id": N_("Operator"),
    "kind": N_("Type"),
    "has_public_information": N_("Public information"),
    "has_private_information": N_("Private information"),
    "has_personal_data": N_("Personal data"),
    "has_state_secrets": N_("State secrets"),
    "status": N_("Operating status"),
    "level": N_("Level"),
    "approval": N_("Approval of the level"),
    "decision_number": N_("Decision number"),
    "decision_date": N_("Date of the decision"),
    "decision_authority": N_("Authority that decided"),
    "review_due_on": N_("Review due"),
    "responsible_id": N_("Responsible"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with ``field``; ``reason`` and ``remedy`` are msgids."""

    field: str
    reason: str
    remedy: str


_NO_NAME = Fault("name", N_("The name is missing."), N_("Write the name of the system."))
_NO_LEVEL = Fault(
    "level", N_("An approved system has a level."), N_("Give the level that was approved, 1 to 5.")
)
_NO_NUMBER = Fault(
    "decision_number",
    N_("An approval needs the number of its decision."),
    N_("Give the number of the decision, such as 1482/QĐ-UBND."),
)
_NO_DATE = Fault(
    "decision_date",
    N_("An approval needs the date of its decision."),
    N_("Give the date of the decision, such as 23/11/2026."),
)
_NOT_YET = Fault(
    "decision_date",
    N_("This date lies in the future."),
    N_("Give the day on which the decision was signed."),
)
_REVIEW_FIRST = Fault(
    "review_due_on",
    N_("The review is due before the decision was signed."),
    N_("Mend one of the two dates."),
)
_SECRETS = Fault(
    "level",
    N_("A system that processes state secrets is of level 3 or above (85/2016/NĐ-CP, art. 9)."),
    N_("Raise the level, or correct what the system processes."),
)


def faults(details: SystemDetails, on: date) -> Iterator[Fault]:
    """Everything wrong with ``details`` as of the day ``on``."""
    if not details.name:
        yield _NO_NAME
    if details.approval is Approval.APPROVED:
        yield from _approval_faults(details)
    if details.decision_date and details.decision_date > on:
        yield _NOT_YET
    if details.decision_date and (details.review_due_on or date.max) < details.decision_date:
        yield _REVIEW_FIRST
    is_used = details.status is not SystemStatus.DECOMMISSIONED
    if is_used and details.has_state_secrets and (details.level or 5) < 3:
        yield _SECRETS


def _approval_faults(details: SystemDetails) -> Iterator[Fault]:
    if details.level is None:
        yield _NO_LEVEL
    if not details.decision_number:
        yield _NO_NUMBER
    if details.decision_date is None:
        yield _NO_DATE
