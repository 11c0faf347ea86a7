"""The year of drills, a lane for each kind and month by month; and one month as a grid."""

import calendar as calendars
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from sqlalchemy.orm import joinedload

from drills.accounts.permissions import Permission, visible
from drills.core import clock
from drills.exercises import lists
from drills.exercises.kinds import KINDS
from drills.exercises.models import Drill, Status
from drills.exercises.views import words
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.web import charts
from drills.web.access import requires
from drills.web.session import current_person
from drills.workdays import services as workdays

OFF = frozenset({Status.POSTPONED, Status.CANCELLED})


@bp.get("/drills/calendar")
@requires(Permission.DRILL_VIEW)
def calendar() -> ResponseReturnValue:
    zone = get_timezone()
    today = clock.today(zone)
    year = lists.year_of(request.args) or today.year
    drills = _of_year(year)
    shown: dict[str, Any] = {"chart": _chart(year, drills, today), "months": _months(drills)}
    shown |= {"this_month": today.month if year == today.year else 1, "now": clock.now()}
    return render_template("exercises/calendar.html", year=year, **shown)


@dataclass(frozen=True, slots=True)
class Square:
    """A day of the grid; ``is_off`` by the calendar of working days."""

    day: date
    is_inside: bool
    is_today: bool
    is_off: bool
    drills: list[Drill]


@bp.get("/drills/calendar/month")
@requires(Permission.DRILL_VIEW)
def month() -> ResponseReturnValue:
    today = clock.today(get_timezone())
    first = _first(request.args.get("month", ""), today)
    weeks = calendars.Calendar(calendars.MONDAY).monthdatescalendar(first.year, first.month)
    drills = _between(weeks[0][0], weeks[-1][-1])
    working = workdays.calendar(db.session, weeks[0][0], weeks[-1][-1])
    squares = [
        [
            Square(
                day,
                is_inside=day.month == first.month,
                is_today=day == today,
                is_off=not working.is_working(day),
                drills=[drill for drill in drills if _day(drill) <= day <= _last_day(drill)],
            )
            for day in week
        ]
        for week in weeks
    ]
    shown: dict[str, Any] = {"first": first, "weeks": squares, "now": clock.now(), "today": today}
    shown |= {
        "before": (first - timedelta(days=1)).replace(day=1),
        "after": (first + timedelta(days=31)).replace(day=1),
    }
    return render_template("exercises/month.html", **shown)


def _first(text: str, today: date) -> date:
    """The first day of the month that ``2026-11`` means; of this one if it means none."""
    try:
        day = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        day = today
    return day.replace(day=1)


def _between(first: date, last: date) -> Sequence[Drill]:
    """The drills that touch these days, by the reader's calendar."""
    zone = get_timezone()
    begin, end = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    query = visible(Drill, current_person()).where(Drill.starts_at < end, Drill.ends_at >= begin)
    return list(db.session.scalars(query.order_by(Drill.starts_at, Drill.id)))


def _last_day(drill: Drill) -> date:
    """The last day it takes; one that ends at midnight does not reach into the next."""
    end = max(drill.starts_at, drill.ends_at - timedelta(seconds=1))
    return end.astimezone(get_timezone()).date()


def _of_year(year: int) -> Sequence[Drill]:
    query = visible(Drill, current_person()).where(lists.in_year(year, get_timezone()))
    drills = query.order_by(Drill.starts_at, Drill.id).options(joinedload(Drill.unit))
    return list(db.session.scalars(drills))


def _months(drills: Iterable[Drill]) -> list[tuple[int, list[Drill]]]:
    return [(month, list(rows)) for month, rows in groupby(drills, lambda d: _day(d).month)]


def _day(drill: Drill) -> date:
    return drill.starts_at.astimezone(get_timezone()).date()


def _chart(year: int, drills: Iterable[Drill], today: date) -> charts.YearChart:
    """Lanes for the kinds the year has; what is called off or postponed is only in the list."""
    held = [drill for drill in drills if drill.status not in OFF]
    kinds = [key for key in KINDS if any(drill.kind_key == key for drill in held)]
    marks = [_mark(drill, kinds.index(drill.kind_key)) for drill in held]
    return charts.year_chart(year, [words.kind(key) for key in kinds], marks, today)


def _mark(drill: Drill, lane: int) -> charts.Mark:
    shape = "a" if drill.is_done else "w" if drill.status is Status.RUNNING else "plan"
    href = url_for("exercises.show", drill_id=drill.id)
    says = words.status(drill.status)
    return charts.Mark(lane, _day(drill), drill.title, href, shape, says)
