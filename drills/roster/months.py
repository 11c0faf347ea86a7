"""Months as people write them."""

import re
from datetime import date

from drills.core.days import YEARS

_MONTH = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})(?:-\d{1,2})?")
_YEAR = re.compile(r"\d{4}")


def read_month(text: str) -> date | None:
    """The first day of ``06/2015``, ``2015-06`` or the year ``2015``, else None."""
    written = text.strip()
    if found := _MONTH.fullmatch(written):
        month, year = int(found[1]), int(found[2])
    elif found := _ISO.fullmatch(written):
        year, month = int(found[1]), int(found[2])
    elif _YEAR.fullmatch(written):
        year, month = int(written), 1
    else:
        return None
    return date(year, month, 1) if 1 <= month <= 12 and year in YEARS else None
