"""Programmes over several years, their yearly plans, and drills that recur."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from drills.accounts.permissions import Permission, visible
from drills.core import clock
from drills.exercises.forms.programmes import (
    LineForm,
    ProgrammeForm,
    RecurrenceForm,
    line_data,
    programme_years,
)
from drills.exercises.models import Drill, PlannedDrill, Programme, Recurrence
from drills.exercises.services import programmes as services
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.web.access import load, requires
from drills.web.pages import form_page, saved
from drills.web.session import current_person

FORM = "exercises/programmes/form.html"


@bp.get("/programmes/")
@requires(Permission.PROGRAMME_VIEW)
def programmes() -> ResponseReturnValue:
    person = current_person()
    query = visible(Programme, person).options(joinedload(Programme.unit))
    every = db.session.scalars(query.order_by(Programme.from_year.desc(), Programme.id)).all()
    today = clock.today(get_timezone())
    shown = {"programmes": every, "counts": _counts(every), "recurring": _recurring(today)}
    return render_template("exercises/programmes/index.html", today=today, **shown)


def _counts(programmes: Sequence[Programme]) -> dict[int, tuple[int, int]]:
    """How many lines each programme has, and how many of them have their drill."""
    ids = [programme.id for programme in programmes]
    query = (
        sa.select(
            PlannedDrill.programme_id,
            sa.func.count(),
            sa.func.count(PlannedDrill.drill_id),
        )
        .where(PlannedDrill.programme_id.in_(ids))
        .group_by(PlannedDrill.programme_id)
    )
    return {row[0]: (row[1], row[2]) for row in db.session.execute(query)}


def _recurring(today: date) -> list[tuple[Recurrence, Drill | None, date | None]]:
    """Each series of our own with its newest drill and the next day it asks for."""
    query = visible(Recurrence, current_person()).options(joinedload(Recurrence.unit))
    series = db.session.scalars(query.order_by(Recurrence.name, Recurrence.id)).all()
    held: dict[int | None, list[Drill]] = {one.id: [] for one in series}
    drills = sa.select(Drill).where(Drill.recurrence_id.in_(list(held)))
    for drill in db.session.scalars(drills.order_by(Drill.starts_at)):
        held[drill.recurrence_id].append(drill)
    return [
        (one, next(reversed(held[one.id]), None), services.next_day(one, held[one.id], today))
        for one in series
    ]


@bp.get("/programmes/<int:programme_id>/")
@requires(Permission.PROGRAMME_VIEW, on=Programme)
def programme(programme: Programme) -> ResponseReturnValue:
    lines = services.lines(db.session, programme)
    by_year = {year: list(rows) for year, rows in groupby(lines, lambda line: line.year)}
    years = [(year, by_year.get(year, [])) for year in programme.years]
    held = sum(line.drill_id is not None for line in lines)
    shown: dict[str, Any] = {"years": years, "total": len(lines), "held": held}
    shown |= {"today": clock.today(get_timezone()), "now": clock.now()}
    return render_template("exercises/programmes/show.html", programme=programme, **shown)


@bp.route("/programmes/new", methods=["GET", "POST"])
@requires(Permission.PROGRAMME_EDIT)
def programme_create() -> ResponseReturnValue:
    person = current_person()
    years = programme_years(clock.today(get_timezone()))
    form = ProgrammeForm(data={"unit_id": person.scope.id, **years})
    if form.validate_on_submit():
        made = services.add_programme(db.session, form.details(), by=person)
        return saved(
            url_for(".programme", programme_id=made.id),
            _("The programme has been added. Write down what it foresees."),
        )
    return form_page(FORM, form, programme=None, heading=_("Add a programme"))


@bp.route("/programmes/<int:programme_id>/edit", methods=["GET", "POST"])
@requires(Permission.PROGRAMME_EDIT, on=Programme)
def programme_edit(programme: Programme) -> ResponseReturnValue:
    form = ProgrammeForm(obj=programme)
    if form.validate_on_submit():
        services.revise_programme(
            db.session,
            programme,
            form.details(),
            version=form.version.data,
            by=current_person(),
        )
        return saved(url_for(".programme", programme_id=programme.id), _("It has been saved."))
    return form_page(FORM, form, programme=programme, heading=_("Edit the programme"))


@bp.route("/programmes/<int:programme_id>/lines/new", methods=["GET", "POST"])
@requires(Permission.PROGRAMME_EDIT, on=Programme)
def programme_line_add(programme: Programme) -> ResponseReturnValue:
    today = clock.today(get_timezone())
    year = today.year if today.year in programme.years else programme.from_year
    form = LineForm(data={"year": year, "unit_id": programme.unit_id})
    if form.validate_on_submit():
        line = services.add_line(db.session, programme, form.details(), by=current_person())
        _hold(line, form)
        return saved(
            url_for(".programme", programme_id=programme.id), _("The drill is in the plan.")
        )
    return form_page(FORM, form, programme=programme, heading=_("Foresee a drill"))


@bp.route("/planned-drills/<int:planned_drill_id>/edit", methods=["GET", "POST"])
@requires(Permission.PROGRAMME_EDIT, on=PlannedDrill)
def programme_line_edit(planned_drill: PlannedDrill) -> ResponseReturnValue:
    form = LineForm(data=line_data(planned_drill))
    if form.validate_on_submit():
        services.revise_line(db.session, planned_drill, form.details(), by=current_person())
        _hold(planned_drill, form)
        return saved(
            url_for(".programme", programme_id=planned_drill.programme_id), _("It has been saved.")
        )
    heading = _("Edit what is foreseen")
    return form_page(FORM, form, programme=planned_drill.programme, heading=heading)


def _hold(line: PlannedDrill, form: LineForm) -> None:
    if form.drill_id.data == line.drill_id:
        return
    drill = load(Drill, form.drill_id.data) if form.drill_id.data else None
    assert drill is None or isinstance(drill, Drill)
    services.hold_line(db.session, line, drill, by=current_person())


@bp.post("/planned-drills/<int:planned_drill_id>/drop")
@requires(Permission.PROGRAMME_EDIT, on=PlannedDrill)
def programme_line_drop(planned_drill: PlannedDrill) -> ResponseReturnValue:
    number = planned_drill.programme_id
    services.drop_line(db.session, planned_drill, by=current_person())
    return saved(url_for(".programme", programme_id=number), _("It is no longer in the plan."))


@bp.route("/recurrences/new", methods=["GET", "POST"])
@requires(Permission.PROGRAMME_EDIT)
def recurrence_create() -> ResponseReturnValue:
    person = current_person()
    today = clock.today(get_timezone())
    form = RecurrenceForm(data={"unit_id": person.scope.id, "first_on": today, "every_months": 12})
    if form.validate_on_submit():
        services.add_recurrence(db.session, form.details(), by=person)
        return saved(url_for(".programmes"), _("The series has been added."))
    return form_page(FORM, form, programme=None, heading=_("Add a recurring drill"))


@bp.route("/recurrences/<int:recurrence_id>/edit", methods=["GET", "POST"])
@requires(Permission.PROGRAMME_EDIT, on=Recurrence)
def recurrence_edit(recurrence: Recurrence) -> ResponseReturnValue:
    form = RecurrenceForm(obj=recurrence)
    if form.validate_on_submit():
        services.revise_recurrence(
            db.session,
            recurrence,
            form.details(),
            version=form.version.data,
            by=current_person(),
        )
        return saved(url_for(".programmes"), _("It has been saved."))
    return form_page(FORM, form, programme=None, heading=_("Edit the recurring drill"))
