"""Addresses that mail servers refuse for good: what is planned for them fails with a sentence."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.reminders.models import MAIL, OPEN, Delivery, State, SuppressedAddress
from drills.reminders.services.state import INSERT
from drills.roster.services.confirming import mark_bounced

REFUSALS = 2
"""So often a server must say that it does not know an address before it is believed."""
SUPPRESSED = "mail to this address came back; nothing is sent to it until it is lifted"


def suppress(
    session: Session, address: str, *, reason: str, code: int | None, at: datetime
) -> None:
    """From here on nothing is sent to ``address``; the roster asks for another."""
    row = _row(session, address)
    if row.since is not None and row.lifted_at is None:
        return
    row.since, row.lifted_at = at, None
    row.reason, row.code = reason[:500], code
    audit.record(session, "address.suppressed", row, by=None, changes={"reason": ["", row.reason]})
    mark_bounced(session, row.address, row.reason, at)


def note_refusal(
    session: Session, address: str, *, reason: str, code: int | None, at: datetime
) -> None:
    """A server did not know ``address``; it is believed the second time."""
    row = _row(session, address)
    row.refusals += 1
    if row.refusals >= REFUSALS:
        suppress(session, address, reason=reason, code=code, at=at)


def lift(session: Session, row: SuppressedAddress, *, by: Person | None, at: datetime) -> None:
    """Try the address again."""
    with audit.changing(session, "address.lifted", row, by=by):
        row.lifted_at, row.refusals = at, 0


def hold_back(session: Session, now: datetime) -> int:
    """Fail what is due for a silent address; how many messages."""
    silent = sa.select(Person.id).join(SuppressedAddress, SuppressedAddress.address == Person.email)
    query = (
        sa.update(Delivery)
        .where(
            Delivery.among(*OPEN),
            Delivery.next_at <= now,
            Delivery.channel == MAIL,
            Delivery.person_id.in_(silent.where(SuppressedAddress.is_silent())),
        )
        .values(state=State.FAILED, error=SUPPRESSED, token=None, lease_until=None)
    )
    result: Any = session.execute(query, execution_options={"synchronize_session": False})
    return int(result.rowcount)


def _row(session: Session, address: str) -> SuppressedAddress:
    """The row of ``address``, kept from other workers until the end of the transaction."""
    value = address.strip().lower()
    insert: Any = INSERT[session.get_bind().dialect.name](SuppressedAddress)
    session.execute(insert.on_conflict_do_nothing(), {"address": value, "reason": ""})
    query = sa.select(SuppressedAddress).where(SuppressedAddress.address == value)
    return session.scalars(query.with_for_update()).one()
