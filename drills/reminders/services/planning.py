"""What is to be sent when: computed from drills and rules each time, stored once due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from drills.accounts.models import Person
from drills.exercises.models import Drill, Invitation, Status
from drills.reminders.models import OPEN, Delivery, LeadUnit, ReminderRule, State
from drills.reminders.services.recipients import Slot, reminded, stands, today, wanted

LOOK_BACK = timedelta(days=7)
"""A reminder missed for longer than this is left to the next one."""
LATE_AFTER = timedelta(minutes=15)
_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Planned:
    """A reminder that will go out, if nothing changes until ``due_at``."""

    drill: Drill
    rule: ReminderRule
    person: Person
    due_at: datetime
    is_lead: bool
    is_late: bool


def slots(session: Session, *, now: datetime, until: datetime) -> list[Slot]:
    """Every rule of every drill ahead that falls due by ``until``, missed ones included."""
    rules = session.scalars(sa.select(ReminderRule).where(ReminderRule.is_active)).all()
    if not rules:
        return []
    longest = max(_length(rule) for rule in rules)
    drills = session.execute(
        sa.select(Drill.id, Drill.starts_at, Drill.time_zone).where(
            Drill.status == Status.PLANNED,
            Drill.starts_at > now,
            Drill.starts_at <= until + longest,
        )
    ).all()
    every = (Slot.of(drill, rule) for drill in drills for rule in rules)
    return [slot for slot in every if now - LOOK_BACK < slot.due_at <= until]


def _length(rule: ReminderRule) -> timedelta:
    """At least as long as the rule's lead time, whatever the clocks of a zone do."""
    days = rule.amount if rule.unit is LeadUnit.DAYS else rule.amount / 24
    return timedelta(days=days + 2)


def plan(session: Session, *, now: datetime) -> int:
    """Store what has fallen due, withdraw what no longer stands; how many are new.

    Several missed lead times of one drill and person become one message, the nearest.
    Letters of invitation are planned beside them, and none takes the place of the other.
    """
    on = today(session, now)
    stored = _store(session, slots(session, now=now, until=now), now)
    stored += _invite(session, now)
    open_ones = sa.update(Delivery).where(Delivery.state.in_(OPEN))
    nearer = aliased(Delivery)
    overtaken = sa.exists().where(
        nearer.drill_id == Delivery.drill_id,
        nearer.person_id == Delivery.person_id,
        nearer.anchor_at == Delivery.anchor_at,
        nearer.due_at > Delivery.due_at,
        nearer.state != State.CANCELLED,
        nearer.rule_id.is_not(None),
        Delivery.rule_id.is_not(None),
    )
    for query, state, reason in (
        (open_ones.where(Delivery.anchor_at <= now), State.EXPIRED, STARTED),
        (open_ones.where(~stands(on, now)), State.CANCELLED, SUPERSEDED),
        (open_ones.where(overtaken), State.EXPIRED, OVERTAKEN),
    ):
        changed = query.values(state=state, error=reason, token=None, lease_until=None)
        session.execute(changed, execution_options={"synchronize_session": False})
    return stored


STARTED = "the drill has started"
SUPERSEDED = "the drill, its time or its people have changed"
OVERTAKEN = "a nearer reminder has taken its place"


def _store(session: Session, due: Sequence[Slot], now: datetime) -> int:
    if not due:
        return 0
    found = reminded(due, today(session, now))
    names = ("delivery_key", "drill_id", "rule_id", "person_id", "anchor_at", "due_at", "next_at")
    state = sa.literal(State.PENDING, Delivery.__table__.c.state.type)
    moment = sa.literal(now, Delivery.__table__.c.next_at.type)
    rows = sa.select(
        *(found.c[name] for name in ("key", *names[1:6], "due_at", "address")),
        (found.c.due_at < now - LATE_AFTER).label("is_late"),
        state.label("state"),
        *(sa.literal(0), sa.literal(0), sa.literal(""), moment, moment),
    ).where(found.c.rank == 1)
    more = ("address", "is_late", "state", "attempts", "uncertain", "error")
    insert: Any = _INSERT[session.get_bind().dialect.name](Delivery)
    insert = insert.from_select([*names, *more, "created_at", "updated_at"], rows)
    revived = insert.on_conflict_do_update(
        index_elements=["delivery_key"],
        set_={
            "state": State.PENDING,
            "next_at": insert.excluded.next_at,
            "is_late": insert.excluded.is_late,
            "address": insert.excluded.address,
            "error": "",
            "updated_at": now,
        },
        where=Delivery.state == State.CANCELLED,
    )
    return len(session.scalars(revived.returning(Delivery.id)).all())


def _invite(session: Session, now: datetime) -> int:
    """Store a letter for everybody invited who has none yet for this start of the drill.

    Whoever answered for the day as it stands needs none. One invited anew gets a new letter.
    """
    told = sa.select(Delivery.id).where(
        Delivery.invitation_id == Invitation.id,
        Delivery.anchor_at == Drill.starts_at,
        Delivery.due_at >= Invitation.invited_at,
    )
    query = (
        sa.select(Invitation, Drill.starts_at, Person.email)
        .join(Drill, Drill.id == Invitation.drill_id)
        .join(Person, Person.id == Invitation.person_id)
        .where(wanted(now), Invitation.invited_at <= now, ~told.exists())
    )
    rows = [
        {
            "delivery_key": invitation_key(invitation, starts_at),
            "drill_id": invitation.drill_id,
            "invitation_id": invitation.id,
            "person_id": invitation.person_id,
            "anchor_at": starts_at,
            "due_at": now,
            "next_at": now,
            "address": email,
        }
        for invitation, starts_at, email in session.execute(query)
    ]
    if not rows:
        return 0
    insert: Any = _INSERT[session.get_bind().dialect.name](Delivery)
    once = insert.on_conflict_do_nothing(index_elements=["delivery_key"])
    return len(session.scalars(once.returning(Delivery.id), rows).all())


def invitation_key(invitation: Invitation, starts_at: datetime) -> str:
    """One letter for each time somebody is asked, and for each day the drill is moved to."""
    asked, starts = (int(at.timestamp()) for at in (invitation.invited_at, starts_at))
    return f"invitation:{invitation.id}:{asked}:{starts}"


def planned(session: Session, *, now: datetime, until: datetime) -> sa.Select[Any]:
    """(Drill, ReminderRule, Person, due_at, leads) of what is not stored yet, soonest first."""
    found = reminded(slots(session, now=now, until=until), today(session, now))
    nearest_missed = aliased(found)
    missed = sa.and_(
        found.c.due_at <= now,
        sa.exists().where(
            nearest_missed.c.drill_id == found.c.drill_id,
            nearest_missed.c.person_id == found.c.person_id,
            nearest_missed.c.due_at > found.c.due_at,
            nearest_missed.c.due_at <= now,
        ),
    )
    known = sa.exists().where(
        Delivery.delivery_key == found.c.key, Delivery.state != State.CANCELLED
    )
    return (
        sa.select(Drill, ReminderRule, Person, found.c.due_at, found.c.leads)
        .join(found, found.c.drill_id == Drill.id)
        .join(ReminderRule, ReminderRule.id == found.c.rule_id)
        .join(Person, Person.id == found.c.person_id)
        .where(~known, ~missed)
        .order_by(found.c.due_at, Drill.starts_at, Drill.id, Person.sort, Person.id)
    )


def preview(session: Session, *, now: datetime, until: datetime) -> list[Planned]:
    """What will be sent from ``now`` until ``until``, the missed included, soonest first."""
    rows = session.execute(planned(session, now=now, until=until)).unique()
    return [as_planned(row, now) for row in rows]


def as_planned(row: Any, now: datetime) -> Planned:
    drill, rule, person, due_at, leads = row
    return Planned(drill, rule, person, due_at, bool(leads), due_at < now - LATE_AFTER)
