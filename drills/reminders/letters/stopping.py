"""The signed link that stops one optional kind of message for one person (RFC 8058)."""

from datetime import UTC, datetime

from drills.reminders.models import KINDS, Delivery
from drills.web import links

PURPOSE = "stop"
FOREVER = datetime(2100, 1, 1, tzinfo=UTC)
"""A letter may be read years later; stopping it must still work."""


def stop_address(delivery: Delivery) -> str:
    """“” for what nobody may do without."""
    if delivery.about is None or not delivery.about.is_optional:
        return ""
    subject = f"{delivery.person_id}.{delivery.kind}"
    return links.address("reminders.stop", links.sign(PURPOSE, subject, expires_at=FOREVER))


def kind_to_stop(token: str, at: datetime) -> tuple[int, str] | None:
    """The id of the person and the kind that ``token`` may stop, if any."""
    subject = links.read(PURPOSE, token, at)
    if subject is None:
        return None
    number, _, key = subject.partition(".")
    kind = KINDS.get(key)
    return (int(number), key) if kind and kind.is_optional else None
