"""The trail of a list of injects: read only by those who may know the list."""

from typing import Any

from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.exercises.models import Drill
from drills.exercises.services.msel.details import InjectDetails
from drills.exercises.services.msel.plans import differing


class Msel:
    """The list as the trail names it: by its drill, so that a deleted inject is still secret."""

    __tablename__ = "msel"

    def __init__(self, drill: Drill) -> None:
        self.id, self.code, self.title = drill.id, drill.code, drill.title


def note(
    session: Session, verb: str, drill: Drill, changes: dict[str, Any], *, by: Person | None
) -> None:
    session.add(audit.entry(verb, Msel(drill), by=by, changes=changes))
    session.flush()


def told(before: InjectDetails, after: InjectDetails) -> dict[str, list[str]]:
    """``{"4 title": [old, new]}`` of what differs."""
    return {
        f"{before.number} {key.removeprefix('column:')}": [_text(before, key), _text(after, key)]
        for key in differing(before, after)
    }


def _text(details: InjectDetails, key: str) -> str:
    if key.startswith("column:"):
        return details.extra.get(key.removeprefix("column:"), "")
    value = getattr(details, key)
    if isinstance(value, tuple):
        return "; ".join(value)
    return "" if value is None else str(value)
