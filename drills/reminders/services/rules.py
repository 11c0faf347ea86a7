"""Rules, and a second chance for what failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError, NotAllowedNow
from drills.core.text import N_
from drills.reminders.kinds import KINDS, Kind
from drills.reminders.models import (
    DIGEST,
    MORNING,
    OPEN,
    SETTLED,
    ChannelPolicy,
    Delivery,
    Direction,
    Hours,
    LeadUnit,
    ReminderRule,
    ReminderState,
    RulePerson,
    State,
)
from drills.reminders.services import slots as reckoning
from drills.reminders.services import state as shared
from drills.reminders.services import subjects
from drills.reminders.services.standing import stands
from drills.units.models import Organisation

REMEMBERED = timedelta(days=30)
"""So long a failure counts that nothing makes pointless."""


@dataclass(frozen=True, slots=True)
class RuleDetails:
    """The part of a rule that people write; ``audiences`` are keys of its kind."""

    amount: int
    unit: LeadUnit
    audiences: frozenset[str]
    kind: str = "drill"
    direction: Direction = Direction.BEFORE
    at_time: time = MORNING
    hours: Hours = Hours.ANY
    channel: ChannelPolicy = ChannelPolicy.CHOICE
    is_digest: bool = False
    person_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """``oldest_due_at``: since when the oldest message waits that should have left."""

    waiting: int
    failed: int
    oldest_due_at: datetime | None


def seed_rules(session: Session) -> None:
    """The rules that each kind begins with, unless they have been made once already."""
    seed_missing(session, shared.locked(session))


def seed_missing(session: Session, state: ReminderState) -> bool:
    """Whether there were kinds without their first rules, in an installation that is set up."""
    missing = [kind for key, kind in KINDS.items() if key not in state.seeded]
    if not missing or session.get(Organisation, 1) is None:
        return False
    session.add_all(rule for kind in missing for rule in _defaults(kind))
    state.seeded = [*state.seeded, *(kind.key for kind in missing)]
    session.flush()
    return True


def _defaults(kind: Kind) -> Sequence[ReminderRule]:
    rules = []
    for default in kind.defaults:
        rule = ReminderRule(
            kind=kind.key, amount=default.amount, unit=default.unit, direction=default.direction
        )
        rule.speak_to(frozenset(default.audiences))
        rules.append(rule)
    return rules


def all_rules(session: Session, kind: str | None = None) -> Sequence[ReminderRule]:
    """By kind; of each the longest before first, the longest after last."""
    hours = sa.case((ReminderRule.unit == LeadUnit.HOURS, 1), else_=24) * ReminderRule.amount
    place = sa.case((ReminderRule.direction == Direction.BEFORE, -hours), else_=hours)
    query = sa.select(ReminderRule).order_by(ReminderRule.kind, place, ReminderRule.id)
    return session.scalars(query.where(ReminderRule.kind == kind) if kind else query).all()


def add_rule(session: Session, details: RuleDetails, *, by: Person | None) -> ReminderRule:
    """Raises ``DomainError`` if the lead time exists or would remind nobody."""
    _check(session, details)
    rule = ReminderRule(kind=details.kind)
    _write(rule, details)
    session.add(rule)
    session.flush()
    audit.record(session, "reminder_rule.added", rule, by=by, changes=_written(rule))
    return rule


def revise_rule(session: Session, rule: ReminderRule, details: RuleDetails, *, by: Person) -> None:
    """What has gone out by this rule is not sent again for the same subject and date."""
    _check(session, details, rule)
    before = _told(rule)
    _write(rule, details)
    session.flush()
    after = _told(rule)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changes:
        audit.record(session, "reminder_rule.revised", rule, by=by, changes=changes)


def _check(session: Session, details: RuleDetails, rule: ReminderRule | None = None) -> None:
    known = frozenset(KINDS[details.kind].audiences)
    if not (details.audiences & known or details.person_ids):
        raise DomainError(N_("Choose whom to remind."))
    same = sa.select(ReminderRule.id).filter_by(
        kind=details.kind, direction=details.direction, amount=details.amount, unit=details.unit
    )
    found = session.scalar(same)
    if found is not None and (rule is None or found != rule.id):
        raise DomainError(N_("This lead time exists already. Switch it on instead."))


def _write(rule: ReminderRule, details: RuleDetails) -> None:
    for name in ("amount", "unit", "direction", "at_time", "hours", "channel", "is_digest"):
        setattr(rule, name, getattr(details, name))
    rule.speak_to(details.audiences & frozenset(rule.about.audiences))
    kept = [one for one in rule.named if one.person_id in details.person_ids]
    known = {one.person_id for one in kept}
    more = (RulePerson(person_id=n) for n in dict.fromkeys(details.person_ids) if n not in known)
    rule.named = [*kept, *more]


def _written(rule: ReminderRule) -> dict[str, list[str]]:
    return {"lead_time": ["", f"{rule.amount} {rule.unit.value}"], "kind": ["", rule.kind]}


def _told(rule: ReminderRule) -> dict[str, str]:
    return audit.columns(rule) | {
        "audiences": ", ".join(sorted(rule.audiences)),
        "people": ", ".join(str(one.person_id) for one in rule.named),
    }


def switch_rule(session: Session, rule: ReminderRule, *, on: bool, by: Person | None) -> None:
    """What is switched off is sent to nobody from the next tick on."""
    with audit.changing(session, "reminder_rule.switched", rule, by=by):
        rule.is_active = on
        session.flush()


def delete_rule(session: Session, rule: ReminderRule, *, by: Person | None) -> None:
    """Raises ``NotAllowedNow`` once a message was made by it: the history names its rule."""
    used = sa.select(Delivery.id).where(Delivery.rule_id == rule.id).limit(1)
    stages = (SETTLED, frozenset(State) - SETTLED)
    if any(session.scalar(used.where(Delivery.among(*stage))) for stage in stages):
        raise NotAllowedNow(
            N_("Reminders have been sent by this lead time. Switch it off instead.")
        )
    before = {name: pair[::-1] for name, pair in _written(rule).items()}
    audit.record(session, "reminder_rule.deleted", rule, by=by, changes=before)
    session.delete(rule)
    session.flush()


def resend(session: Session, delivery: Delivery, *, at: datetime, by: Person | None) -> None:
    """Give a failed message all its attempts again, beginning at ``at``."""
    if delivery.state is not State.FAILED:
        raise NotAllowedNow(N_("Only a message that has failed can be sent again."))
    if delivery.useful_until is not None and delivery.useful_until <= at:
        raise NotAllowedNow(N_("What it is about has begun: a reminder would come too late."))
    if not _applies(session, delivery, at):
        raise NotAllowedNow(
            N_("What it is about has changed since: this reminder no longer applies.")
        )
    _try_again(delivery, at)
    changes = {"reminder": [State.FAILED.value, State.PENDING.value], "to": ["", delivery.address]}
    subject = subjects.load(session, [(delivery.kind, delivery.subject_id)])
    about = subject.get((delivery.kind, delivery.subject_id), delivery.person)
    audit.record(session, "reminder.resent", about, by=by, changes=changes)


def _applies(session: Session, delivery: Delivery, at: datetime) -> bool:
    if delivery.kind == DIGEST:
        return True
    session.flush()
    wanted = stands(reckoning.at(session, at), [delivery.kind])
    query = sa.select(Delivery.id).where(Delivery.id == delivery.id, wanted)
    return session.scalar(query) is not None


def _try_again(delivery: Delivery, at: datetime) -> None:
    delivery.state, delivery.next_at = State.PENDING, at
    delivery.attempts = delivery.uncertain = 0
    delivery.error, delivery.code = "", None


def resend_all(session: Session, *, at: datetime, by: Person | None) -> int:
    """Every failed message that still applies, of those ``by`` sees; how many."""
    query = sa.select(Delivery).where(Delivery.among(State.FAILED), is_useful(at))
    if by is not None:
        query = query.where(Delivery.visible_to(by))
    failed = session.scalars(query).all()
    again = [one for one in failed if _applies(session, one, at)]
    for delivery in again:
        _try_again(delivery, at)
    if again and (home := session.get(Organisation, 1)):
        changes: dict[str, Any] = {"reminder": [State.FAILED.value, str(len(again))]}
        audit.record(session, "reminder.resent", home, by=by, changes=changes)  # type: ignore[arg-type]
    return len(again)


def is_useful(at: datetime) -> sa.ColumnElement[bool]:
    """About a Delivery: whether it would still make sense, as far as time goes."""
    lasting = sa.and_(Delivery.useful_until.is_(None), Delivery.due_at > at - REMEMBERED)
    return sa.or_(Delivery.useful_until > at, lasting)


def health(session: Session, *, now: datetime) -> Health:
    """How the sending goes; one query."""
    due = sa.and_(Delivery.among(*OPEN), Delivery.due_at <= now)
    failed = sa.and_(Delivery.among(State.FAILED), is_useful(now))
    row = session.execute(
        sa.select(
            sa.func.count().filter(due),
            sa.func.count().filter(failed),
            sa.func.min(Delivery.due_at).filter(due),
        ).where(Delivery.among(*OPEN, State.FAILED))
    ).one()
    return Health(*row)
