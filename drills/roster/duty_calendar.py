"""Shifts as entries of a calendar (RFC 5545)."""

from collections.abc import Iterable

from icalendar import Event

from drills.roster.models import DutyRole
from drills.roster.services.duty import Stretch

TITLES = {
    ("vi", DutyRole.PRIMARY): "Trực",
    ("vi", DutyRole.BACKUP): "Trực dự phòng",
    ("en", DutyRole.PRIMARY): "On duty",
    ("en", DutyRole.BACKUP): "Backup on duty",
}
INSTEAD = {"vi": "Trực thay %s", "en": "Instead of %s"}


def entries(stretches: Iterable[Stretch], *, host: str, root: str, language: str) -> list[Event]:
    """One VEVENT for each stretch; ``root`` is the public address, ``host`` makes the UID.

    A part that is given away vanishes from one calendar and appears in another under a UID of
    its own: who reads the address again sees the change.
    """
    return [_entry(stretch, host, root, language) for stretch in stretches]


def _entry(stretch: Stretch, host: str, root: str, language: str) -> Event:
    shift, override = stretch.shift, stretch.override
    kept = override or shift
    part = f"-{stretch.starts_at:%Y%m%dT%H%M}" if shift.overrides else ""
    entry = Event()
    entry.add("uid", f"shift-{shift.id}{part}@{host}")
    entry.add("dtstamp", kept.updated_at)
    entry.add("last-modified", kept.updated_at)
    title = f"{TITLES[language, stretch.role]}: {stretch.person.name}, {stretch.team.name}"
    entry.add("summary", title)
    entry.add("dtstart", stretch.starts_at)
    entry.add("dtend", stretch.ends_at)
    if note := INSTEAD[language] % shift.person.name if override else shift.note:
        entry.add("description", note)
    entry.add("url", f"{root}/shifts/{shift.id}/")
    entry.add("transp", "TRANSPARENT")
    return entry
