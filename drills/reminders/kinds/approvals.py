"""Decisions that end or are to be reviewed, clocks of dossiers, conditions of decisions."""

from collections.abc import Mapping
from datetime import date
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.approvals.models import Condition, Dossier, State
from drills.approvals.services.clocks import clocks
from drills.core.text import N_
from drills.reminders.kinds.kind import At, Default, Direction, Kind, Rows
from drills.reminders.kinds.ledger import DEADLINE
from drills.reminders.kinds.people import of_unit, one
from drills.systems.models import Decision, DecisionState, InformationSystem

AFTER = Direction.AFTER
DOSSIER_CLOCK = "dossier_clock"
RUNNING = (State.SUBMITTED, State.IN_APPRAISAL, State.APPRAISED)
_CHARGE, _ESCALATED = ("owner", "unit_officers"), ("owner", "unit_officers", "manager")


def _decisions(column: Any) -> Any:
    def subjects(_at: At) -> Rows:
        return (
            sa.select(
                Decision.id, column.label("anchor_on"), InformationSystem.owner_id.label("unit_id")
            )
            .join(InformationSystem, InformationSystem.id == Decision.system_id)
            .where(Decision.state == DecisionState.IN_FORCE, column.is_not(None))
        )

    return subjects


def _answerable(_at: At) -> tuple[Rows, ...]:
    """Who answers for the system."""
    query = sa.select(
        Decision.id.label("subject_id"), InformationSystem.responsible_id.label("person_id")
    ).join(InformationSystem, InformationSystem.id == Decision.system_id)
    return (query.where(InformationSystem.responsible_id.is_not(None)),)


def _decision_units() -> Rows:
    query = sa.select(Decision.id, InformationSystem.owner_id.label("unit_id"))
    return query.join(InformationSystem, InformationSystem.id == Decision.system_id)


def _running(_at: At) -> Rows:
    return (
        sa.select(Dossier.id, DEADLINE.c.anchor_on, InformationSystem.owner_id.label("unit_id"))
        .join(InformationSystem, InformationSystem.id == Dossier.system_id)
        .join(
            DEADLINE,
            sa.and_(DEADLINE.c.kind == DOSSIER_CLOCK, DEADLINE.c.subject_id == Dossier.id),
        )
        .where(Dossier.state.in_(RUNNING))
    )


def due_days(session: Session, at: At) -> Mapping[int, date]:
    """By the id of each dossier under way the last day of the clock that runs."""
    dossiers = session.scalars(sa.select(Dossier).where(Dossier.state.in_(RUNNING))).unique().all()
    found = clocks(session, dossiers, at.today)
    return {key: clock.due_on for key, clock in found.items() if clock and clock.due_on}


def _next_to_act(_at: At) -> tuple[Rows, ...]:
    """The appraiser, and once appraised the approver."""
    person = sa.case(
        (Dossier.state == State.APPRAISED, Dossier.approver_id), else_=Dossier.appraiser_id
    )
    query = sa.select(Dossier.id.label("subject_id"), person.label("person_id"))
    return (query.where(person.is_not(None)),)


def _dossier_units() -> Rows:
    unit = sa.func.coalesce(Dossier.appraising_unit_id, InformationSystem.owner_id)
    query = sa.select(Dossier.id, unit.label("unit_id"))
    return query.join(InformationSystem, InformationSystem.id == Dossier.system_id)


def _conditions(_at: At) -> Rows:
    return (
        sa.select(
            Condition.id,
            Condition.due_on.label("anchor_on"),
            InformationSystem.owner_id.label("unit_id"),
        )
        .join(Decision, Decision.id == Condition.decision_id)
        .join(InformationSystem, InformationSystem.id == Decision.system_id)
        .where(
            Condition.met_at.is_(None),
            Condition.due_on.is_not(None),
            Decision.state == DecisionState.IN_FORCE,
        )
    )


_MEETS = one(Condition.id, Condition.owner_id)


def _condition_units() -> Rows:
    query = sa.select(Condition.id, InformationSystem.owner_id.label("unit_id"))
    query = query.join(Decision, Decision.id == Condition.decision_id)
    return query.join(InformationSystem, InformationSystem.id == Decision.system_id)


_OF_A_DECISION: dict[str, Any] = {
    "model": Decision,
    "endpoint": "approvals.decision",
    "place": lambda decision: {"decision_id": decision.id},
    "title": lambda decision: f"{decision.number}, {decision.system.name}",
    "loads": (joinedload(Decision.system),),
    "audiences": {"owner": _answerable, **of_unit(_decision_units, _answerable)},
    "groups": True,
}

APPROVALS = (
    Kind(
        key="decision_expiring",
        label=N_("Approval of a level ends"),
        folder="decision_expiring",
        subjects=_decisions(Decision.valid_until),
        defaults=(
            Default(90, audiences=_CHARGE),
            Default(30, audiences=_CHARGE),
            Default(7, audiences=_ESCALATED),
        ),
        **_OF_A_DECISION,
    ),
    Kind(
        key="decision_review",
        label=N_("Review of a level due"),
        folder="decision_review",
        subjects=_decisions(Decision.review_due_on),
        defaults=(
            Default(60, audiences=_CHARGE),
            Default(14, audiences=_CHARGE),
            Default(7, direction=AFTER, audiences=_ESCALATED),
        ),
        **_OF_A_DECISION,
    ),
    Kind(
        key=DOSSIER_CLOCK,
        label=N_("Time limit of a dossier"),
        folder="dossier_clock",
        model=Dossier,
        endpoint="approvals.dossier",
        place=lambda dossier: {"dossier_id": dossier.id},
        title=lambda dossier: f"{dossier.code}, {dossier.system.name}",
        loads=(joinedload(Dossier.system),),
        subjects=_running,
        audiences={"owner": _next_to_act, **of_unit(_dossier_units, _next_to_act)},
        defaults=(
            Default(5, audiences=("owner",)),
            Default(1, audiences=("owner",)),
            Default(1, direction=AFTER, audiences=("owner", "owner_deputy", "manager")),
        ),
        groups=True,
        computed=due_days,
    ),
    Kind(
        key="condition_due",
        label=N_("Condition of a decision due"),
        folder="condition_due",
        model=Condition,
        endpoint="approvals.condition",
        place=lambda condition: {"condition_id": condition.id},
        title=attrgetter("title"),
        loads=(joinedload(Condition.decision).joinedload(Decision.system),),
        subjects=_conditions,
        audiences={"owner": _MEETS, **of_unit(_condition_units, _MEETS)},
        defaults=(
            Default(14, audiences=("owner",)),
            Default(3, audiences=("owner",)),
            Default(1, direction=AFTER, audiences=(*_CHARGE, "owner_deputy")),
            Default(7, direction=AFTER, audiences=_ESCALATED),
        ),
        groups=True,
    ),
)
