"""Who reads a letter and when, and how moments and addresses are written for them."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_name
from flask import current_app
from flask_babel import get_locale, ngettext

from drills.accounts.models import Person
from drills.web.filters import days_left, span


@dataclass(frozen=True, slots=True)
class Reader:
    """The person a letter is to, and ``at``: “7 days left” is reckoned from it."""

    person: Person
    at: datetime

    @property
    def language(self) -> str:
        return self.person.language

    @property
    def zone(self) -> ZoneInfo:
        return self.person.zone

    @property
    def today(self) -> date:
        return self.at.astimezone(self.zone).date()

    def span(self, start: datetime, end: datetime, zone: ZoneInfo | None = None) -> str:
        """``23/11/2026, 08:00 to 12:00 (Indochina Time)``, in the reader's zone or another."""
        zone = zone or self.zone
        name = get_timezone_name(start.astimezone(zone), locale=get_locale())
        return f"{span(start, end, zone)} ({name})"

    def left(self, anchor: datetime | date | None) -> str:
        """``7 days left``; “” where there is nothing to count to."""
        if anchor is None:
            return ""
        if not isinstance(anchor, datetime):
            return days_left(anchor, self.today)
        return time_left(anchor, self.at, self.zone)


def time_left(then: datetime, now: datetime, zone: ZoneInfo) -> str:
    """``7 days left`` by the reader's calendar; hours and minutes on the last half day."""
    left = then - now
    days = (then.astimezone(zone).date() - now.astimezone(zone).date()).days
    if days < 0:
        return days_left(then.astimezone(zone).date(), now.astimezone(zone).date())
    if days and left >= timedelta(hours=12):
        text: str = ngettext("%(num)s day left", "%(num)s days left", days)
    elif left >= timedelta(minutes=50):
        hours = round(left / timedelta(hours=1))
        text = ngettext("%(num)s hour left", "%(num)s hours left", hours)
    else:
        minutes = max(1, round(left / timedelta(minutes=1)))
        text = ngettext("%(num)s minute left", "%(num)s minutes left", minutes)
    return text


def page_address(endpoint: str, **arguments: object) -> str:
    """The public address of a page; no request is needed, and none is believed."""
    public: str = current_app.config["PUBLIC_URL"].rstrip("/")
    return public + current_app.url_map.bind("").build(endpoint, arguments)


def message_id(key: str, host: str) -> str:
    """The same for every copy of one delivery, so that mail systems can fold them."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{host}>"
