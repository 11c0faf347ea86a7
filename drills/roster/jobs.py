"""Asking those again who have not answered a contact check."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from drills.core import clock
from drills.roster.services.contact_checks import retry_due


def ask_again(session: Session, _config: Mapping[str, Any], _stopping: Callable[[], bool]) -> str:
    """Make the next letters of open checks due; they are sent with the reminders."""
    count = retry_due(session, clock.now())
    session.commit()
    return f"asked {count} again" if count else ""
