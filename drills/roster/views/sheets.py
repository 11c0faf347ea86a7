"""Competences, certificates and attendance as files, and out of them."""

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone, ngettext
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.core.errors import DomainError
from drills.core.tabular import Column, Sheet, labels, write_xlsx
from drills.extensions import db
from drills.files.sending import send_bytes
from drills.roster import sheets
from drills.roster.forms import ImportForm, as_text
from drills.roster.models import TRAINING_RESULTS, TrainingEvent
from drills.roster.views.blueprint import bp
from drills.roster.views.certificates import listed
from drills.roster.views.qualifications import asked
from drills.roster.views.training import attendances
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.language import spoken
from drills.web.pages import form_page
from drills.web.session import current_person

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Read = Callable[[Sheet], sheets.Plan[Any]]
Carry = Callable[[sheets.Plan[Any]], int]


@bp.get("/skills/export.xlsx")
@requires(Permission.SKILL_VIEW)
def export_skills() -> ResponseReturnValue:
    rows = sheets.competences.exported(db.session, asked(), current_person(), spoken())
    return _sent(sheets.competences.COLUMNS, rows, _("Competences"), _("competences"))


@bp.get("/certificates/export.xlsx")
@requires(Permission.SKILL_VIEW)
def export_certificates() -> ResponseReturnValue:
    rows = sheets.certificates.exported(db.session.scalars(listed()).all(), spoken())
    return _sent(sheets.certificates.COLUMNS, rows, _("Certificates"), _("certificates"))


@bp.get("/training/<int:training_event_id>/export.xlsx")
@requires(Permission.SKILL_VIEW, on=TrainingEvent)
def export_attendance(training_event: TrainingEvent) -> ResponseReturnValue:
    found = db.session.scalars(attendances(training_event)).all()
    rows = sheets.attendance.exported(found, _written, spoken())
    return _sent(sheets.attendance.COLUMNS, rows, _("Attendance"), _("attendance"))


def _written(result: str) -> str:
    return str(_(result))


def _sent(
    columns: Sequence[Column], rows: Iterable[Sequence[Any]], sheet: str, name: str
) -> ResponseReturnValue:
    target = io.BytesIO()
    write_xlsx(target, labels(columns, spoken()), rows, sheet=sheet)
    today = clock.today(get_timezone())
    return send_bytes(target.getvalue(), f"{name}-{today:%Y-%m-%d}.xlsx", XLSX)


@bp.route("/skills/import", methods=["GET", "POST"])
@requires(Permission.SKILL_EDIT)
def import_skills() -> ResponseReturnValue:
    by, today = current_person(), clock.today(get_timezone())
    return _import(
        lambda sheet: sheets.competences.plan(db.session, sheet, by=by, on=today),
        lambda plan: sheets.competences.carry_out(db.session, plan, by=by),
        {
            "kind": "competences",
            "here": url_for(".import_skills"),
            "back": url_for(".skills"),
            "above": _("Competence matrix"),
        },
    )


@bp.route("/certificates/import", methods=["GET", "POST"])
@requires(Permission.SKILL_EDIT)
def import_certificates() -> ResponseReturnValue:
    by, today = current_person(), clock.today(get_timezone())
    return _import(
        lambda sheet: sheets.certificates.plan(db.session, sheet, by=by, on=today),
        lambda plan: sheets.certificates.carry_out(db.session, plan, by=by),
        {
            "kind": "certificates",
            "here": url_for(".import_certificates"),
            "back": url_for(".certificates"),
            "above": _("Certificates"),
        },
    )


@bp.route("/training/<int:training_event_id>/import", methods=["GET", "POST"])
@requires(Permission.SKILL_EDIT, on=TrainingEvent)
def import_attendance(training_event: TrainingEvent) -> ResponseReturnValue:
    by, event = current_person(), training_event
    return _import(
        lambda sheet: sheets.attendance.plan(db.session, event, sheet, by=by),
        lambda plan: sheets.attendance.carry_out(db.session, event, plan, by=by),
        {
            "kind": "attendance",
            "here": url_for(".import_attendance", training_event_id=event.id),
            "back": url_for(".training_event", training_event_id=event.id),
            "above": event.title,
        },
    )


def _import(read: Read, carry: Carry, page: dict[str, str]) -> ResponseReturnValue:
    """Ask for the file, show what it would do, do it: three turns of one address."""
    form = ImportForm()
    if not form.validate_on_submit():
        return form_page("roster/qualifications/import.html", form, **page)
    try:
        sheet = form.sheet(current_app.config["IMPORT_ROWS"])
        plan = read(sheet)
    except DomainError as error:
        form.file.errors = [explain(error)]
        return form_page("roster/qualifications/import.html", form, **page)
    if not form.text.data:
        shown = {"plan": plan, "text": as_text(sheet), "results": TRAINING_RESULTS}
        text = render_template("roster/qualifications/preview.html", **page, **shown)
        return text, 422 if plan.problems else 200
    count = carry(plan)
    db.session.commit()
    flash(
        ngettext("%(num)s row has been imported.", "%(num)s rows have been imported.", count),
        "success",
    )
    return redirect(page["back"])
