"""A drill as an entry of a calendar (RFC 5545), and as a request between calendars (RFC 5546).

Files and feeds carry no METHOD: they show how things stand and ask nothing of anybody.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache

from icalendar import Calendar, Event, Timezone, vCalAddress

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
STEP = 100
"""So many messages may go to one person about one version of a drill, each with a SEQUENCE of
its own."""


class Method(StrEnum):
    """What a message between calendars asks for: RFC 5546, 3.2."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody a calendar can write to."""

    name: str
    email: str

    def address(self, **parameters: str) -> vCalAddress:
        found = vCalAddress(f"mailto:{self.email}")
        found.params["CN"] = self.name.replace('"', "'")
        found.params.update({name.upper(): value for name, value in parameters.items()})
        return found


@dataclass(frozen=True, slots=True)
class Errand:
    """One message between calendars: ``number`` counts those the person had before, and makes
    the SEQUENCE rise where the drill itself has not changed since; ``at`` is when it is written.
    """

    method: Method
    organizer: Party
    attendee: Party
    number: int
    at: datetime


def uid(drill: Drill, host: str) -> str:
    return f"drill-{drill.id}@{host}"


def event(drill: Drill, *, host: str, url: str, language: str) -> bytes:
    """One VEVENT in the drill's own zone; a later version of the drill replaces an earlier one.

    ``host`` is that of the public address and makes the UID; ``url`` leads to the drill.
    """
    calendar = _calendar()
    calendar.add_component(_entry(drill, uid(drill, host), url, language))
    return _written(calendar)


def message(drill: Drill, errand: Errand, *, host: str, url: str, language: str) -> bytes:
    """A REQUEST to take part, or the CANCEL of one, to one person: RFC 5546, 3.2.2 and 3.2.5."""
    calendar, entry = _calendar(), _entry(drill, uid(drill, host), url, language)
    calendar.add("method", errand.method.value)
    entry["SEQUENCE"] = drill.version * STEP + min(errand.number, STEP - 1)
    entry.pop("DTSTAMP")
    entry.add("dtstamp", errand.at.astimezone(UTC))
    entry.add("organizer", errand.organizer.address())
    if errand.method is Method.REQUEST:
        asked = {"role": "REQ-PARTICIPANT", "partstat": "NEEDS-ACTION", "rsvp": "TRUE"}
        entry.add("attendee", errand.attendee.address(cutype="INDIVIDUAL", **asked))
    else:
        entry["STATUS"] = "CANCELLED"
        entry.add("attendee", errand.attendee.address())
    calendar.add_component(entry)
    return _written(calendar)


def feed(
    drills: Iterable[Drill],
    *,
    name: str,
    host: str,
    links: Mapping[int, str],
    language: str,
    more: Iterable[Event] = (),
) -> bytes:
    """All of ``drills`` for a calendar program that comes back every few hours.

    ``links`` has the address of each by its id, ``more`` what other features add. What is called
    off stays, as CANCELLED: one that vanished would stay in calendars that keep what they know.
    """
    calendar = _calendar()
    calendar.add("name", TITLES[language] % name)
    calendar.add("x-wr-calname", TITLES[language] % name)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", REFRESH)
    for drill in drills:
        calendar.add_component(_entry(drill, uid(drill, host), links[drill.id], language))
    for entry in more:
        calendar.add_component(entry)
    return _written(calendar)


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Thao Truong//drills//VI")
    calendar.add("version", "2.0")
    return calendar


def _written(calendar: Calendar) -> bytes:
    """With the rules of the zones before the entries that name them."""
    zones = b"".join(_zone(name) for name in sorted(calendar.get_missing_tzids()))
    head, begin, entries = bytes(calendar.to_ical()).partition(b"BEGIN:VEVENT")
    return head + zones + begin + entries


@cache
def _zone(name: str) -> bytes:
    """Takes as long as a letter to reckon, and to write."""
    return bytes(Timezone.from_tzid(name).to_ical())


def _entry(drill: Drill, identity: str, url: str, language: str) -> Event:
    entry = Event()
    entry.add("uid", identity)
    entry.add("sequence", drill.version * STEP)
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
