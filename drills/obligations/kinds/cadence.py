"""How often something is due: the arithmetic, on days and moments, without a database.

A duty is met by something that happened; what is due next follows from the last time. Versions of
a rule tile time: a period, or an interval, that has begun under one version ends under it.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise

from drills.core.days import add_months

DAY = timedelta(days=1)
MONTHS_OF_YEAR = 12


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of every year, 29 February excepted."""

    month: int
    day: int

    def of(self, year: int) -> date:
        return date(year, self.month, self.day)

    def after(self, day: date) -> date:
        """The first one after ``day``."""
        this = self.of(day.year)
        return this if this > day else self.of(day.year + 1)

    def __str__(self) -> str:
        return f"{self.month:02}-{self.day:02}"


@dataclass(frozen=True, slots=True)
class Rolling:
    """Every so many months from the last time."""

    months: int


@dataclass(frozen=True, slots=True)
class Periodic:
    """Once in each period of ``months``, a part of the year; one of them begins on ``starts``.

    With ``before`` it is due strictly before that day, the first one after the period has ended;
    else by its last day.
    """

    months: int = MONTHS_OF_YEAR
    starts: MonthDay = MonthDay(1, 1)
    before: MonthDay | None = None

    def around(self, day: date) -> tuple[date, date]:
        """The first and the last day of the period that holds ``day``."""
        months = (day.year - 1) * MONTHS_OF_YEAR + day.month - self.starts.month
        begin = self._start(months // self.months)
        if begin > day:
            return self._start(months // self.months - 1), begin - DAY
        return begin, self._start(months // self.months + 1) - DAY

    def _start(self, number: int) -> date:
        months = number * self.months + self.starts.month - 1
        year, month = divmod(months, MONTHS_OF_YEAR)
        return date(year + 1, month + 1, self.starts.day)

    def due_on(self, end: date) -> date:
        return self.before.after(end) - DAY if self.before else end


@dataclass(frozen=True, slots=True)
class AfterEvent:
    """So many hours, or days, after something happened."""

    amount: int
    is_hours: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """The record itself says until when it is good; who has none owes one by ``first_due``."""

    first_due: date | None = None


Cadence = Rolling | Periodic | AfterEvent | Given


@dataclass(frozen=True, slots=True)
class Due:
    """The last day that is in time; ``period`` names it where there are periods.

    ``at`` is the very moment where hours are counted.
    """

    on: date
    period: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    """One period, both days within."""

    start: date
    end: date
    due_on: date

    @property
    def period(self) -> str:
        return f"{self.start}/{self.end}"

    @property
    def due(self) -> Due:
        return Due(self.due_on, self.period)


@dataclass(frozen=True, slots=True)
class Version:
    """A cadence and the first day it holds."""

    valid_from: date
    cadence: Cadence


def tiles(versions: Sequence[Version]) -> Iterator[Tile]:
    """The periods of a rule from its first day on, endless, without a gap and without overlap.

    The period in which a version begins runs to its end; what is left of the new version's own
    period joins the next one if it is less than half.
    """
    start, number = _periodic(versions[0]).around(versions[0].valid_from)[0], 0
    while True:
        while number + 1 < len(versions) and versions[number + 1].valid_from <= start:
            number += 1
        cadence = _periodic(versions[number])
        first, end = cadence.around(start)
        if is_short(start, first, end):
            end = cadence.around(end + DAY)[1]
        yield Tile(start, end, cadence.due_on(end))
        start = end + DAY


def is_short(start: date, first: date, end: date) -> bool:
    """Whether less than half of the period is left on ``start``."""
    return 2 * (end - start + DAY) < end - first + DAY


def _periodic(version: Version) -> Periodic:
    assert isinstance(version.cadence, Periodic)
    return version.cadence


@dataclass(slots=True)
class Calendar:
    """All versions of one rule, read as one: what is due after what."""

    versions: Sequence[Version]
    """The oldest first, all of one kind of cadence."""
    zone: tzinfo
    _tiles: list[Tile] = field(default_factory=list)
    _ends: list[date] = field(default_factory=list)
    _more: Iterator[Tile] | None = None
    _known: dict[tuple[date | None, date], Due] = field(default_factory=dict)

    def due(self, last: date | None, since: date) -> Due:
        """What is owed next by somebody who owes it ``since`` a day, and met it ``last``.

        For cadences that count from the last time, rolling or by periods.
        """
        found = self._known.get((last, since))
        if found is None:
            found = self._known[last, since] = self._due(last, since)
        return found

    def _due(self, last: date | None, since: date) -> Due:
        if isinstance(self.versions[0].cadence, Periodic):
            return self._periodic_due(last, since)
        after = Due(self._rolled(last)) if last else None
        return after if after and after.on >= since else Due(self._rolled(since))

    def _rolled(self, day: date) -> date:
        cadence = self.on(day).cadence
        assert isinstance(cadence, Rolling)
        return add_months(day, cadence.months)

    def _periodic_due(self, last: date | None, since: date) -> Due:
        number = self._first(since)
        if last and last >= self._tile(0).start:
            number = max(number, self._number(last) + 1)
        return self._tile(number).due

    def _first(self, since: date) -> int:
        """Who begins in the second half of a period owes the next; a fixed day is owed by all."""
        number = self._number(max(since, self._tile(0).start))
        tile = self._tile(number)
        has_day = _periodic(self.on(tile.start)).before is not None
        return number + (not has_day and is_short(since, tile.start, tile.end))

    def period_of(self, day: date) -> Tile:
        """The period that holds ``day``, the first one for a day before them all."""
        return self._tile(self._number(max(day, self._tile(0).start)))

    def on(self, day: date) -> Version:
        """The version that holds on a day, the first for a day before."""
        found = bisect_right([one.valid_from for one in self.versions], day)
        return self.versions[max(0, found - 1)]

    def after_event(self, at: datetime) -> Due:
        day = at.astimezone(self.zone).date()
        cadence = self.on(day).cadence
        assert isinstance(cadence, AfterEvent)
        if not cadence.is_hours:
            return Due(day + cadence.amount * DAY)
        moment = at + timedelta(hours=cadence.amount)
        return Due(moment.astimezone(self.zone).date(), at=moment)

    def _number(self, day: date) -> int:
        while not self._ends or self._ends[-1] < day:
            self._tile(len(self._ends))
        return bisect_right(self._ends, day - DAY)

    def _tile(self, number: int) -> Tile:
        if self._more is None:
            self._more = tiles(self.versions)
        while len(self._tiles) <= number:
            tile = next(self._more)
            self._tiles.append(tile)
            self._ends.append(tile.end)
        return self._tiles[number]


def end_of(period: str) -> date:
    """The last day of a period by its name."""
    return date.fromisoformat(period.partition("/")[2])


def is_in_order(versions: Sequence[Version]) -> bool:
    return all(a.valid_from < b.valid_from for a, b in pairwise(versions))
