"""Actions from a spreadsheet: send it, look at what it would do, decide."""

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.models import Person
from drills.accounts.permissions import Permission
from drills.core import clock
from drills.core.errors import DomainError
from drills.core.tabular import Sheet
from drills.exercises.models import Drill
from drills.extensions import db
from drills.findings import imports
from drills.findings.columns import COLUMNS
from drills.findings.views.actions import today
from drills.findings.views.blueprint import bp
from drills.roster.forms import ImportForm, as_text
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
        sheet = form.sheet(current_app.config["IMPORT_ROWS"], COLUMNS)
        plan = imports.plan(db.session, drill, sheet, by=current_person(), on=today())
    except DomainError as error:
        form.file.errors = [explain(error)]
        return form_page("findings/import.html", form, drill=drill)
    return _carry_out(drill, plan) if form.text.data else _preview(drill, plan, sheet)


def _preview(drill: Drill, plan: imports.Plan, sheet: Sheet) -> ResponseReturnValue:
    names = {d.owner_id for d in plan.additions} | {c.details.owner_id for c in plan.changes}
    people = {p.id: p.name for p in map(_person, names) if p}
    page = render_template(
        "findings/preview.html",
        drill=drill,
        plan=plan,
        people=people,
        text=as_text(sheet),
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
