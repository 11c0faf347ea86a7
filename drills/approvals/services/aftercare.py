"""After the decision: checks that were made, conditions that were met."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.approvals.models import (
    CHECK_KINDS,
    Check,
    CheckDetails,
    Condition,
    ConditionDetails,
)
from drills.audit import services as audit
from drills.core.errors import Conflict, DomainError, NotAllowedNow
from drills.core.text import N_
from drills.files.models import StoredFile
from drills.systems.models import Decision, InformationSystem

STALE = N_(
    "Somebody else has changed this since you opened it. Open it again and repeat your change."
)


def record_check(
    session: Session,
    system: InformationSystem,
    details: CheckDetails,
    *,
    file: StoredFile | None = None,
    by: Person | None,
    on: date,
) -> Check:
    """Note a check of ``system``. DomainError if it lies ahead or nobody is named."""
    _examine(details, on)
    check = Check(system=system, file=file, **asdict(details))
    session.add(check)
    changes = {"kind": ["", CHECK_KINDS[check.kind]], "done_on": ["", str(check.done_on)]}
    audit.record(session, "check.recorded", check, by=by, changes=changes)
    audit.record(session, "checked", system, by=by, changes=changes)
    return check


def correct_check(  # noqa: PLR0913 - as above
    session: Session,
    check: Check,
    details: CheckDetails,
    *,
    file: StoredFile | None = None,
    version: int,
    by: Person | None,
    on: date,
) -> None:
    """Put a check right; without ``file`` it keeps the report it has."""
    if check.version != version:
        raise Conflict(STALE)
    _examine(details, on)
    with audit.changing(session, "check.corrected", check, by=by):
        _write(check, asdict(details) | ({"file_id": file.id} if file else {}))
        session.flush()


def _examine(details: CheckDetails, on: date) -> None:
    if details.done_on > on:
        raise DomainError(
            N_("The check lies in the future. Record it on the day it was made, or later.")
        )
    if not details.done_by:
        raise DomainError(N_("Name the body that made the check."))
    if details.findings < 0:
        raise DomainError(N_("The number of findings cannot be below nought."))


def _write(thing: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if getattr(thing, name) != value:
            setattr(thing, name, value)


def impose(
    session: Session, decision: Decision, details: ConditionDetails, *, by: Person | None
) -> Condition:
    """Give ``decision`` a condition. DomainError without words, or due before it was signed."""
    _weigh(details, decision)
    condition = Condition(decision=decision, **asdict(details))
    session.add(condition)
    changes = {"text": ["", details.text], "due_on": ["", str(details.due_on or "")]}
    audit.record(session, "condition.imposed", condition, by=by, changes=changes)
    return condition


def reassign(
    session: Session,
    condition: Condition,
    details: ConditionDetails,
    *,
    version: int,
    by: Person | None,
) -> None:
    """Say who owes a condition by when, or put its words right, while it is open."""
    if condition.version != version:
        raise Conflict(STALE)
    _refuse_met(condition)
    _weigh(details, condition.decision)
    with audit.changing(session, "condition.reassigned", condition, by=by):
        _write(condition, asdict(details))
        session.flush()


def meet(
    session: Session,
    condition: Condition,
    note: str,
    *,
    evidence: StoredFile | None = None,
    by: Person,
    at: datetime,
) -> None:
    """Note that a condition is met. DomainError without a word or a file that shows it."""
    _refuse_met(condition)
    if not note and evidence is None:
        raise DomainError(N_("Say what was done, or hand in the file that shows it."))
    with audit.changing(session, "condition.met", condition, by=by):
        condition.note, condition.met_at, condition.met_by = note, at, by
        condition.evidence = evidence
        session.flush()


def reopen(session: Session, condition: Condition, reason: str, *, by: Person) -> None:
    """Take back that a condition is met; its evidence stays."""
    if condition.met_at is None:
        raise NotAllowedNow(N_("This condition is open already."))
    if not reason:
        raise DomainError(N_("Say why the condition is not met after all."))
    with audit.changing(session, "condition.reopened", condition, by=by):
        condition.note, condition.met_at, condition.met_by = reason, None, None
        session.flush()


def _refuse_met(condition: Condition) -> None:
    if condition.met_at is not None:
        raise NotAllowedNow(N_("This condition is met. Reopen it first."))


def _weigh(details: ConditionDetails, decision: Decision) -> None:
    if not details.text:
        raise DomainError(N_("Say what the condition asks for."))
    if details.due_on and details.due_on < decision.signed_on:
        raise DomainError(N_("The condition is due before the decision was signed."))
