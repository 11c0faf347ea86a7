"""The page of a year's days off and swapped days."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.core.errors import Conflict
from drills.extensions import db
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.forms import Form
from drills.web.session import current_person
from drills.workdays import services
from drills.workdays.forms import DayForm, SwapForm
from drills.workdays.models import Holiday

bp = Blueprint("workdays", __name__)
YEARS = range(2000, 2101)


def _year() -> int:
    this = clock.today(get_timezone()).year
    year = request.values.get("year", this, type=int)
    return year if year in YEARS else this


@bp.get("/workdays/")
@requires(Permission.WORKDAY_VIEW)
def index() -> ResponseReturnValue:
    return _page(_year(), DayForm(formdata=None), SwapForm(formdata=None))


def _page(year: int, day: Form, swap: Form) -> ResponseReturnValue:
    page = render_template(
        "workdays/index.html",
        year=year,
        years=range(year - 1, year + 2),
        days=services.of_year(db.session, year),
        form=day,
        swap=swap,
    )
    return page, 422 if day.errors or swap.errors else 200


@bp.post("/workdays/")
@requires(Permission.SETTINGS_EDIT)
def add() -> ResponseReturnValue:
    form = DayForm()
    if form.validate():
        try:
            holiday = services.add(db.session, form.to_details(), by=current_person())
        except Conflict as error:
            form.day.errors = (explain(error),)
        else:
            db.session.commit()
            flash(_("The day is on the list."), "ok")
            return redirect(url_for("workdays.index", year=holiday.day.year))
    return _page(_year(), form, SwapForm(formdata=None))


@bp.post("/workdays/swap")
@requires(Permission.SETTINGS_EDIT)
def swap() -> ResponseReturnValue:
    form = SwapForm()
    if form.validate():
        off, worked = form.to_details(), form.worked.data
        assert worked
        try:
            services.swap(db.session, off, worked, by=current_person())
        except Conflict as error:
            db.session.rollback()
            form.off.errors = (explain(error),)
        else:
            db.session.commit()
            flash(_("The two days are swapped."), "ok")
            return redirect(url_for("workdays.index", year=off.day.year))
    return _page(_year(), DayForm(formdata=None), form)


@bp.post("/workdays/fill")
@requires(Permission.SETTINGS_EDIT)
def fill() -> ResponseReturnValue:
    """Take over the published days of a year that has none yet."""
    year = _year()
    count = services.seed(db.session, [year], by=current_person())
    db.session.commit()
    flash(_("Days taken over: %(count)s. Compare them with the notice.", count=count), "ok")
    return redirect(url_for("workdays.index", year=year))


@bp.post("/workdays/<int:holiday_id>/remove")
@requires(Permission.SETTINGS_EDIT, on=Holiday)
def remove(holiday: Holiday) -> ResponseReturnValue:
    year = holiday.day.year
    services.remove(db.session, holiday, by=current_person())
    db.session.commit()
    flash(_("The day is off the list."), "ok")
    return redirect(url_for("workdays.index", year=year))
