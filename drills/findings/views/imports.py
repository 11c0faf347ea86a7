"""Actions from a spreadsheet: send it, look at what it would do, decide."""

import io

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.models import Person
from drills.accounts.permissions import Permission
from drills.core import clock
from drills.core.errors import DomainError
from drills.core.tabular import Sheet, read, write_csv
from drills.exercises.models import Drill
from drills.extensions import db
from drills.findings import imports
from drills.findings.forms import ImportForm
from drills.findings.views.actions import today
from drills.findings.views.blueprint import bp
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.pages import form_page
from drills.web.session import current_person


@bp.route("/drills/<int:drill_id>/actions/import", methods=["GET", "POST"])
@requires(Permission.FINDING_EDIT, on=Drill)
def import_actions(drill: Drill) -> ResponseReturnValue:
    form = ImportForm()
    if not form.validate_on_submit():
        return form_page("findings/import.html", form, drill=drill)
    try:
        sheet = _sheet(form)
        plan = imports.plan(db.session, drill, sheet, by=current_person(), on=today())
    except DomainError as error:
        form.file.errors = [explain(error)]
        return form_page("findings/import.html", form, drill=drill)
    return _carry_out(drill, plan) if form.text.data else _preview(drill, plan, sheet)


def _sheet(form: ImportForm) -> Sheet:
    most = current_app.config["IMPORT_ROWS"]
    if form.text.data:
        return read(io.BytesIO(form.text.data.encode()), "actions.csv", limit=most)
    return read(form.file.data.stream, form.file.data.filename or "", limit=most)


def _preview(drill: Drill, plan: imports.Plan, sheet: Sheet) -> ResponseReturnValue:
    target = io.BytesIO()
    write_csv(target, sheet.headers, [row.cells for row in sheet.rows])
    names = {d.owner_id for d in plan.additions} | {c.details.owner_id for c in plan.changes}
    people = {p.id: p.name for p in map(_person, names) if p}
    page = render_template(
        "findings/preview.html",
        drill=drill,
        plan=plan,
        people=people,
        text=target.getvalue().decode("utf-8-sig"),
    )
    return page, 422 if plan.problems else 200


def _person(identity: int) -> Person | None:
    return db.session.get(Person, identity)


def _carry_out(drill: Drill, plan: imports.Plan) -> ResponseReturnValue:
    added, changed = imports.carry_out(db.session, drill, plan, by=current_person(), at=clock.now())
    db.session.commit()
    text = _("%(added)s actions added, %(changed)s changed.", added=added, changed=changed)
    flash(text, "success")
    return redirect(url_for(".of_drill", drill_id=drill.id))
