"""Keeping the obligations up to the day while nobody looks."""

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from drills.core import clock
from drills.obligations.services import recompute
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
