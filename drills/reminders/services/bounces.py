"""What reports of undelivered mail mean for deliveries: which letter it was, and what follows."""

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.core.mail import own_host
from drills.core.mail.dsn import Bounce
from drills.reminders.letters.reading import message_id
from drills.reminders.models import MAIL, Delivery, State
from drills.reminders.services import suppression

PLACE = "{id}"
LATEST = timedelta(days=14)
"""Mail servers give up after five days; a report that comes later than this is of no letter."""
_SIGNED = 12


def return_path(config: Mapping[str, Any], delivery_id: int) -> str:
    """The sender on the envelope: one of its own for each letter, where that is set up."""
    path: str = config["MAIL_RETURN_PATH"]
    return path.replace(PLACE, f"{delivery_id}-{_signature(config, delivery_id)}")


def note(session: Session, config: Mapping[str, Any], bounce: Bounce, at: datetime) -> bool:
    """Whether the report was about a letter of ours; a second one of the same changes nothing.

    Believed is only who knows the letter: by its own return path, or by its Message-ID.
    """
    delivery = _find(session, config, bounce, at)
    if delivery is None:
        return False
    if bounce.is_dead:
        reason = bounce.text or bounce.status
        suppression.suppress(session, delivery.address, reason=reason, code=bounce.code, at=at)
    if delivery.state is State.SENT:
        if bounce.is_hard:
            delivery.state = State.FAILED
        delivery.code = bounce.code or delivery.code
        delivery.error = f"came back: {bounce.status} {bounce.text}".strip()
    session.flush()
    return True


def _find(
    session: Session, config: Mapping[str, Any], bounce: Bounce, at: datetime
) -> Delivery | None:
    for delivery_id in _signed_ids(config, bounce):
        return session.get(Delivery, delivery_id)
    host = own_host(config)
    recent = sa.select(Delivery).where(
        Delivery.among(State.SENT, State.FAILED),
        Delivery.due_at > at - LATEST,
        Delivery.channel == MAIL,
        Delivery.address == bounce.recipient,
    )
    for delivery in session.scalars(recent):
        if message_id(delivery.delivery_key, host) == bounce.message_id:
            return delivery
    return None


def _signed_ids(config: Mapping[str, Any], bounce: Bounce) -> Iterator[int]:
    before, place, after = config["MAIL_RETURN_PATH"].partition(PLACE)
    if not place:
        return
    form = rf"{re.escape(before)}(\d{{1,18}})-([0-9a-f]{{{_SIGNED}}}){re.escape(after)}"
    for address in bounce.returned_to:
        found = re.fullmatch(form, address, re.IGNORECASE)
        if found and hmac.compare_digest(found[2].lower(), _signature(config, int(found[1]))):
            yield int(found[1])


def _signature(config: Mapping[str, Any], delivery_id: int) -> str:
    key = f"return path of {config['SECRET_KEY']}".encode()
    return hmac.new(key, str(delivery_id).encode(), hashlib.sha256).hexdigest()[:_SIGNED]
