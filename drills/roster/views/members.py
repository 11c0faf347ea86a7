import io
from typing import Any

from flask import current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone, ngettext
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.audit.words import FIELDS
from drills.core import clock, tabular
from drills.core.errors import DomainError
from drills.core.tabular import Sheet
from drills.extensions import db
from drills.roster import exports, imports
from drills.roster.columns import COLUMNS
from drills.roster.forms import ImportForm, as_text
from drills.roster.forms.members import VCARD, ExportForm
from drills.roster.lists import Wanted
from drills.roster.models import TEAM_ROLES, Team
from drills.roster.views.blueprint import bp
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.language import spoken
from drills.web.pages import form_page
from drills.web.session import current_person


@bp.route("/teams/<int:team_id>/members/import", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT, on=Team)
def import_members(team: Team) -> ResponseReturnValue:
    return _import(team)


@bp.route("/people/import", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT)
def import_people() -> ResponseReturnValue:
    return _import(None)


def _import(team: Team | None) -> ResponseReturnValue:
    """The file, then what it would do, then its text again with the word to carry it out."""
    form = ImportForm()
    if not form.validate_on_submit():
        return form_page("roster/import.html", form, team=team, columns=COLUMNS)
    try:
        sheet = form.sheet(current_app.config["IMPORT_ROWS"], COLUMNS)
        today = clock.today(get_timezone())
        plan = imports.plan(db.session, sheet, team=team, by=current_person(), on=today)
    except DomainError as error:
        form.file.errors = [explain(error)]
        return form_page("roster/import.html", form, team=team, columns=COLUMNS)
    return _carry_out(team, plan) if form.text.data else _preview(team, plan, sheet)


def _preview(team: Team | None, plan: imports.Plan, sheet: Sheet) -> ResponseReturnValue:
    shown: dict[str, Any] = {"text": as_text(sheet), "roles": TEAM_ROLES, "fields": FIELDS}
    page = render_template("roster/preview.html", team=team, plan=plan, **shown)
    return page, 422 if plan.problems else 200


def _carry_out(team: Team | None, plan: imports.Plan) -> ResponseReturnValue:
    count = imports.carry_out(db.session, plan, by=current_person())
    db.session.commit()
    flash(ngettext("%(num)s row is imported.", "%(num)s rows are imported.", count), "success")
    return redirect(url_for(".show", team_id=team.id) if team else url_for(".people"))


@bp.get("/people/template.xlsx")
@requires(Permission.TEAM_EDIT)
def template() -> ResponseReturnValue:
    target = io.BytesIO()
    headers = tabular.labels(COLUMNS, spoken())
    tabular.write_xlsx(target, headers, [], sheet=_("Members"))
    return _sent(target, f"{_('members')}.xlsx")


@bp.route("/people/export", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT)
def export() -> ResponseReturnValue:
    """What the address narrows the list to, masked unless ticked."""
    form, by = ExportForm(), current_person()
    wanted = Wanted.of(request.args, clock.today(get_timezone()))
    if not form.validate_on_submit():
        return form_page("roster/export.html", form, wanted=wanted)
    is_open, kind = bool(form.is_open.data), str(form.kind.data)
    people = exports.gathered(db.session, wanted, by)
    target = io.BytesIO()
    if kind == VCARD:
        target.write(exports.cards(people, is_open=is_open).encode())
    else:
        rows = exports.sheet_rows(people, is_open=is_open)
        headers = tabular.labels(COLUMNS, spoken())
        tabular.write_xlsx(target, headers, rows, sheet=_("Members"))
    exports.note_export(db.session, by, kind, len(people), is_open=is_open)
    db.session.commit()
    return _sent(target, f"{_('members')}.{kind}")


def _sent(target: io.BytesIO, name: str) -> ResponseReturnValue:
    target.seek(0)
    kind = "text/vcard; charset=utf-8" if name.endswith(VCARD) else None
    return send_file(target, as_attachment=True, download_name=name, mimetype=kind)
