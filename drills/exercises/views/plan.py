"""The year of drills: a lane for each kind, and the same month by month."""

from collections.abc import Iterable, Sequence
from datetime import date
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

OFF = frozenset({Status.POSTPONED, Status.CANCELLED})


@bp.get("/drills/calendar")
@requires(Permission.DRILL_VIEW)
def calendar() -> ResponseReturnValue:
    zone = get_timezone()
    today = clock.today(zone)
    year = lists.year_of(request.args) or today.year
    drills = _of_year(year)
    shown: dict[str, Any] = {"chart": _chart(year, drills, today), "months": _months(drills)}
    return render_template("exercises/calendar.html", year=year, now=clock.now(), **shown)


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
