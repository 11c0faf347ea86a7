"""The audit trail of one system, in words."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from drills.audit import services as audit
from drills.audit.reading import Reading
from drills.systems.models import DECISION_FIELDS, FIELDS, InformationSystem
from drills.web.filters import moment

VERBS = {
    "created": _l("Entered into the register"),
    "imported": _l("Entered by import"),
    "revised": _l("Changed"),
    "decommissioned": _l("Taken out of use"),
    "loaded as demonstration": _l("loaded as demonstration"),
}
LABELS = FIELDS | DECISION_FIELDS


def told(session: Session, system: InformationSystem) -> list[dict[str, Any]]:
    """The newest entries first. A new record's own values are on the page already."""
    entries = list(audit.history(session, system))
    reading = Reading(session, entries, LABELS)
    return [
        {
            "title": VERBS.get(entry.verb, entry.verb),
            "at": moment(entry.at),
            "iso": entry.at.isoformat(),
            "text": entry.who or _("By the program itself"),
            "changes": [] if entry.verb in {"created", "imported"} else reading.changes(entry),
        }
        for entry in entries
    ]
