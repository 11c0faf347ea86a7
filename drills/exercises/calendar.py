"""A drill as an entry of a calendar: RFC 5545, for a download or an attachment."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from drills.exercises.models import Drill, Status

STAMP = {"vi": "[DIỄN TẬP]", "en": "[EXERCISE]"}
ONLINE = {"vi": "Trực tuyến", "en": "Online"}
WORDS = {
    "vi": "Cuộc diễn tập %s. Đây là diễn tập, không phải sự cố thật.",
    "en": "Drill %s. This is an exercise, not a real incident.",
}
TITLES = {"vi": "Diễn tập: %s", "en": "Drills: %s"}
REFRESH = timedelta(hours=4)
STATES = {Status.CANCELLED: "CANCELLED", Status.POSTPONED: "TENTATIVE"}


def uid(drill: Drill, host: str) -> str:
    return f"drill-{drill.id}@{host}"


def event(drill: Drill, *, host: str, url: str, language: str) -> bytes:
    """One VEVENT in the drill's own zone; a later version of the drill replaces an earlier one.

    ``host`` is that of the public address and makes the UID; ``url`` leads to the drill.
    """
    calendar = _calendar()
    calendar.add_component(_entry(drill, uid(drill, host), url, language))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def feed(
    drills: Iterable[Drill], *, name: str, host: str, links: Mapping[int, str], language: str
) -> bytes:
    """All of ``drills`` for a calendar program that comes back every few hours.

    ``links`` has the address of each by its id. What is called off stays, as CANCELLED: one
    that vanished would stay in calendars that keep what they know.
    """
    calendar = _calendar()
    calendar.add("name", TITLES[language] % name)
    calendar.add("x-wr-calname", TITLES[language] % name)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", REFRESH)
    for drill in drills:
        calendar.add_component(_entry(drill, uid(drill, host), links[drill.id], language))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Thao Truong//drills//VI")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    return calendar


def _entry(drill: Drill, identity: str, url: str, language: str) -> Event:
    entry = Event()
    entry.add("uid", identity)
    entry.add("sequence", drill.version)
    entry.add("dtstamp", drill.updated_at)
    entry.add("last-modified", drill.updated_at)
    entry.add("status", STATES.get(drill.status, "CONFIRMED"))
    entry.add("summary", f"{STAMP[language]} {drill.title}")
    entry.add("dtstart", _local(drill, drill.starts_at))
    entry.add("dtend", _local(drill, drill.ends_at))
    entry.add("description", f"{WORDS[language] % drill.code}\n{url}")
    entry.add("url", url)
    if place := drill.place or (ONLINE[language] if drill.is_online else ""):
        entry.add("location", place)
    return entry


def _local(drill: Drill, at: datetime) -> datetime:
    return at.astimezone(drill.zone)
