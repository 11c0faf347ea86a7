"""Days and times of day as people write them."""

import re
from calendar import monthrange
from datetime import date, time, timedelta

from drills.core.text import fold

NAMED_DAYS = {
    "hom nay": 0,
    "today": 0,
    "hom qua": -1,
    "yesterday": -1,
    "hom kia": -2,
    "mai": 1,
    "ngay mai": 1,
    "tomorrow": 1,
}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:T00:00:00)?")
_FULL = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})")
_SHORT = re.compile(r"(\d{1,2})[/.\-](\d{1,2})")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2})?)?")
YEARS = range(1900, 2201)


def read_date(text: str) -> date | None:
    """The day that ``23/11/2026``, ``1-2-26`` or ``2026-11-23`` means, else None."""
    if iso := _ISO.fullmatch(text.strip()):
        year, month, day = (int(part) for part in iso.groups())
    elif full := _FULL.fullmatch(text.strip()):
        day, month, year = (int(part) for part in full.groups())
        year += 2000 if len(full[3]) < len("2026") else 0
    else:
        return None
    return _date(year, month, day)


def read_day(text: str, today: date) -> date | None:
    """The same, and ``23/11`` of this year, ``hôm qua`` or ``tomorrow``."""
    words = fold(text)
    if words in NAMED_DAYS:
        return today + timedelta(days=NAMED_DAYS[words])
    if short := _SHORT.fullmatch(words):
        return _date(today.year, int(short[2]), int(short[1]))
    return read_date(words)


def read_clock(text: str) -> time | None:
    """The time of day that ``8:00``, ``08.00``, ``8h30`` or ``8h`` means, else None."""
    parts = _CLOCK.fullmatch(fold(text))
    if parts is None:
        return None
    hour, minute = int(parts[1]), int(parts[2] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def add_months(day: date, months: int) -> date:
    """The same day that many months on, or the last of a month that is too short for it."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in YEARS else None
    except ValueError:
        return None
