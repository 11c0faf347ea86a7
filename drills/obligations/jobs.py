"""Keeping the obligations up to the day while nobody looks, and asking those who owe an answer."""

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from drills.core import clock
from drills.obligations.services import asking, recompute
from drills.units.models import Organisation


def keep_up(session: Session, _config: Mapping[str, Any], _stopping: Callable[[], bool]) -> str:
    """Heed what has happened since; the answer is a line for the log, empty for nothing."""
    home = session.get(Organisation, 1)
    at = clock.now()
    if home is None or not recompute.is_stale(session, at, ZoneInfo(home.time_zone)):
        return ""
    changes = recompute.refresh(session, at, ZoneInfo(home.time_zone))
    session.commit()
    return f"{changes.total} obligations written" if changes.total else ""


def ask_contacts(
    session: Session, _config: Mapping[str, Any], _stopping: Callable[[], bool]
) -> str:
    """Open a contact check for whoever is soon to confirm their numbers again."""
    home = session.get(Organisation, 1)
    if home is None:
        return ""
    at = clock.now()
    recompute.refresh(session, at, ZoneInfo(home.time_zone))  # locks: only one process asks
    count = asking.ask_who_is_due(session, home, at)
    session.commit()
    return f"asked {count} whether their numbers are right" if count else ""
