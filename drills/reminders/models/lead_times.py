"""How long before or after what a rule reminds, and the moment that makes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from drills.core.text import N_, named
from drills.reminders.kinds import Direction, LeadUnit
from drills.workdays.models import WorkingCalendar

MORNING = time(8)
OPENS, CLOSES = time(8), time(17)
"""Working hours, for the rules that keep to them."""
_DAY = timedelta(days=1)
_TURN = timedelta(hours=26)
"""No two clocks on the wall are further apart."""
_LONGEST_BREAK = timedelta(days=14)


class Hours(StrEnum):
    ANY = "any"
    WORKING = "working"


LEAD_TIMES = {
    (Direction.BEFORE, LeadUnit.DAYS): (N_("%(num)s day before"), N_("%(num)s days before")),
    (Direction.BEFORE, LeadUnit.HOURS): (N_("%(num)s hour before"), N_("%(num)s hours before")),
    (Direction.BEFORE, LeadUnit.WORKING_DAYS): (
        N_("%(num)s working day before"),
        N_("%(num)s working days before"),
    ),
    (Direction.AFTER, LeadUnit.DAYS): (N_("%(num)s day after"), N_("%(num)s days after")),
    (Direction.AFTER, LeadUnit.HOURS): (N_("%(num)s hour after"), N_("%(num)s hours after")),
    (Direction.AFTER, LeadUnit.WORKING_DAYS): (
        N_("%(num)s working day after"),
        N_("%(num)s working days after"),
    ),
}
HOURS = named(
    {
        Hours.ANY: N_("at any time"),
        Hours.WORKING: N_("in working hours of working days"),
    }
)


@dataclass(frozen=True, slots=True)
class LeadTime:
    """``at_time`` is the local hour where a day is counted from."""

    amount: int
    unit: LeadUnit = LeadUnit.DAYS
    direction: Direction = Direction.BEFORE
    at_time: time = MORNING
    hours: Hours = Hours.ANY

    def due_at(
        self, anchor: datetime | date, zone: ZoneInfo, calendar: WorkingCalendar
    ) -> datetime:
        """When to remind of ``anchor``, a moment or a day in ``zone``; in UTC.

        A local hour that the clock skips that day moves forward, one that it shows twice is
        taken the first time.
        """
        if isinstance(anchor, datetime):
            start = anchor.astimezone(zone)
        else:
            start = datetime.combine(anchor, self.at_time, zone)
        is_before = self.direction is Direction.BEFORE
        if self.unit is LeadUnit.HOURS:
            length = timedelta(hours=self.amount)
            due = start.astimezone(UTC) + (-length if is_before else length)
        else:
            due = self._on_another_day(start, calendar).astimezone(UTC)
        if self.hours is not Hours.WORKING:
            return due
        latest = _wall(start) if is_before else None
        local = into_working_hours(_wall(due.astimezone(zone)), calendar, latest)
        return local.replace(tzinfo=zone).astimezone(UTC)

    def _on_another_day(self, start: datetime, calendar: WorkingCalendar) -> datetime:
        """At the same hour of the clock on the wall: that is how a zone's own moments add."""
        is_before = self.direction is Direction.BEFORE
        if self.unit is LeadUnit.DAYS:
            return start + timedelta(days=-self.amount if is_before else self.amount)
        day = start.date()
        if is_before:
            for _ in range(self.amount):
                day = calendar.last_before(day)
        else:
            day = calendar.add(day, self.amount)
        return start + (day - start.date())

    @property
    def longest(self) -> timedelta:
        """The lead time is no longer than this, whatever clocks and days off do."""
        if self.unit is LeadUnit.HOURS:
            length = timedelta(hours=self.amount)
        elif self.unit is LeadUnit.DAYS:
            length = timedelta(days=self.amount) + _TURN
        else:
            length = timedelta(days=self.amount * 3 + 20)
        return length + (_LONGEST_BREAK if self.hours is Hours.WORKING else timedelta())

    @property
    def shortest(self) -> timedelta:
        """Nor shorter than this."""
        if self.hours is Hours.WORKING and self.direction is Direction.BEFORE:
            return timedelta()
        if self.unit is LeadUnit.HOURS:
            return timedelta(hours=self.amount)
        return max(timedelta(), timedelta(days=self.amount) - _TURN)


def _wall(at: datetime) -> datetime:
    return at.replace(tzinfo=None, fold=0)


def into_working_hours(
    wall: datetime, calendar: WorkingCalendar, latest: datetime | None
) -> datetime:
    """The next moment of working hours; the last opening before ``latest`` if that comes first."""
    day = wall.date()
    if calendar.is_working(day) and OPENS <= wall.time() <= CLOSES:
        return wall
    if not calendar.is_working(day) or wall.time() > CLOSES:
        day = calendar.add(day, 1)
    found = datetime.combine(day, OPENS)
    if latest is not None and found >= latest:
        found = datetime.combine(calendar.last_before(latest.date()), OPENS)
    return found
