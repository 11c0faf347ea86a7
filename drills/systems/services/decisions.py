"""Decisions on levels, and the register's summary of the one in force; both written only here."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core import clock
from drills.core.errors import DomainError, NotAllowedNow, Refused
from drills.core.text import N_, fold
from drills.systems.models import (
    Approval,
    Decision,
    DecisionDetails,
    DecisionKind,
    DecisionState,
    InformationSystem,
)
from drills.systems.services.snapshots import differences, is_intact, sha256_of, snapshot_of
from drills.units.models import Organisation

__all__ = (
    "differences",
    "enact",
    "end_all",
    "fixes_review",
    "in_force",
    "is_intact",
    "of_system",
    "of_systems",
    "record_first",
    "record_historical",
    "set_stage",
    "sha256_of",
    "snapshot_of",
    "summarise",
    "withdraw",
)

_KNOWN = N_("Decision %(number)s of that day is recorded already.")
LEVEL_FIVE = frozenset({DecisionKind.LIST, DecisionKind.PLAN})
"""The two decisions that approve a level of 5 together."""


def enact(
    session: Session,
    system: InformationSystem,
    details: DecisionDetails,
    *,
    snapshot: dict[str, Any],
    by: Person,
    at: datetime,
) -> Decision:
    """Put a decision in force; the one it takes the place of is superseded."""
    level = {"level": str(details.level)}
    snapshot = snapshot | {"system": snapshot.get("system", {}) | level}
    replaced = [d for d in in_force(session, system) if d.kind is details.kind]
    decision = Decision(system_id=system.id, **asdict(details), recorded_at=at, recorded_by=by)
    decision.snapshot, decision.snapshot_sha256 = snapshot, sha256_of(snapshot)
    _end(session, replaced, DecisionState.SUPERSEDED, details.signed_on, "")
    session.add(decision)
    session.flush()
    _succeed(session, replaced, decision)
    audit.record(session, "decision.enacted", decision, by=by, changes=_told(decision))
    _replace_other_kinds(session, system, decision)
    summarise(session, system, at=at)
    return decision


def record_historical(
    session: Session,
    system: InformationSystem,
    details: DecisionDetails,
    *,
    by: Person | None,
    on: date,
    at: datetime | None = None,
) -> Decision:
    """Record a decision from before levels were approved here. DomainError if it is not one."""
    _examine_historical(details, _since(session), by=by, on=on)
    others = [d for d in of_system(session, system) if d.kind is details.kind]
    if any(d.number == details.number and d.signed_on == details.signed_on for d in others):
        raise DomainError(_KNOWN, number=details.number)
    newer = [d for d in others if d.signed_on > details.signed_on or not d.is_historical]
    decision = _historical(system, details, by=by, at=at or clock.now())
    if newer:
        after = min(newer, key=lambda one: (one.signed_on, one.id))
        decision.state, decision.successor_id = DecisionState.SUPERSEDED, after.id
        decision.ended_on = after.signed_on
    older = [] if newer else [d for d in others if d.state is DecisionState.IN_FORCE]
    _end(session, older, DecisionState.SUPERSEDED, details.signed_on, "")
    session.add(decision)
    session.flush()
    _succeed(session, older, decision)
    audit.record(session, "decision.recorded", decision, by=by, changes=_told(decision))
    summarise(session, system, at=decision.recorded_at)
    return decision


def record_first(
    session: Session,
    given: Sequence[tuple[InformationSystem, DecisionDetails]],
    *,
    by: Person | None,
    on: date,
    at: datetime | None = None,
) -> None:
    """``record_historical`` for many systems that have no decision yet, in few statements."""
    since = _since(session)
    for _system, details in given:
        _examine_historical(details, since, by=by, on=on)
    at = at or clock.now()
    decisions = [_historical(system, details, by=by, at=at) for system, details in given]
    session.add_all(decisions)
    for decision in decisions:
        _show(decision.system, decision, at)
    session.flush()
    session.add_all(
        audit.entry("decision.recorded", decision, by=by, changes=_told(decision))
        for decision in decisions
    )
    session.flush()


def _historical(
    system: InformationSystem, details: DecisionDetails, *, by: Person | None, at: datetime
) -> Decision:
    return Decision(
        system=system, **asdict(details), is_historical=True, recorded_at=at, recorded_by=by
    )


def _since(session: Session) -> date | None:
    """The day from which levels are approved here."""
    home = session.get(Organisation, 1)
    return home.approvals_since if home else None


def _examine_historical(
    details: DecisionDetails, since: date | None, *, by: Person | None, on: date
) -> None:
    if not details.number or not details.authority or details.signed_on is None:
        raise DomainError(
            N_("A decision needs its number and the authority that took it. Add what is missing.")
        )
    if details.signed_on > on:
        raise DomainError(N_("This date lies in the future."))
    if since and details.signed_on >= since:
        raise DomainError(
            N_("Decisions since %(day)s are taken on the dossier. Open one for this system."),
            day=since.strftime("%d/%m/%Y"),
        )
    if by and details.signer and fold(details.signer) == fold(by.name):
        raise Refused(N_("Whoever signed a decision does not record it. Somebody else does."))


def withdraw(session: Session, decision: Decision, reason: str, *, by: Person, on: date) -> None:
    """End a decision before its time; it stays in the history of its system."""
    if decision.state is not DecisionState.IN_FORCE:
        raise NotAllowedNow(N_("This decision is no longer in force."))
    if not reason:
        raise DomainError(N_("Say why: the reason is quoted in the history."))
    _end(session, [decision], DecisionState.WITHDRAWN, on, reason)
    changes = {"state": ["in_force", "withdrawn"], "reason": ["", reason]}
    audit.record(session, "decision.withdrawn", decision, by=by, changes=changes)
    summarise(session, decision.system)


def end_all(session: Session, system: InformationSystem, *, by: Person | None, on: date) -> None:
    """End the decisions on a system that is taken out of use. Its summary stays as it was."""
    found = in_force(session, system)
    _end(session, found, DecisionState.ENDED, on, "")
    for decision in found:
        changes = {"state": ["in_force", "ended"]}
        audit.record(session, "decision.ended", decision, by=by, changes=changes)


def set_stage(session: Session, system: InformationSystem, stage: Approval) -> None:
    """Let the register show how far a dossier is; a level that is approved outweighs it."""
    if system.approval not in {Approval.APPROVED, stage}:
        system.approval = stage
        session.flush()


def summarise(session: Session, system: InformationSystem, *, at: datetime | None = None) -> None:
    """Write into the register what is in force; without a decision its level is a proposal."""
    decision = _ruling(in_force(session, system))
    if decision is None:
        if system.approval is Approval.APPROVED:
            system.approval, system.decided_at = Approval.NONE, None
            system.decision_number = system.decision_authority = ""
            system.decision_date = system.review_due_on = system.valid_until = None
    else:
        _show(system, decision, at or decision.recorded_at)
    session.flush()


def _show(system: InformationSystem, decision: Decision, at: datetime) -> None:
    is_same = (system.decision_number, system.decision_date) == (
        decision.number,
        decision.signed_on,
    )
    system.approval, system.level = Approval.APPROVED, decision.level
    system.decision_number, system.decision_date = decision.number, decision.signed_on
    system.decision_authority = decision.authority
    system.valid_until = decision.valid_until
    if decision.review_due_on or not is_same:
        system.review_due_on = decision.review_due_on
    system.decided_at = at


def fixes_review(session: Session, system: InformationSystem) -> bool:
    """Whether the decision in force says when the level is reviewed, and nobody else may."""
    decision = _ruling(in_force(session, system)) if system.is_approved else None
    return decision is not None and decision.review_due_on is not None


def _ruling(found: Sequence[Decision]) -> Decision | None:
    """The decision that approves the level: of kind LEVEL, or the list once it has its plan."""
    kinds = {decision.kind: decision for decision in found}
    if kinds.keys() >= LEVEL_FIVE:
        return kinds[DecisionKind.LIST]
    return kinds.get(DecisionKind.LEVEL)


def in_force(session: Session, system: InformationSystem) -> list[Decision]:
    return [d for d in of_system(session, system) if d.state is DecisionState.IN_FORCE]


def of_system(session: Session, system: InformationSystem) -> list[Decision]:
    """Every decision there ever was on a system, the oldest first."""
    query = sa.select(Decision).where(Decision.system_id == system.id)
    return list(session.scalars(query.order_by(Decision.signed_on, Decision.id)))


def of_systems(session: Session, ids: Sequence[int]) -> set[int]:
    """Those of ``ids`` whose systems have any decision."""
    query = sa.select(Decision.system_id).where(Decision.system_id.in_(ids)).distinct()
    return set(session.scalars(query)) if ids else set()


def _replace_other_kinds(session: Session, system: InformationSystem, new: Decision) -> None:
    """A level of 5 is approved by two decisions, a lower one by one: the others give way."""
    found = in_force(session, system)
    kinds = {decision.kind for decision in found}
    gone: list[Decision] = []
    if new.kind is DecisionKind.LEVEL:
        gone = [d for d in found if d.kind in LEVEL_FIVE]
    elif kinds >= LEVEL_FIVE:
        gone = [d for d in found if d.kind is DecisionKind.LEVEL]
    _end(session, gone, DecisionState.SUPERSEDED, new.signed_on, "")
    _succeed(session, gone, new)


def _end(
    session: Session, found: Sequence[Decision], state: DecisionState, on: date, reason: str
) -> None:
    for decision in found:
        decision.state, decision.ended_on, decision.ended_reason = state, on, reason
    session.flush()


def _succeed(session: Session, found: Sequence[Decision], new: Decision) -> None:
    for decision in found:
        decision.successor_id = new.id
    session.flush()


def _told(decision: Decision) -> dict[str, list[str]]:
    return {
        "number": ["", decision.number],
        "level": ["", str(decision.level)],
        "signed_on": ["", str(decision.signed_on)],
    }
