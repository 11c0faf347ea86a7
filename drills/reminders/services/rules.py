"""Lead times, and a second chance for what failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError, NotAllowedNow
from drills.core.text import N_
from drills.exercises.models import Status
from drills.reminders.models import OPEN, Delivery, LeadUnit, ReminderRule, State

SEEDS = (
    (30, LeadUnit.DAYS),
    (7, LeadUnit.DAYS),
    (1, LeadUnit.DAYS),
    (1, LeadUnit.HOURS),
)


@dataclass(frozen=True, slots=True)
class RuleDetails:
    amount: int
    unit: LeadUnit
    for_participants: bool = True
    for_lead: bool = True


@dataclass(frozen=True, slots=True)
class Health:
    """``oldest_due_at``: since when the oldest message waits that should have left."""

    waiting: int
    failed: int
    oldest_due_at: datetime | None


def seed_rules(session: Session) -> None:
    """30, 7 and 1 days and 1 hour before, unless somebody has set lead times already."""
    if session.scalar(sa.select(ReminderRule.id).limit(1)) is None:
        session.add_all(ReminderRule(amount=amount, unit=unit) for amount, unit in SEEDS)
        session.flush()


def all_rules(session: Session) -> Sequence[ReminderRule]:
    """The longest first."""
    hours = sa.case((ReminderRule.unit == LeadUnit.DAYS, 24), else_=1) * ReminderRule.amount
    return session.scalars(sa.select(ReminderRule).order_by(hours.desc(), ReminderRule.id)).all()


def add_rule(session: Session, details: RuleDetails, *, by: Person) -> ReminderRule:
    """Raises ``DomainError`` if the lead time exists or would remind nobody."""
    if not (details.for_participants or details.for_lead):
        raise DomainError(N_("Choose whom to remind: the participants, the lead, or both."))
    same = sa.select(ReminderRule.id).filter_by(amount=details.amount, unit=details.unit)
    if session.scalar(same) is not None:
        raise DomainError(N_("This lead time exists already. Switch it on instead."))
    rule = ReminderRule(
        amount=details.amount,
        unit=details.unit,
        for_participants=details.for_participants,
        for_lead=details.for_lead,
    )
    session.add(rule)
    session.flush()
    audit.record(session, "reminder_rule.added", rule, by=by, changes=_written(rule))
    return rule


def _written(rule: ReminderRule) -> dict[str, list[str]]:
    return {"lead_time": ["", f"{rule.amount} {rule.unit.value}"]}


def switch_rule(session: Session, rule: ReminderRule, *, on: bool, by: Person) -> None:
    """What is switched off is sent to nobody from the next tick on."""
    with audit.changing(session, "reminder_rule.switched", rule, by=by):
        rule.is_active = on
        session.flush()


def delete_rule(session: Session, rule: ReminderRule, *, by: Person) -> None:
    """Raises ``NotAllowedNow`` once a message was made by it: the history names its rule."""
    used = sa.select(Delivery.id).where(Delivery.rule_id == rule.id).limit(1)
    if session.scalar(used) is not None:
        raise NotAllowedNow(
            N_("Reminders have been sent by this lead time. Switch it off instead.")
        )
    before = {name: pair[::-1] for name, pair in _written(rule).items()}
    audit.record(session, "reminder_rule.deleted", rule, by=by, changes=before)
    session.delete(rule)
    session.flush()


def resend(session: Session, delivery: Delivery, *, at: datetime, by: Person) -> None:
    """Give a failed message all its attempts again, beginning at ``at``."""
    if delivery.state is not State.FAILED:
        raise NotAllowedNow(N_("Only a message that has failed can be sent again."))
    drill = delivery.drill
    if drill.status is not Status.PLANNED or drill.starts_at != delivery.anchor_at:
        raise NotAllowedNow(N_("The drill has changed since: this reminder no longer applies."))
    if delivery.anchor_at <= at:
        raise NotAllowedNow(N_("The drill has started: a reminder would come too late."))
    delivery.state, delivery.next_at = State.PENDING, at
    delivery.attempts = delivery.uncertain = 0
    delivery.error, delivery.code = "", None
    changes = {"reminder": [State.FAILED.value, State.PENDING.value], "to": ["", delivery.address]}
    audit.record(session, "reminder.resent", drill, by=by, changes=changes)


def health(session: Session, *, now: datetime) -> Health:
    """How the sending goes; one query."""
    due = sa.and_(Delivery.state.in_(OPEN), Delivery.due_at <= now)
    failed = sa.and_(Delivery.state == State.FAILED, Delivery.anchor_at > now)
    row = session.execute(
        sa.select(
            sa.func.count().filter(due),
            sa.func.count().filter(failed),
            sa.func.min(Delivery.due_at).filter(due),
        )
    ).one()
    return Health(*row)
