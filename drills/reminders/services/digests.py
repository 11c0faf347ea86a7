"""Digests: what waits for one person leaves together, once a day at the hour they chose."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.core.orm import UtcDateTime
from drills.reminders.kinds import At
from drills.reminders.kinds.kind import Rows
from drills.reminders.models import (
    DIGEST,
    MAIL,
    MORNING,
    Delivery,
    ReminderRule,
    ReminderSetting,
    State,
)
from drills.reminders.services.standing import stands
from drills.reminders.services.state import INSERT

_DAY = timedelta(days=1)
_WAITING = sa.and_(Delivery.among(State.GROUPED), Delivery.digest_id.is_(None))


def group(session: Session, now: datetime) -> datetime | None:
    """Make the digests that are due; when the next one of those that wait will be."""
    release(session, now)
    nexts = []
    for row in session.execute(_waiting_people()).all():
        zone = ZoneInfo(row.time_zone)
        last = last_time(now, zone, row.digest_at or MORNING)
        if not (row.first_due <= last and _make(session, row, last, zone, now)):
            nexts.append(next_time(now, zone, row.digest_at or MORNING))
    return min(nexts, default=None)


def release(session: Session, now: datetime) -> None:
    """What waits for a digest that nobody wants any more leaves by itself."""
    wanted = sa.select(1).where(
        ReminderSetting.person_id == Delivery.person_id, ReminderSetting.digest_at.is_not(None)
    )
    of_rule = sa.select(1).where(ReminderRule.id == Delivery.rule_id, ReminderRule.is_digest)
    single = ~sa.or_(wanted.correlate(Delivery).exists(), of_rule.correlate(Delivery).exists())
    change = sa.update(Delivery).where(_WAITING, single)
    session.execute(
        change.values(state=State.PENDING, next_at=now),
        execution_options={"synchronize_session": False},
    )


def _waiting_people() -> Rows:
    return (
        sa.select(
            Person.id,
            Person.email,
            Person.time_zone,
            ReminderSetting.digest_at,
            sa.func.min(Delivery.due_at, type_=UtcDateTime()).label("first_due"),
        )
        .select_from(Delivery)
        .join(Person, Person.id == Delivery.person_id)
        .join(ReminderSetting, ReminderSetting.person_id == Person.id, isouter=True)
        .where(_WAITING, Person.email.is_not(None))
        .group_by(Person.id, Person.email, Person.time_zone, ReminderSetting.digest_at)
    )


def last_time(now: datetime, zone: ZoneInfo, hour: time) -> datetime:
    """The latest moment, up to now, at which a digest of that local hour was due."""
    today = now.astimezone(zone).date()
    for day in (today, today - _DAY):
        moment = datetime.combine(day, hour, zone).astimezone(UTC)
        if moment <= now:
            return moment
    raise AssertionError("yesterday's hour is over")


def next_time(now: datetime, zone: ZoneInfo, hour: time) -> datetime:
    today = now.astimezone(zone).date()
    moments = (datetime.combine(today + n * _DAY, hour, zone).astimezone(UTC) for n in range(3))
    return next(moment for moment in moments if moment > now)


def _make(session: Session, row: Any, due: datetime, zone: ZoneInfo, now: datetime) -> bool:
    """False if the digest of that day has been made already: the rest waits for the next."""
    day = due.astimezone(zone).date()
    insert: Any = INSERT[session.get_bind().dialect.name](Delivery)
    values = {
        "delivery_key": f"{DIGEST}:{row.id}:{day.isoformat()}",
        "kind": DIGEST,
        "subject_id": row.id,
        "person_id": row.id,
        "anchor_on": day,
        "due_at": due,
        "next_at": now,
        "channel": MAIL,
        "address": row.email,
        "reason": DIGEST,
    }
    once = insert.values(values).on_conflict_do_nothing(index_elements=["delivery_key"])
    digest_id = session.scalar(once.returning(Delivery.id))
    if digest_id is None:
        return False
    items = sa.update(Delivery).where(
        _WAITING, Delivery.person_id == row.id, Delivery.due_at <= due
    )
    session.execute(
        items.values(digest_id=digest_id), execution_options={"synchronize_session": False}
    )
    return True


def items_of(session: Session, digest: Delivery, when: At) -> Sequence[Delivery]:
    """What a digest has to say now: what still stands of it, soonest anchor first."""
    item = sa.select(Delivery.kind).where(Delivery.digest_id == digest.id).distinct()
    kinds = session.scalars(item).all()
    query = sa.select(Delivery).where(
        Delivery.digest_id == digest.id, Delivery.among(State.GROUPED), stands(when, kinds)
    )
    anchor = sa.func.coalesce(Delivery.anchor_on, sa.cast(Delivery.anchor_at, sa.Date))
    return session.scalars(query.order_by(anchor, Delivery.due_at, Delivery.id)).all()
