"""How dates, times and numbers are written for the reader: their language, their zone."""

from datetime import date, datetime, tzinfo

from babel import Locale
from babel.dates import format_date, get_timezone_location
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale, get_timezone, ngettext
from flask_babel import gettext as _

from drills.core import due
from drills.web import navigation

DAY_PATTERNS = {"vi": "dd/MM/yyyy"}
DAY_PATTERN = "d MMM yyyy"
DEFAULT_LOCALE = Locale("vi")
PLACES = {"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
"""The parts of the world under which zones of countries are named."""


def _locale() -> Locale:
    return get_locale() or DEFAULT_LOCALE


def _local(value: datetime, zone: tzinfo | None) -> datetime:
    return value.astimezone(zone or get_timezone())


def day(value: date | None, zone: tzinfo | None = None) -> str:
    """``23/11/2026`` or ``23 Nov 2026``; a datetime is taken to the reader's zone first."""
    if value is None:
        return ""
    local = _local(value, zone).date() if isinstance(value, datetime) else value
    locale = _locale()
    return format_date(local, DAY_PATTERNS.get(locale.language, DAY_PATTERN), locale)


def clock(value: datetime | None, zone: tzinfo | None = None) -> str:
    """``08:00`` in the reader's zone."""
    return "" if value is None else f"{_local(value, zone):%H:%M}"


def moment(value: datetime | None, zone: tzinfo | None = None) -> str:
    """``23/11/2026, 08:00`` in the reader's zone."""
    return "" if value is None else f"{day(value, zone)}, {clock(value, zone)}"


def span(start: datetime | None, end: datetime | None = None, zone: tzinfo | None = None) -> str:
    """``23/11/2026, 08:00 to 12:00``; the second day is named only when it is another."""
    if start is None or end is None or end == start:
        return moment(start, zone)
    same_day = _local(start, zone).date() == _local(end, zone).date()
    last = clock(end, zone) if same_day else moment(end, zone)
    text: str = _("%(start)s to %(end)s", start=moment(start, zone), end=last)
    return text


def days_left(value: date, today: date) -> str:
    """``4 days left``, ``today`` or ``12 days overdue``."""
    days = (value - today).days
    text: str = _("today")
    if days > 0:
        text = ngettext("%(num)s day left", "%(num)s days left", days)
    if due.is_overdue(value, today):
        text = ngettext("%(num)s day overdue", "%(num)s days overdue", -days)
    return text


def due_look(value: date | None, today: date) -> str:
    """The class that colours a due day: ``bad``, ``warn`` or ``muted``."""
    if value is None:
        return "muted"
    if due.is_overdue(value, today):
        return "bad"
    return "warn" if due.is_soon(value, today) else "muted"


def zone_name(value: str) -> str:
    """``Giờ Việt Nam`` of ``Asia/Ho_Chi_Minh``; of a zone of no country its own name."""
    place, _slash, _city = value.partition("/")
    return get_timezone_location(value, locale=_locale()) if place in PLACES else value


def weekday(value: date) -> str:
    """``Th 2`` or ``Mon``."""
    return str(format_date(value, "EEE", _locale()))


def number(value: float | None) -> str:
    """``1.860`` in Vietnamese, ``1,860`` in English."""
    return "" if value is None else format_decimal(value, locale=_locale())


def init_app(app: Flask) -> None:
    for name in (day, clock, moment, span, days_left, due_look, zone_name, weekday, number):
        app.jinja_env.filters[name.__name__] = name
    app.jinja_env.globals["address"] = navigation.address
