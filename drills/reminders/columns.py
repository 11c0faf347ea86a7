"""The columns of the list of messages in a spreadsheet."""

from typing import Any

from flask_babel import get_timezone, ngettext
from flask_babel import gettext as _

from drills.reminders.kinds import BECAUSE
from drills.reminders.models import STATES


def headers() -> list[str]:
    return [
        _("About"),
        _("Kind"),
        _("Recipient"),
        _("Address"),
        _("Unit"),
        _("Goes out"),
        _("Lead time"),
        _("Why"),
        _("State"),
        _("Remark"),
    ]


def cells(line: Any) -> list[Any]:
    """Of a message planned, or of one that is stored."""
    stored = getattr(line, "delivery", None)
    source = stored or line
    due = (stored.sent_at or stored.due_at) if stored else line.due_at
    rule = source.rule
    return [
        line.title,
        _(line.kind.label) if line.kind else _("Digest"),
        source.person.name,
        (stored.address if stored else "") or source.person.email or "",
        source.person.unit.name,
        due.astimezone(get_timezone()).replace(tzinfo=None),
        ngettext(*rule.label, rule.amount) if rule else "",
        _(BECAUSE[source.reason]) if source.reason in BECAUSE else "",
        _(STATES[stored.state]) if stored else _("To be sent"),
        stored.error if stored else "",
    ]
