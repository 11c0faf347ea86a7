"""Keeping the list of days off, and reading it as a calendar."""

from collections.abc import Iterable
from datetime import date
from importlib.metadata import version

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit.services import entry, record
from drills.core.errors import Conflict, DomainError
from drills.core.orm import NAME_MAX
from drills.core.text import N_
from drills.workdays.models import Holiday, HolidayDetails, WorkingCalendar, is_weekend

LIBRARY = f"Bộ luật Lao động, Điều 112 (holidays {version('holidays')})"
"""The source noted on days that nobody typed in."""

SWAPPED_NAME = "Làm bù"


def calendar(session: Session, first: date, last: date) -> WorkingCalendar:
    """The calendar of the days from ``first`` to ``last``; beyond it only weekends are off."""
    query = sa.select(Holiday.day, Holiday.is_working).where(Holiday.day.between(first, last))
    return WorkingCalendar({row.day: row.is_working for row in session.execute(query)})


def of_year(session: Session, year: int) -> list[Holiday]:
    between = Holiday.day.between(date(year, 1, 1), date(year, 12, 31))
    return list(session.scalars(sa.select(Holiday).where(between).order_by(Holiday.day)))


def seed(session: Session, years: Iterable[int], *, by: Person | None = None) -> int:
    """Fill the ``years`` that have no day yet with the public holidays of Viet Nam.

    A year that somebody has begun to keep is left alone. Returns how many days were added.
    """
    empty = [year for year in years if not of_year(session, year)]
    days = [Holiday(**_columns(details)) for year in empty for details in published(year)]
    session.add_all(days)
    session.flush()
    session.add_all([entry("created", day, by=by) for day in days])
    session.flush()
    return len(days)


def published(year: int) -> list[HolidayDetails]:
    """The days off and the swapped days of ``year`` as far as they have been published."""
    import holidays  # noqa: PLC0415 - it knows the whole world, and takes its time to say so

    source = holidays.country_holidays("VN", years=year, language="vi")
    off = [HolidayDetails(day, name[:NAME_MAX], source=LIBRARY) for day, name in source.items()]
    worked = [
        HolidayDetails(day, SWAPPED_NAME, is_working=True, source=LIBRARY)
        for day in getattr(source, "weekend_workdays", ())
        if day.year == year
    ]
    return sorted([*off, *worked], key=lambda details: details.day)


def add(session: Session, details: HolidayDetails, *, by: Person | None) -> Holiday:
    """Note one day. Conflict if it is on the list; a working day has to be a weekend day."""
    if details.is_working and not is_weekend(details.day):
        raise DomainError(
            N_("%(day)s is no Saturday or Sunday: it is worked anyway."), day=_written(details.day)
        )
    if session.scalar(sa.select(Holiday.id).where(Holiday.day == details.day)):
        raise Conflict(
            N_("%(day)s is on the list already. Remove it first."), day=_written(details.day)
        )
    holiday = Holiday(**_columns(details))
    session.add(holiday)
    record(session, "created", holiday, by=by)
    return holiday


def swap(
    session: Session, off: HolidayDetails, worked: date, *, by: Person | None
) -> tuple[Holiday, Holiday]:
    """Make the day of ``off`` free and have ``worked``, a weekend day, worked for it."""
    free = add(session, off, by=by)
    name = f"{SWAPPED_NAME} {_written(off.day)}"
    details = HolidayDetails(worked, name, is_working=True, source=off.source)
    return free, add(session, details, by=by)


def remove(session: Session, holiday: Holiday, *, by: Person | None) -> None:
    record(session, "deleted", holiday, by=by, changes={"day": [_written(holiday.day), ""]})
    session.delete(holiday)
    session.flush()


def _columns(details: HolidayDetails) -> dict[str, object]:
    return {
        "day": details.day,
        "name": details.name,
        "is_working": details.is_working,
        "source": details.source,
    }


def _written(day: date) -> str:
    return day.strftime("%d/%m/%Y")
