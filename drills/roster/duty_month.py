"""The duty of a month as a grid of days, and as rows of a sheet."""

from calendar import Calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from drills.core.text import N_
from drills.roster.models import DUTY_ROLES
from drills.roster.services.duty import Stretch

HEADERS = (
    N_("Team"),
    N_("Role"),
    N_("Person"),
    N_("Number to call"),
    N_("From"),
    N_("Until"),
    N_("Stands in for"),
    N_("Reason"),
)


@dataclass(frozen=True, slots=True)
class Square:
    day: date
    is_inside: bool
    stretches: Sequence[Stretch]


@dataclass(frozen=True, slots=True)
class Month:
    """``first`` is its first day, in the zone in which the team hands over."""

    first: date
    zone: ZoneInfo

    @property
    def after(self) -> date:
        return (self.first + timedelta(days=32)).replace(day=1)

    @property
    def before(self) -> date:
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def span(self) -> tuple[datetime, datetime]:
        return _midnight(self.first, self.zone), _midnight(self.after, self.zone)

    @property
    def weeks(self) -> list[list[date]]:
        return Calendar().monthdatescalendar(self.first.year, self.first.month)

    @property
    def shown(self) -> tuple[datetime, datetime]:
        """The span of all days of the grid, those of the neighbouring months included."""
        weeks, day = self.weeks, timedelta(days=1)
        return _midnight(weeks[0][0], self.zone), _midnight(weeks[-1][-1] + day, self.zone)

    def grid(self, stretches: Sequence[Stretch]) -> list[list[Square]]:
        return [[self._square(day, stretches) for day in week] for week in self.weeks]

    def _square(self, day: date, stretches: Sequence[Stretch]) -> Square:
        begins = _midnight(day, self.zone)
        ends = _midnight(day + timedelta(days=1), self.zone)
        touching = [s for s in stretches if s.starts_at < ends and s.ends_at > begins]
        return Square(day, day.month == self.first.month, touching)


def month_of(text: str, today: date, zone: ZoneInfo) -> Month:
    """The month written ``2026-11``; any other text means that of ``today``."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = today.replace(day=1)
    return Month(first, zone)


def rows(
    stretches: Sequence[Stretch], zone: ZoneInfo, written: Callable[[str], str]
) -> list[list[Any]]:
    """One for each stretch, under ``HEADERS``; ``written`` translates the role."""
    return [
        [
            stretch.team.name,
            written(DUTY_ROLES[stretch.role]),
            stretch.person.name,
            stretch.person.mobile or stretch.person.phone,
            stretch.starts_at.astimezone(zone),
            stretch.ends_at.astimezone(zone),
            stretch.shift.person.name if stretch.override else "",
            stretch.override.reason if stretch.override else stretch.shift.note,
        ]
        for stretch in stretches
    ]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
