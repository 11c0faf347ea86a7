"""The audit trail of one system, in words."""

from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.audit.models import Entry
from drills.core.days import read_date
from drills.systems.models import (
    APPROVALS,
    DECISION_FIELDS,
    FIELDS,
    PLAN_STATES,
    SYSTEM_KINDS,
    SYSTEM_STATUSES,
    InformationSystem,
)
from drills.units.models import Unit
from drills.web.filters import day, moment

VERBS = {
    "created": _l("Entered into the register"),
    "imported": _l("Entered by import"),
    "revised": _l("Changed"),
    "decommissioned": _l("Taken out of use"),
    "loaded as demonstration": _l("loaded as demonstration"),
}
CHOICES: dict[str, dict[str, str]] = {
    "kind": {str(key): label for key, label in SYSTEM_KINDS.items()},
    "status": {str(key): label for key, label in SYSTEM_STATUSES.items()},
    "approval": {str(key): label for key, label in APPROVALS.items()},
    "plan_state": {str(key): label for key, label in PLAN_STATES.items()},
}
LABELS = FIELDS | DECISION_FIELDS
_UNITS = {"owner_id", "operator_id"}
_DAYS = {
    "decision_date",
    "review_due_on",
    "plan_expected_on",
    "approval_expected_on",
    "regulation_date",
}


def told(session: Session, system: InformationSystem) -> list[dict[str, Any]]:
    """The newest entries first. A new record's own values are on the page already."""
    entries = list(audit.history(session, system))
    names = _names(session, entries)
    return [
        {
            "title": VERBS.get(entry.verb, entry.verb),
            "at": moment(entry.at),
            "iso": entry.at.isoformat(),
            "text": entry.who or _("By the program itself"),
            "changes": [] if entry.verb in {"created", "imported"} else _changes(entry, names),
        }
        for entry in entries
    ]


def _changes(entry: Entry, names: dict[str, str]) -> list[tuple[str, str, str]]:
    return [
        (_(LABELS.get(key, key)), _shown(key, old, names), _shown(key, new, names))
        for key, (old, new) in entry.changes.items()
    ]


def _shown(key: str, text: str, names: dict[str, str]) -> str:
    if key in CHOICES and text:
        return str(_(CHOICES[key].get(text, text)))
    if key.endswith("_id"):
        return names.get(f"{key in _UNITS}:{text}", text)
    if key.startswith("has_"):
        return str(_("Yes") if text == "True" else _("No"))
    return day(read_date(text)) or text if key in _DAYS else text


def _names(session: Session, entries: list[Entry]) -> dict[str, str]:
    """Names of the units and people that the entries speak of, two queries at most."""
    found: dict[str, str] = {}
    for is_unit, model in ((True, Unit), (False, Person)):
        rows: Any = model
        ids = {
            int(text)
            for entry in entries
            for key, pair in entry.changes.items()
            for text in pair
            if key.endswith("_id") and (key in _UNITS) is is_unit and text.isdecimal()
        }
        if ids:
            query = sa.select(rows.id, rows.name).where(rows.id.in_(ids))
            found |= {f"{is_unit}:{key}": name for key, name in session.execute(query)}
    return found
