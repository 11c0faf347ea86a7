"""The yearly plan as a sheet: handed out, taken in again, and an empty one to begin with."""

from io import BytesIO
from typing import Any

from flask import current_app, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core import clock, tabular
from drills.core.errors import DomainError
from drills.exercises import plan_sheets as sheets
from drills.exercises.models import PlannedDrill, Programme
from drills.exercises.services import programmes as services
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.roster.forms import ImportForm, as_text
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.filters import day
from drills.web.language import spoken
from drills.web.pages import form_page
from drills.web.session import current_person

UPLOAD = "exercises/programmes/import.html"


@bp.get("/programmes/<int:programme_id>/plan.xlsx")
@requires(Permission.PROGRAMME_VIEW, on=Programme)
def programme_export(programme: Programme) -> ResponseReturnValue:
    """A line for each drill foreseen, with what has become of it."""
    rows = [_row(line) for line in services.lines(db.session, programme)]
    return _sent(programme, rows)


@bp.get("/programmes/<int:programme_id>/template.xlsx")
@requires(Permission.PROGRAMME_EDIT, on=Programme)
def programme_template(programme: Programme) -> ResponseReturnValue:
    return _sent(programme, [])


def _sent(programme: Programme, rows: list[list[Any]]) -> ResponseReturnValue:
    target = BytesIO()
    headers = tabular.labels(sheets.COLUMNS, spoken())
    told = [(_("Programme"), programme.name), (_("As of"), day(clock.today(get_timezone())))]
    tabular.write_xlsx(target, headers, rows, sheet=_("Plan"), notes=told, notes_sheet=_("Source"))
    target.seek(0)
    return send_file(target, as_attachment=True, download_name=f"programme-{programme.id}.xlsx")


def _row(line: PlannedDrill) -> list[Any]:
    drill, when = line.drill, sheets.when_of(line)
    held = [drill.code, drill.day, _(drill.status_label)] if drill else ["", None, ""]
    unit = line.unit.title(spoken())
    return [line.year, when, line.title, _(line.kind.label), unit, *held, line.note]


@bp.route("/programmes/<int:programme_id>/import", methods=["GET", "POST"])
@requires(Permission.PROGRAMME_EDIT, on=Programme)
def programme_import(programme: Programme) -> ResponseReturnValue:
    form, person = ImportForm(), current_person()
    if not form.validate_on_submit():
        return form_page(UPLOAD, form, programme=programme)
    try:
        sheet = form.sheet(current_app.config["IMPORT_ROWS"], sheets.COLUMNS)
        plan = sheets.plan_lines(db.session, programme, sheet, by=person, language=spoken())
    except DomainError as error:
        form.file.errors = [explain(error)]
        return form_page(UPLOAD, form, programme=programme)
    if form.text.data:
        return _carry_out(programme, plan)
    shown = {"programme": programme, "plan": plan, "text": as_text(sheet)}
    page = render_template("exercises/programmes/preview.html", when=sheets.when_of, **shown)
    return page, 422 if plan.problems else 200


def _carry_out(programme: Programme, plan: sheets.LinesPlan) -> ResponseReturnValue:
    counts = sheets.carry_out_lines(db.session, programme, plan, by=current_person())
    db.session.commit()
    flash(
        _("%(added)s lines added, %(changed)s changed.", added=counts[0], changed=counts[1]),
        "success",
    )
    return redirect(url_for(".programme", programme_id=programme.id))
