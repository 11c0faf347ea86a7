"""What the pages of obligations say, in the reader's language."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from drills.core.due import is_overdue
from drills.core.text import N_
from drills.obligations.kinds.cadence import (
    MONTHS_OF_YEAR,
    AfterEvent,
    Cadence,
    MonthDay,
    Periodic,
    Rolling,
)
from drills.obligations.kinds.reading import cadence_of, scope_of
from drills.obligations.models import Obligation, RuleVersion, Standing
from drills.web import filters

LOOKS = {
    Standing.OVERDUE: "late",
    Standing.DUE_SOON: "turn",
    Standing.NOT_YET: "wait",
    Standing.MET: "done",
    Standing.EXEMPT: "idle",
}
"""How a standing looks: a kind of ``ui.state``."""
STRIPES = {Standing.OVERDUE: "x", Standing.DUE_SOON: "n", Standing.MET: "d", Standing.NOT_YET: "w"}
RECORDS = {
    "drill": N_("Drill"),
    "obligation_record": N_("Noted here"),
    "check_record": N_("Check"),
    "decision": N_("Decision"),
    "certificate": N_("Certificate"),
    "contact_ask": N_("Contact check"),
    "contact_channel": N_("Contact channel"),
}
"""What the record that met a duty is called."""


def cadence(version: RuleVersion) -> str:
    """``Once a year, before 20/12``."""
    return written(cadence_of(version.cadence))


def scope(version: RuleVersion, kind: str) -> str:
    """The conditions of a version, ``from level 3; with an approved level``; empty for all."""
    found = scope_of(version.scope, kind)
    said = (
        (found.tiers, _("tiers %(codes)s", codes=", ".join(found.tiers))),
        (found.units, _("units %(codes)s", codes=", ".join(found.units))),
        (found.has_systems, _("with systems in operation")),
        (found.has_team, _("with a response team")),
        (found.level_from, _("from level %(level)s", level=found.level_from)),
        (found.level_to, _("up to level %(level)s", level=found.level_to)),
        (found.is_approved, _("with an approved level")),
        (found.core_only, _("core members only")),
        (found.operates_from_level, _operators(found.operates_from_level)),
        (found.is_live, _("live drills only")),
    )
    return "; ".join(text for is_asked, text in said if is_asked)


def _operators(level: int | None) -> str:
    return str(_("who answer for a system from level %(level)s", level=level))


def written(found: Cadence) -> str:
    text: str = _("As long as the record is good")
    if isinstance(found, Rolling):
        text = ngettext(
            "Every month, from the last time",
            "Every %(num)s months, from the last time",
            found.months,
        )
    elif isinstance(found, Periodic):
        text = _periodic(found)
    elif isinstance(found, AfterEvent):
        text = _after(found)
    elif found.first_due:
        day = filters.day(found.first_due)
        text = _("As long as the record is good; the first by %(day)s", day=day)
    return text


def _after(found: AfterEvent) -> str:
    text: str = ngettext("Within %(num)s day", "Within %(num)s days", found.amount)
    if found.is_hours:
        text = ngettext("Within %(num)s hour", "Within %(num)s hours", found.amount)
    return text


def _periodic(found: Periodic) -> str:
    text: str = _("Once a year")
    if found.months < MONTHS_OF_YEAR:
        text = ngettext("Once a month", "Once in every %(num)s months of the year", found.months)
    elif found.before:
        text = _("Once a year, before %(day)s", day=day_month(found.before))
    elif found.starts != MonthDay(1, 1):
        text = _("Once a year, counted from %(day)s", day=day_month(found.starts))
    return text


def day_month(value: MonthDay) -> str:
    """As it is written: 20/12."""
    return f"{value.day:02}/{value.month:02}"


def left(obligation: Obligation, on: date) -> str:
    """``14 days left``, or how long it is overdue; nothing is overdue while its grace lasts."""
    due, last = obligation.next_due_on, obligation.late_after
    if due is None:
        return ""
    if last and last != due and is_overdue(due, on) and not obligation.is_late:
        return str(_("grace until %(day)s", day=filters.day(last)))
    return filters.days_left(due, on)


def working_day(obligation: Obligation) -> str:
    """The last working day that is in time, where that is another day than the one due."""
    day = obligation.last_working_day
    if day is None or day == obligation.next_due_on:
        return ""
    return str(_("last working day %(day)s", day=filters.day(day)))
