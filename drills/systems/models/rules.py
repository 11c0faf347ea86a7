"""What must hold between the parts of a record, whoever writes it and by whichever road."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from drills.core.text import N_
from drills.systems.models.decisions import DecisionDetails
from drills.systems.models.record import (
    Approval,
    InformationSystem,
    SystemDetails,
    SystemStatus,
)

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
    "review_due_on": N_("Review due"),
    "responsible_id": N_("Responsible"),
    "plan_state": N_("Security plan"),
    "plan_expected_on": N_("Plan expected to be done"),
    "approval_expected_on": N_("Approval expected"),
    "regulation_number": N_("Number of the security regulation"),
    "regulation_date": N_("Date of the security regulation"),
    "regulation_authority": N_("Who issued the security regulation"),
}
DECISION_FIELDS = {
    "decision_number": N_("Decision number"),
    "decision_date": N_("Date of the decision"),
    "decision_authority": N_("Authority that decided"),
    "signer": N_("Signer"),
    "valid_until": N_("Valid until"),
}
"""What a list says of the decision in force; a form says nothing of it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with ``field``; ``reason`` and ``remedy`` are msgids for ``values``."""

    field: str
    reason: str
    remedy: str
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict, hash=False)


_NO_NAME = Fault("name", N_("The name is missing."), N_("Write the name of the system."))
_BY_DECISION = Fault(
    "approval",
    N_("A level is approved by a decision, never by a word in the register."),
    N_("Open a dossier, or record the decision that was taken."),
)
_DECIDED = {
    "level": N_("The level of this system has been decided."),
    "approval": N_("The level of this system has been approved."),
    "review_due_on": N_("The decision says when the level is reviewed."),
}
_DECIDE_ANEW = N_("Open a dossier for the change; the decision on it changes the register.")
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
_NO_AUTHORITY = Fault(
    "decision_authority",
    N_("An approval needs the authority that took the decision."),
    N_("Give the authority, such as UBND tỉnh."),
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
_ENDS_FIRST = Fault(
    "valid_until",
    N_("The decision ends before it was signed."),
    N_("Mend one of the two dates."),
)
_SECRETS = Fault(
    "level",
    N_("A system that processes state secrets is of level 3 or above (85/2016/NĐ-CP, art. 9)."),
    N_("Raise the level, or correct what the system processes."),
)


@dataclass(frozen=True, slots=True)
class Said:
    """A decision as a list tells of it, whole or not."""

    level: int | None
    number: str = ""
    signed_on: date | None = None
    authority: str = ""
    signer: str = ""
    valid_until: date | None = None
    review_due_on: date | None = None

    def details(self) -> DecisionDetails:
        """The decision, once it has no faults."""
        assert self.level is not None
        assert self.signed_on is not None
        return DecisionDetails(
            number=self.number,
            signed_on=self.signed_on,
            authority=self.authority,
            level=self.level,
            signer=self.signer,
            valid_until=self.valid_until,
            review_due_on=self.review_due_on,
        )


def faults(
    details: SystemDetails,
    system: InformationSystem | None = None,
    *,
    has_fixed_review: bool = False,
) -> Iterator[Fault]:
    """Everything wrong with ``details`` for ``system`` (none: a new one).

    ``has_fixed_review``: the decision in force says when the level is reviewed.
    """
    if not details.name:
        yield _NO_NAME
    if system is not None and system.is_approved:
        yield from _overruled(details, system, has_fixed_review=has_fixed_review)
    elif details.approval is Approval.APPROVED:
        yield _BY_DECISION
    is_used = details.status is not SystemStatus.DECOMMISSIONED
    if is_used and details.has_state_secrets and (details.level or 5) < 3:
        yield _SECRETS


def _overruled(
    details: SystemDetails, system: InformationSystem, *, has_fixed_review: bool
) -> Iterator[Fault]:
    fixed = _DECIDED if has_fixed_review else _DECIDED.keys() - {"review_due_on"}
    for name in fixed:
        if getattr(details, name) != getattr(system, name):
            yield Fault(name, _DECIDED[name], _DECIDE_ANEW)


def decision_faults(decision: Said, on: date) -> Iterator[Fault]:
    """Everything wrong with a decision that a list tells of, as of the day ``on``."""
    missing = {
        _NO_LEVEL: decision.level,
        _NO_NUMBER: decision.number,
        _NO_DATE: decision.signed_on,
        _NO_AUTHORITY: decision.authority,
    }
    yield from (fault for fault, value in missing.items() if not value)
    if decision.signed_on is not None:
        if decision.signed_on > on:
            yield _NOT_YET
        if (decision.review_due_on or date.max) < decision.signed_on:
            yield _REVIEW_FIRST
        if (decision.valid_until or date.max) < decision.signed_on:
            yield _ENDS_FIRST
