"""Ways besides mail that people choose, and the deliveries that go by them as well."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.reminders.channels.rules import SERVICES, allowed, problem_of
from drills.reminders.models import (
    CHANNEL_PREFIX,
    MAIL,
    OPEN,
    URL_MAX,
    ChannelPolicy,
    Delivery,
    PersonChannel,
    ReminderRule,
    State,
)
from drills.reminders.services.state import INSERT

REMOVED = "the person has removed this channel"
_SAME = (
    "kind",
    "subject_id",
    "rule_id",
    "person_id",
    "stands_in_for_id",
    "anchor_at",
    "anchor_on",
    "due_at",
    "next_at",
    "useful_until",
    "is_late",
    "reason",
)


def add(
    session: Session, person: Person, url: str, *, config: Mapping[str, Any], by: Person
) -> PersonChannel:
    """Raises ``DomainError`` for an address that is not allowed or known already."""
    url = url.strip()
    if len(url) > URL_MAX or problem_of(url, allowed(config)):
        raise DomainError(N_("This address is not of a service that may be used here."))
    known = sa.select(PersonChannel.id).filter_by(person_id=person.id, url=url)
    if session.scalar(known):
        raise DomainError(N_("You have this channel already."))
    row = PersonChannel(person_id=person.id, kind=urlsplit(url).scheme, url=url, shown=shown(url))
    session.add(row)
    session.flush()
    audit.record(session, "reminders.channel_added", person, by=by, changes=_change("", row))
    return row


def remove(session: Session, row: PersonChannel, *, by: Person) -> None:
    """What waits for it is withdrawn: it went out by mail as well."""
    waiting = sa.update(Delivery).where(Delivery.channel == row.name, Delivery.among(*OPEN))
    session.execute(
        waiting.values(state=State.CANCELLED, error=REMOVED),
        execution_options={"synchronize_session": False},
    )
    audit.record(session, "reminders.channel_removed", row.person, by=by, changes=_change(row, ""))
    session.delete(row)
    session.flush()


def _change(*sides: PersonChannel | str) -> dict[str, list[str]]:
    return {"channel": [side if isinstance(side, str) else side.shown for side in sides]}


def shown(url: str) -> str:
    """The service, and the end of what may be a token."""
    scheme, _, rest = url.partition("://")
    return f"{SERVICES.get(scheme.lower(), scheme)} …{rest.rstrip('/')[-3:]}"


def of_delivery(session: Session, delivery: Delivery) -> PersonChannel | None:
    """The channel a delivery goes by, while it is there and used."""
    row = session.get(PersonChannel, int(delivery.channel.removeprefix(CHANNEL_PREFIX)))
    if row is None or row.person_id != delivery.person_id:  # a number may be given twice
        return None
    return row if row.is_active else None


def of_person(session: Session, person: Person) -> Sequence[PersonChannel]:
    query = sa.select(PersonChannel).where(PersonChannel.person_id == person.id)
    return session.scalars(query.order_by(PersonChannel.id)).all()


def note_verified(row: PersonChannel, *, at: datetime) -> None:
    """A test message was taken."""
    row.verified_at = at


def fan_out(session: Session, now: datetime) -> int:
    """What is due by mail goes by the channels of its reader too, if its rule leaves it to them;
    how many messages are new. Each is a delivery of its own, once.
    """
    if not session.scalar(sa.select(sa.exists().where(PersonChannel.is_active))):
        return 0
    name = CHANNEL_PREFIX + sa.cast(PersonChannel.id, sa.String)
    zero, state = sa.literal(0), sa.literal(State.PENDING, Delivery.__table__.c.state.type)
    moment = sa.literal(now, Delivery.__table__.c.due_at.type)
    added = {
        "delivery_key": Delivery.delivery_key + ":" + name,
        "channel": name,
        "address": PersonChannel.shown,
        "state": state,
        "attempts": zero,
        "uncertain": zero,
        "error": sa.literal(""),
        "created_at": moment,
        "updated_at": moment,
    }
    rows = (
        sa.select(*(getattr(Delivery, column) for column in _SAME), *added.values())
        .join(PersonChannel, PersonChannel.person_id == Delivery.person_id)
        .join(ReminderRule, ReminderRule.id == Delivery.rule_id)
        .where(
            Delivery.among(*OPEN),
            Delivery.next_at <= now,
            Delivery.channel == MAIL,
            PersonChannel.is_active,
            ReminderRule.channel == ChannelPolicy.CHOICE,
        )
    )
    insert: Any = INSERT[session.get_bind().dialect.name](Delivery)
    insert = insert.from_select([*_SAME, *added], rows, include_defaults=False)
    once = insert.on_conflict_do_nothing(index_elements=["delivery_key"])
    return len(session.scalars(once.returning(Delivery.id)).all())
