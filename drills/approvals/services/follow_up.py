"""What is due after a decision: each question has one definition, for pages, lists, figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.approvals.kinds import Interval
from drills.approvals.models import Check, CheckKind, Condition, Regime
from drills.approvals.services.asked import rules_of
from drills.core.days import add_months
from drills.core.due import is_overdue
from drills.systems.models import (
    Decision,
    DecisionKind,
    DecisionState,
    InformationSystem,
)

INDEPENDENT_FROM = 3
"""From this level on only a check by an independent, licensed body counts (85/2016, art. 20)."""
ASSESSING = frozenset({CheckKind.COMPLIANCE, CheckKind.EFFECTIVENESS})
TECHNICAL = frozenset({CheckKind.TECHNICAL})


@dataclass(frozen=True, slots=True)
class Basis:
    """By what a system is measured: the decision in force, else its proposed level today."""

    level: int | None
    regime: Regime | None
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """One recurring duty of a system. ``due_on`` is None where no interval is set."""

    kinds: frozenset[CheckKind]
    interval: Interval
    last: Check | None
    due_on: date | None

    def is_overdue(self, on: date) -> bool:
        return self.due_on is not None and is_overdue(self.due_on, on)


def newest(session: Session) -> Sequence[Regime]:
    """The newest version of each rule set, the latest law first."""
    last = sa.select(Regime.code, sa.func.max(Regime.version)).group_by(Regime.code)
    query = sa.select(Regime).where(sa.tuple_(Regime.code, Regime.version).in_(last))
    return session.scalars(query.order_by(Regime.valid_from.desc(), Regime.id)).all()


def regime_on(regimes: Sequence[Regime], on: date) -> Regime | None:
    """The latest law that was in force on a day, the earliest of all for a day before them."""
    return next((one for one in regimes if one.is_valid(on)), regimes[-1] if regimes else None)


def basis(session: Session, system: InformationSystem, on: date) -> Basis:
    query = (
        sa.select(Decision, Regime)
        .outerjoin(Regime, Decision.regime_id == Regime.id)
        .where(Decision.system_id == system.id, _is_of_level(), _is_in_force())
        .order_by(Decision.id.desc())
        .limit(1)
    )
    found = session.execute(query).one_or_none() if system.is_approved else None
    decision, regime = found or (None, None)
    if decision is None:
        day = system.decision_date if system.is_approved and system.decision_date else on
        return Basis(system.level, regime_on(newest(session), day))
    return Basis(decision.level, regime or regime_on(newest(session), decision.signed_on), decision)


def _is_of_level() -> sa.ColumnElement[bool]:
    return Decision.kind != DecisionKind.PLAN


def _is_in_force() -> sa.ColumnElement[bool]:
    return Decision.state == DecisionState.IN_FORCE


def interval(regime: Regime | None, level: int | None, kinds: frozenset[CheckKind]) -> Interval:
    """How often; of scan and penetration test the shorter one, as both are technical checks."""
    if regime is None or level is None:
        return Interval(None, is_local_choice=False, source="")
    rules = rules_of(regime)
    if kinds == ASSESSING:
        return rules.interval("check", level)
    found = [rules.interval(what, level) for what in ("scan", "pentest")]
    return min(found, key=lambda one: one.months or 10_000)


def counts(check: Check, level: int | None) -> bool:
    return check.is_independent or (level or 0) < INDEPENDENT_FROM


def dues(basis: Basis, checks: Sequence[Check]) -> list[Due]:
    """The two recurring duties; ``checks`` are all of the system, the newest first."""
    return [due(basis, checks, ASSESSING), due(basis, checks, TECHNICAL)]


def due(basis: Basis, checks: Sequence[Check], kinds: frozenset[CheckKind]) -> Due:
    """Counted from the last check that counts, else from the decision."""
    asked = interval(basis.regime, basis.level, kinds)
    fitting = (c for c in checks if c.kind in kinds and counts(c, basis.level))
    last = next(fitting, None)
    start = last.done_on if last else basis.decision.signed_on if basis.decision else None
    due_on = add_months(start, asked.months) if start and asked.months else None
    return Due(kinds, asked, last, due_on)


def checks_of(session: Session, system: InformationSystem) -> list[Check]:
    """Every check of a system, the newest first."""
    query = (
        sa.select(Check)
        .where(Check.system_id == system.id)
        .order_by(Check.done_on.desc(), Check.id.desc())
        .options(joinedload(Check.file))
    )
    return list(session.scalars(query))


def conditions(person: Person) -> sa.Select[Condition]:
    """The open conditions of decisions in force that ``person`` may see, the first due first."""
    return (
        visible(Condition, person)
        .join(Decision, Condition.decision_id == Decision.id)
        .join(InformationSystem, Decision.system_id == InformationSystem.id)
        .where(_is_in_force(), Condition.met_at.is_(None))
        .order_by(Condition.due_on.is_(None), Condition.due_on, Condition.id)
        .options(
            contains_eager(Condition.decision).contains_eager(Decision.system),
            joinedload(Condition.owner).lazyload(Person.grants),
        )
    )


def is_condition_overdue(on: date) -> sa.ColumnElement[bool]:
    """For open conditions of decisions in force; see ``conditions``."""
    return sa.and_(Condition.met_at.is_(None), is_overdue(Condition.due_on, on))


def systems_with_conditions_overdue(person: Person, on: date) -> sa.Select[int]:
    """How many of the systems ``person`` sees owe a condition that was due before ``on``."""
    late = (
        sa.select(Decision.system_id)
        .join(Condition, Condition.decision_id == Decision.id)
        .where(_is_in_force(), is_condition_overdue(on))
    )
    seen = visible(InformationSystem, person).where(InformationSystem.id.in_(late))
    return seen.with_only_columns(sa.func.count())


def conditions_of(session: Session, system_id: int) -> list[Condition]:
    """The conditions of every decision in force on a system: open ones first, by their day."""
    query = (
        sa.select(Condition)
        .join(Decision, Condition.decision_id == Decision.id)
        .where(Decision.system_id == system_id, _is_in_force())
        .order_by(Condition.met_at.is_not(None), Condition.due_on.is_(None), Condition.due_on)
        .order_by(Condition.id)
        .options(
            contains_eager(Condition.decision),
            joinedload(Condition.owner).lazyload(Person.grants),
            joinedload(Condition.met_by).lazyload(Person.grants),
            joinedload(Condition.evidence),
        )
    )
    return list(session.scalars(query).unique())
