"""The law in words: how a clock stands, and what one law calls what another calls otherwise.

Pages and letters ask the same functions, so they never say two things of one clock.
"""

from datetime import date

from babel.dates import format_date
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from drills.approvals.kinds import Unit
from drills.approvals.models import Regime
from drills.approvals.models.clocks import Clock
from drills.approvals.services.asked import rules_of
from drills.web.filters import day

SHORT_DAYS = {"vi": "dd/MM", "en": "d MMM"}
SOON = 2


def language() -> str:
    locale = get_locale()
    return "en" if locale and locale.language == "en" else "vi"


def term(regime: Regime, key: str) -> str:
    """What the law of ``regime`` calls ``key`` (see ``kinds.WORDS``), in the reader's language."""
    return rules_of(regime).word(key, language())


def clock_told(clock: Clock | None, today: date) -> str:
    """``còn 4 ngày làm việc, hạn 27/11``; nothing where no clock runs."""
    if clock is None:
        return ""
    if clock.ended_on is not None:
        return _ended(clock)
    if clock.is_paused:
        return _standing(clock)
    return _running(clock, today)


def clock_kind(clock: Clock | None) -> str:
    """The kind of ``ui.state`` that a clock asks for."""
    if clock is None or clock.is_paused or clock.ended_on is not None:
        return "idle"
    if clock.is_late:
        return "late"
    return "turn" if clock.left is not None and clock.left <= SOON else "wait"


def days_told(number: int, unit: Unit) -> str:
    if unit is Unit.WORKING:
        return str(ngettext("%(num)s working day", "%(num)s working days", number))
    return str(ngettext("%(num)s day", "%(num)s days", number))


def _ended(clock: Clock) -> str:
    used = days_told(clock.used, clock.unit)
    if clock.limit is None:
        return str(_("done in %(days)s", days=used))
    if clock.is_late:
        late = days_told(clock.late_by, clock.unit)
        return str(_("done in %(days)s, %(late)s late", days=used, late=late))
    return str(_("done in %(days)s, in time", days=used))


def _standing(clock: Clock) -> str:
    if clock.left is None:
        return str(_("stands at %(days)s", days=days_told(clock.used, clock.unit)))
    if clock.is_late:
        return str(_("stands, %(days)s overdue", days=days_told(clock.late_by, clock.unit)))
    return str(_("stands, %(days)s left", days=days_told(clock.left, clock.unit)))


def _running(clock: Clock, today: date) -> str:
    if clock.left is None or clock.due_on is None:
        return str(_("%(days)s so far, no time limit", days=days_told(clock.used, clock.unit)))
    due = _short(clock.due_on, today)
    if clock.is_late:
        late = days_told(clock.late_by, clock.unit)
        return str(_("%(days)s overdue, was due %(due)s", days=late, due=due))
    if clock.due_on == today:
        return str(_("due today, %(due)s", due=due))
    return str(_("%(days)s left, due %(due)s", days=days_told(clock.left, clock.unit), due=due))


def _short(due: date, today: date) -> str:
    """``27/11``, with the year where it is another."""
    if due.year != today.year:
        return day(due)
    return format_date(due, SHORT_DAYS[language()], get_locale() or "vi")
