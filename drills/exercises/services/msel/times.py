"""When an inject is due, as people write it: ``T+15``, ``M-5``, ``H+1:30``, ``09:05``, a moment."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from drills.core.text import fold

OFFSET_MAX = 60 * 86_400
"""Seconds; what is further from the start than this is a slip of the pen."""
SLACK = timedelta(hours=2)
"""How far before the start and after the end a time of day still belongs to the drill."""
EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a serial number has no zone

_SIGNED = re.compile(
    r"(?P<base>(?:startex|start|gio g|[tmhg0])?)\s*(?P<sign>[+-])\s*(?P<span>\d.*)"
)
_CLOCKED = re.compile(r"(\d{1,4})\s*[:hg]\s*(\d{1,2})(?:\s*[:mp]\s*(\d{1,2}))?")
_WORDED = re.compile(
    r"(?:(\d+)\s*(?:h|g|gio|hours?|hrs?)\b)?\s*"
    r"(?:(\d+)\s*(?:'|m|p|ph|phut|min|mins|minutes?)(?![a-z]))?\s*"
    r"(?:(\d+)\s*(?:\"|s|gi|giay|sec|secs|seconds?)(?![a-z]))?"
)
_BARE = re.compile(r"\d{1,5}")
_DECIMAL = re.compile(r"\d{1,6}[.,]\d+")
_CLOCK = re.compile(
    r"(\d{1,2})\s*(?:[:h.]|gio|g)\s*(?:(\d{1,2})(?:\s*(?::|phut|p)\s*(\d{1,2})(?:\.0*)?)?)?"
    r"\s*(?:phut|p|')?\s*(am|pm|sang|chieu|toi)?"
)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ]+(.+))?")
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?")
_NTH = re.compile(r"(?:ngay|day|d|n)\s*[+]?\s*(\d{1,2})")
_PM = frozenset({"pm", "chieu", "toi"})


class BadTime(ValueError):
    """The text names no time; ``args[0]`` is the text."""


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due: ``offset`` seconds of exercise time, or at a moment, or neither."""

    offset: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """The days a drill lasts, to which a time of day is added."""

    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo

    def moment(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=self.zone)

    def nearest(self, clock: time) -> datetime:
        """The first day of the drill on which this time falls into it, else the first day."""
        days = list(self._days())
        for day in days:
            at = self.moment(day, clock)
            if self.starts_at - SLACK <= at <= self.ends_at + SLACK:
                return at
        return self.moment(days[0], clock)

    def _days(self) -> Iterator[date]:
        day = self.starts_at.astimezone(self.zone).date()
        last = self.ends_at.astimezone(self.zone).date()
        yield day
        while day < last and (day := day + timedelta(days=1)):
            yield day


def read(text: str, frame: Frame, day: date | None = None) -> Due:
    """When ``text`` says; ``day`` is the one a section or another column has named.

    BadTime if it says nothing, or something impossible. Empty text is no time at all.
    """
    words = fold(text).strip(" .;")
    if not words or words in {"-", "—", "–"}:
        return Due()
    offset = _offset(words)
    if offset is not None:
        if abs(offset) > OFFSET_MAX:
            raise BadTime(text)
        return Due(offset=offset)
    at = _moment(words, frame, day)
    if at is None:
        raise BadTime(text)
    return Due(at=at)


def read_date(text: str, frame: Frame) -> date | None:
    """The day that ``23/11/2026``, ``ngày 2`` or ``D+1`` means, else None."""
    words = fold(text).strip(" .;:")
    first = frame.starts_at.astimezone(frame.zone).date()
    if nth := _NTH.fullmatch(words):
        ahead = int(nth[1]) - (0 if "+" in words else 1)
        return first + timedelta(days=ahead) if ahead >= 0 else None
    words = re.sub(r"^(?:ngay|day|date)\s+", "", words)
    if iso := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:t00:00:00)?", words):
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    if found := _DAY.fullmatch(words):
        return _date(_year(found[3], first), int(found[2]), int(found[1]))
    return None


def write(seconds: int) -> str:
    """``T+15``, ``T-5``, ``T+90``; with seconds ``T+0:00:30``."""
    sign, minutes, rest = "-" if seconds < 0 else "+", abs(seconds) // 60, abs(seconds) % 60
    if rest:
        return f"T{sign}{minutes // 60}:{minutes % 60:02}:{rest:02}"
    return f"T{sign}{minutes}"


def write_moment(at: datetime, frame: Frame) -> str:
    """``09:05`` where that can only mean this moment, else ``2026-12-08 09:05``."""
    local = at.astimezone(frame.zone)
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return clock if frame.nearest(local.time()) == at else f"{local:%Y-%m-%d} {clock}"


def write_due(offset: int | None, at: datetime | None, frame: Frame) -> str:
    if offset is not None:
        return write(offset)
    return write_moment(at, frame) if at else ""


def _offset(words: str) -> int | None:
    """Seconds from the start. A bare number is minutes; after ``H`` it is hours."""
    if re.fullmatch(r"[tmhg](?:\s*[=+-]?\s*0)?|startex", words):
        return 0
    if signed := _SIGNED.fullmatch(words):
        unit = 3600 if signed["base"] in {"h", "g", "gio g"} else 60
        span = _span(signed["span"].strip(), unit)
        return -span if span and signed["sign"] == "-" else span
    if _BARE.fullmatch(words):
        return int(words) * 60
    is_clock = re.search(r"\d\s*(?:h|gio)\b", words)  # 9 giờ 05 phút is a time of day
    has_unit = not is_clock and re.search(r"['\"]|phut|min|giay|sec|hour|hrs?\b", words)
    return _worded(words) if has_unit else None


def _span(words: str, unit: int) -> int | None:
    if _BARE.fullmatch(words):
        return int(words) * unit
    if clocked := _CLOCKED.fullmatch(words):
        hours, minutes, seconds = (int(part or 0) for part in clocked.groups())
        return hours * 3600 + minutes * 60 + seconds if minutes < 60 and seconds < 60 else None
    return _worded(words)


def _worded(words: str) -> int | None:
    """``1h30'``, ``15 phút``, ``90 min``, ``1 giờ 5 phút``."""
    found = _WORDED.fullmatch(words)
    if found is None or not any(found.groups()):
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def _moment(words: str, frame: Frame, day: date | None) -> datetime | None:
    if iso := _ISO.fullmatch(words):
        date_ = _date(int(iso[1]), int(iso[2]), int(iso[3]))
        return _on(date_, iso[4] or "", frame) if date_ else None
    clock = _serial(words) if _DECIMAL.fullmatch(words) else _clock(words)
    if isinstance(clock, datetime):
        return clock.replace(tzinfo=frame.zone)
    if clock:
        return frame.moment(day, clock) if day else frame.nearest(clock)
    return _with_day(words, frame)


def _with_day(words: str, frame: Frame) -> datetime | None:
    for first, second in _parted(words):
        found, clock = read_date(first, frame), _clock(second)
        if found and clock:
            return frame.moment(found, clock)
    return None


def _parted(words: str) -> Iterator[tuple[str, str]]:
    """(day, time of day) of ``08/12/2026 09:05`` and ``9h05 ngày 08/12``, tried at each blank."""
    pieces = re.split(r"[\s,]+", words.replace(" - ", " "))
    for place in range(1, len(pieces)):
        first, second = " ".join(pieces[:place]), " ".join(pieces[place:])
        yield first, second
        yield second, first


def _on(day: date, rest: str, frame: Frame) -> datetime | None:
    """A moment in ISO 8601, with its own offset or in the zone of the drill."""
    zoned = re.fullmatch(r"(.+?)\s*(z|[+-]\d{2}:?\d{2})", rest)
    clock = _clock(zoned[1] if zoned else rest)
    if clock is None:
        return None
    if zoned:
        own = "+00:00" if zoned[2] == "z" else zoned[2]
        return datetime.fromisoformat(f"{day.isoformat()}T{clock.isoformat()}{own}")
    return frame.moment(day, clock)


def _clock(words: str) -> time | None:
    found = _CLOCK.fullmatch(words.strip())
    if found is None:
        return None
    hour, minute, second = (int(part or 0) for part in found.groups()[:3])
    half = found[4]
    if half in _PM and hour < 12:
        hour += 12
    if half in {"am", "sang"} and hour == 12:
        hour = 0
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _serial(words: str) -> time | datetime | None:
    """An Excel number that was never formatted: below 1 a time of day, else a moment."""
    number = float(words.replace(",", "."))
    at = EXCEL_EPOCH + timedelta(seconds=round(number * 86_400))
    if number < 1:
        return at.time()
    return at if 30_000 < number < 80_000 else None


def _year(text: str | None, first: date) -> int:
    if text is None:
        return first.year
    return int(text) + (2000 if len(text) == 2 else 0)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 2000 <= year <= 2100 else None
    except ValueError:
        return None
