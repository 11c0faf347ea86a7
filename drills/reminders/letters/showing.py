"""A letter that has not left yet, as its reader will get it, shown to somebody else."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from drills.reminders.letters.press import Press, Words
from drills.reminders.models import Delivery
from drills.web import links


def show(
    session: Session, delivery: Delivery, config: Mapping[str, Any], *, now: datetime
) -> Words:
    """What it says when it falls due, or now if it is late.

    The links that let its reader answer without signing in lead nowhere: they are theirs alone.
    ``delivery`` need not be stored, and is not stored by this. Raises ``LookupError`` if what it
    is about is gone.
    """
    at = max(delivery.due_at, now)
    press = Press(config, at=at, today=at)
    is_stored = delivery in session
    with session.no_autoflush, links.withheld():
        session.add(delivery)
        try:
            return press.words(delivery)[0]
        finally:
            if not is_stored:
                session.expunge(delivery)
