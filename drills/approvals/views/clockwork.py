"""The statutory clocks of dossiers as their pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from drills.approvals.kinds import Unit
from drills.approvals.models import Dossier
from drills.approvals.models.clocks import CLOCKS, Clock
from drills.approvals.services.clocks import clocks
from drills.approvals.views.shown import today
from drills.extensions import db
from drills.web.filters import day

SOON = 2
"""With so many days left the clock asks for attention."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A clock in words; ``kind`` is that of ``ui.state``."""

    kind: str
    text: str
    what: str
    note: str = ""


def clocks_of(dossiers: Sequence[Dossier]) -> dict[int, Shown]:
    """By id the clock that matters today, for the dossiers that have one."""
    found = clocks(db.session, dossiers, today())
    return {key: _shown(clock) for key, clock in found.items() if clock}


def _shown(clock: Clock) -> Shown:
    what, due = str(_(CLOCKS[clock.kind])), day(clock.due_on)
    if clock.limit is None:
        text = _("%(days)s so far, no limit set", days=_days(clock.used, clock.unit))
        return Shown("idle", text, what)
    if clock.is_paused:
        text = _("the clock stands, %(days)s left", days=_days(clock.left or 0, clock.unit))
        return Shown("wait", text, what)
    if clock.is_late:
        return Shown("late", _("%(days)s late", days=_days(clock.late_by, clock.unit)), what, due)
    left = clock.left or 0
    text = _("%(days)s left", days=_days(left, clock.unit)) if left else _("last day today")
    return Shown("turn" if left <= SOON else "work", text, what, due)


def _days(number: int, unit: Unit) -> str:
    if unit is Unit.WORKING:
        return ngettext("%(num)s working day", "%(num)s working days", number)
    return ngettext("%(num)s day", "%(num)s days", number)
