"""What is due after a decision: each question has one definition, for pages, lists, figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.approvals.kinds import LEVELS, Interval
from drills.approvals.models import Check, CheckKind, Condition, Regime
from drills.approvals.services.asked import rules_of
from drills.core.days import add_months
from drills.systems.models import (
    Approval,
    Decision,
    DecisionKind,
    DecisionState,
    InformationSystem,
    SystemStatus,
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
        return self.due_on is not None and self.due_on < on


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
    return [_due(basis, checks, ASSESSING), _due(basis, checks, TECHNICAL)]


def _due(basis: Basis, checks: Sequence[Check], kinds: frozenset[CheckKind]) -> Due:
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


def checks_overdue(session: Session, on: date) -> sa.ColumnElement[bool]:
    """Whether a system's check and assessment should have happened before ``on``."""
    regimes = newest(session)
    parts = list(_overdue_parts(regimes, on))
    overdue = sa.select(Decision.system_id).where(
        _is_in_force(), _is_of_level(), sa.or_(sa.false(), *parts)
    )
    is_looked_after = sa.and_(
        InformationSystem.status != SystemStatus.DECOMMISSIONED,
        InformationSystem.approval == Approval.APPROVED,
    )
    if not parts:
        return sa.false()
    return sa.and_(is_looked_after, InformationSystem.id.in_(overdue))


@dataclass(frozen=True, slots=True)
class Late:
    """A system whose check is overdue."""

    system: InformationSystem
    due_on: date
    last_on: date | None


def late_checks(session: Session, systems: Sequence[InformationSystem], on: date) -> list[Late]:
    """When the check of each of ``systems``, all overdue, was due; in three statements."""
    ids = [system.id for system in systems]
    decided = sa.select(Decision).where(Decision.system_id.in_(ids), _is_in_force(), _is_of_level())
    decisions = {one.system_id: one for one in session.scalars(decided)}
    made = sa.select(Check).where(Check.system_id.in_(ids)).order_by(Check.done_on.desc())
    checks: dict[int, list[Check]] = {}
    for check in session.scalars(made):
        checks.setdefault(check.system_id, []).append(check)
    regimes = {one.id: one for one in session.scalars(sa.select(Regime))}
    latest = newest(session)
    return [
        _late(system, decisions[system.id], checks.get(system.id, ()), regimes, latest, on)
        for system in systems
        if system.id in decisions
    ]


def _late(
    system: InformationSystem,
    decision: Decision,
    checks: Sequence[Check],
    regimes: Mapping[int, Regime],
    latest: Sequence[Regime],
    on: date,
) -> Late:
    own = regimes.get(decision.regime_id or 0) or regime_on(latest, decision.signed_on)
    due = _due(Basis(decision.level, own, decision), checks, ASSESSING)
    return Late(system, due.due_on or on, due.last.done_on if due.last else None)


def _overdue_parts(regimes: Sequence[Regime], on: date) -> Iterator[sa.ColumnElement[bool]]:
    for regime in regimes:
        same_law = sa.select(Regime.id).where(Regime.code == regime.code)
        is_under = sa.or_(
            Decision.regime_id.in_(same_law),
            sa.and_(Decision.regime_id.is_(None), _is_by_day(regime, regimes)),
        )
        for level in LEVELS:
            months = interval(regime, level, ASSESSING).months
            if months:
                yield sa.and_(is_under, Decision.level == level, _is_late(level, months, on))


def _is_by_day(regime: Regime, regimes: Sequence[Regime]) -> sa.ColumnElement[bool]:
    """A decision that names no rule set goes by the latest law in force when it was signed."""
    later = [one.valid_from for one in regimes if one.valid_from > regime.valid_from]
    signed = Decision.signed_on
    is_old = signed < min(later) if later else sa.true()
    return is_old if regime is regimes[-1] else sa.and_(signed >= regime.valid_from, is_old)


def _is_late(level: int, months: int, on: date) -> sa.ColumnElement[bool]:
    last = sa.select(sa.func.max(Check.done_on)).where(
        Check.system_id == Decision.system_id, Check.kind.in_(ASSESSING)
    )
    if level >= INDEPENDENT_FROM:
        last = last.where(Check.is_independent)
    start = sa.func.coalesce(last.scalar_subquery(), Decision.signed_on)
    return start < add_months(on, -months)


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
    return sa.and_(Condition.met_at.is_(None), Condition.due_on < on)


def conditions_overdue(on: date) -> sa.ColumnElement[bool]:
    """Whether a system owes a condition that was due before ``on``."""
    late = (
        sa.select(Decision.system_id)
        .join(Condition, Condition.decision_id == Decision.id)
        .where(_is_in_force(), is_condition_overdue(on))
    )
    return InformationSystem.id.in_(late)


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


@dataclass(frozen=True, slots=True)
class Alerts:
    """How many systems are behind, of those a person may see."""

    checks: int
    conditions: int


def alerts(session: Session, person: Person, on: date) -> Alerts:
    system = InformationSystem
    seen = visible(system, person).with_only_columns(
        _number(checks_overdue(session, on)), _number(conditions_overdue(on))
    )
    checks, owed = session.execute(seen).one()
    return Alerts(checks or 0, owed or 0)


def _number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))
