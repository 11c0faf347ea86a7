"""The register as it stood on a day, told from what never changes: decisions, events, the trail.

A decision counts from the day it was signed to the day it ended, also one that was recorded
later; the stage of a dossier is that of its last event. What only the record itself says (its
operating status, the state of its plan) is read back through the audit trail; of the time before
a system was entered nobody knows it. Units are those of today.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.approvals.models import Dossier, DossierEvent, State
from drills.audit.models import Entry
from drills.core import due
from drills.systems.models import (
    Approval,
    Decision,
    DecisionKind,
    DecisionState,
    InformationSystem,
    PlanState,
    SystemStatus,
)

STAGES = {
    State.DRAFT: "drafting",
    State.RETURNED: "drafting",
    State.SUBMITTED: "sent",
    State.IN_APPRAISAL: "sent",
    State.APPRAISED: "appraised",
}
"""What a dossier's state means for its system; the states that end it mean nothing more."""
TOLD = ("status", "plan_state", "approval", "review_due_on")
"""Columns of a record that are read back through the trail."""

System = InformationSystem


@dataclass(frozen=True, slots=True)
class Past:
    """One system on the day asked for.

    ``standing`` is a key of ``systems.models.STANDINGS``; ``level`` is the decided one, else the
    proposed one, 0 without either. ``was_decided``: some decision had been signed by then.
    """

    id: int
    code: str
    name: str
    owner_id: int
    operator_id: int
    standing: str
    level: int
    status: SystemStatus
    plan_state: PlanState | None
    was_decided: bool
    decision: "Signed | None" = None

    @property
    def is_in_use(self) -> bool:
        return self.status is not SystemStatus.DECOMMISSIONED

    @property
    def is_approved(self) -> bool:
        return self.standing in {"valid", "overdue"}

    @property
    def is_fully(self) -> bool:
        """Approved, and its protection plan fully implemented."""
        return self.is_approved and self.plan_state is PlanState.FULLY

    @property
    def share(self) -> str:
        """``approved``, ``expired``, ``pending``, ``never`` or ``ended``."""
        if self.is_approved:
            return "expired" if self.standing == "overdue" else "approved"
        if self.standing != "none":
            return "pending"
        return "ended" if self.was_decided else "never"


@dataclass(frozen=True, slots=True)
class Signed:
    """What is needed of a decision; ``id`` is None for one known only from the record."""

    id: int | None
    system_id: int
    level: int
    number: str
    signed_on: date
    authority: str
    valid_until: date | None
    review_due_on: date | None
    ended_on: date | None
    is_in_force: bool
    kind: DecisionKind

    def holds(self, on: date) -> bool:
        return self.signed_on <= on and (self.ended_on is None or self.ended_on > on)


@dataclass
class Sources:
    """Everything the past is told from, by system."""

    decisions: Mapping[int, list[Signed]] = field(default_factory=dict)
    stages: Mapping[int, str] = field(default_factory=dict)
    told: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


def on_day(session: Session, person: Person, on: date, zone: tzinfo) -> list[Past]:
    """Every system ``person`` may see that the register knew or that was decided by ``on``.

    In four statements, whatever the number of systems.
    """
    end = datetime.combine(on + timedelta(days=1), time(), zone)
    sources = Sources(
        decisions=_decisions(session, person, on),
        stages=_stages(session, person, on),
        told=_told(session, end),
    )
    found = (_past(row, sources, on, end) for row in _records(session, person))
    return [past for past in found if past is not None]


def _records(session: Session, person: Person) -> Iterable[Any]:
    return session.execute(
        visible(System, person)
        .with_only_columns(
            System.id,
            System.code,
            System.name,
            System.owner_id,
            System.operator_id,
            System.status,
            System.level,
            System.approval,
            System.decision_number,
            System.decision_date,
            System.decision_authority,
            System.review_due_on,
            System.valid_until,
            System.plan_state,
            System.created_at,
        )
        .order_by(System.sort, System.id)
    )


def _decisions(session: Session, person: Person, on: date) -> Mapping[int, list[Signed]]:
    """By system, in the order they were signed."""
    query = (
        visible(Decision, person)
        .where(Decision.signed_on <= on)
        .with_only_columns(
            Decision.id,
            Decision.system_id,
            Decision.level,
            Decision.number,
            Decision.signed_on,
            Decision.authority,
            Decision.valid_until,
            Decision.review_due_on,
            Decision.ended_on,
            Decision.state == DecisionState.IN_FORCE,
            Decision.kind,
        )
        .order_by(Decision.system_id, Decision.signed_on, Decision.id)
    )
    found: dict[int, list[Signed]] = defaultdict(list)
    rows: Iterable[Any] = session.execute(query)
    for row in rows:
        signed = Signed(*row)
        found[signed.system_id].append(signed)
    return found


def _stages(session: Session, person: Person, on: date) -> Mapping[int, str]:
    """Where the newest dossier of each system stood; empty text where it had come to an end."""
    last = (
        sa.select(sa.func.max(DossierEvent.id))
        .where(DossierEvent.on <= on)
        .group_by(DossierEvent.dossier_id)
    )
    query = (
        visible(Dossier, person)
        .join(DossierEvent, DossierEvent.dossier_id == Dossier.id)
        .where(DossierEvent.id.in_(last))
        .with_only_columns(Dossier.system_id, DossierEvent.state_after)
        .order_by(Dossier.id)
    )
    return {system_id: STAGES.get(state, "") for system_id, state in session.execute(query)}


def _told(session: Session, end: datetime) -> Mapping[int, Mapping[str, str]]:
    """What changed after ``end`` in the columns TOLD: by system, the values of that moment."""
    written = sa.cast(Entry.changes, sa.String)
    query = (
        sa.select(Entry.subject_id, Entry.changes)
        .where(Entry.subject_kind == System.__tablename__, Entry.at >= end)
        .where(sa.or_(*(written.contains(f'"{name}"') for name in TOLD)))
        .order_by(Entry.id.desc())
    )
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for system_id, changes in session.execute(query):
        for name in TOLD:
            if name in changes:
                found[system_id][name] = changes[name][0]
    return found


def _past(row: Any, sources: Sources, on: date, end: datetime) -> Past | None:
    was_kept = row.created_at < end
    told = sources.told.get(row.id, {}) if was_kept else {}
    decisions = sources.decisions.get(row.id) or _from_record(row, on)
    stage = sources.stages.get(row.id)
    if not (was_kept or decisions or stage is not None):
        return None
    now = _ruling([d for d in decisions if d.holds(on)])
    if now and now.is_in_force:
        now = replace(now, review_due_on=_day(told, "review_due_on", row.review_due_on))
    standing = _approved(now, on) if now else _stage(row, told, stage, was_kept=was_kept)
    return Past(
        id=row.id,
        code=row.code,
        name=row.name,
        owner_id=row.owner_id,
        operator_id=row.operator_id,
        standing=standing,
        level=now.level if now else row.level or 0,
        status=SystemStatus(told.get("status") or row.status),
        plan_state=_plan(told, row.plan_state) if was_kept else None,
        was_decided=bool(decisions),
        decision=now,
    )


def _ruling(found: list[Signed]) -> Signed | None:
    """The decision that approved the level: of level 5 the list, once the plan is decided too."""
    kinds = {signed.kind: signed for signed in found}
    if kinds.keys() >= {DecisionKind.LIST, DecisionKind.PLAN}:
        return kinds[DecisionKind.LIST]
    return kinds.get(DecisionKind.LEVEL)


def _from_record(row: Any, on: date) -> list[Signed]:
    """The decision of a record that has none in the list of decisions: only its summary."""
    if row.approval is not Approval.APPROVED or row.level is None:
        return []
    if row.decision_date is None or row.decision_date > on:
        return []
    summary = (row.level, row.decision_number, row.decision_date, row.decision_authority)
    ends = (row.valid_until, row.review_due_on, None)
    return [Signed(None, row.id, *summary, *ends, True, DecisionKind.LEVEL)]  # noqa: FBT003 - a row


def _approved(decision: Signed, on: date) -> str:
    days = [day for day in (decision.review_due_on, decision.valid_until) if day]
    is_late = any(due.is_overdue(day, on) for day in days)
    return "overdue" if is_late else "valid"


def _stage(row: Any, told: Mapping[str, str], stage: str | None, *, was_kept: bool) -> str:
    if stage is not None:
        return stage or "none"
    if not was_kept:
        return "none"
    approval = told.get("approval") or row.approval.value
    return "none" if approval == Approval.APPROVED.value else approval


def _day(told: Mapping[str, str], name: str, now: date | None) -> date | None:
    if name not in told:
        return now
    return date.fromisoformat(told[name]) if told[name] else None


def _plan(told: Mapping[str, str], now: PlanState | None) -> PlanState | None:
    if "plan_state" not in told:
        return now
    return PlanState(told["plan_state"]) if told["plan_state"] else None
