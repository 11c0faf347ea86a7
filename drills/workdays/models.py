"""Which days are worked: the days off of the year, and the weekend days made working days."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from drills.accounts.models import Person
from drills.core.orm import Base, Identified, Line, Name, Timestamped

DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class HolidayDetails:
    """What people write about a day; ``is_working``: a weekend day that is worked."""

    day: date
    name: str
    is_working: bool = False
    source: str = ""


class Holiday(Identified, Timestamped, Base):
    """A day off, or (``is_working``) a Saturday or Sunday that is worked in its place.

    The Labour Code, Article 112, names the days off; which days are swapped is decided every
    year. ``source`` says by whom.
    """

    __tablename__ = "holiday"

    day: Mapped[date] = mapped_column(unique=True)
    name: Mapped[Name]
    is_working: Mapped[bool] = mapped_column(default=False)
    source: Mapped[Line]

    @classmethod
    def visible_to(cls, _person: Person) -> sa.ColumnElement[bool]:
        return sa.true()


def is_weekend(day: date) -> bool:
    return day.weekday() >= SATURDAY


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """``days`` says of single days whether they are worked; others are worked but weekends."""

    days: Mapping[date, bool] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        return self.days.get(day, not is_weekend(day))

    def add(self, day: date, n: int) -> date:
        """The ``n``-th working day after ``day``; with 0 ``day`` itself, worked or not."""
        if n < 0:
            raise ValueError("n counts forward")
        while n:
            day += DAY
            n -= self.is_working(day)
        return day

    def count(self, after: date, until: date) -> int:
        """How many working days there are after ``after`` up to and with ``until``."""
        if until <= after:
            return 0
        weeks, rest = divmod((until - after).days, 7)
        plain = weeks * SATURDAY + sum(not is_weekend(until - DAY * n) for n in range(rest))
        listed = sorted(self.days)
        between = listed[bisect_right(listed, after) : bisect_right(listed, until)]
        return plain + sum(self.days[day] - (not is_weekend(day)) for day in between)

    def last_before(self, day: date) -> date:
        """The last working day before ``day``."""
        day -= DAY
        while not self.is_working(day):
            day -= DAY
        return day
