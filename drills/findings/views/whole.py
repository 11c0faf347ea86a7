"""A whole past drill from a workbook: send it, look at what it would record, decide."""

import io
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.audit import services as audit
from drills.core import clock, tabular
from drills.core.errors import DomainError
from drills.exercises.models import Drill
from drills.exercises.services.msel import headings
from drills.extensions import db
from drills.findings import whole
from drills.findings.forms import WholeForm
from drills.findings.views.blueprint import bp
from drills.findings.whole.sheets import SHEETS
from drills.web import uploads
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.language import spoken
from drills.web.pages import form_page
from drills.web.session import current_person

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.route("/drills/import", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT)
def whole_import() -> ResponseReturnValue:
    form = WholeForm()
    if form.validate_on_submit():
        sent = form.file.data
        try:
            _plan(sent.stream.read(), sent.filename or "")
        except DomainError as error:
            form.file.errors = [explain(error)]
        else:
            sent.stream.seek(0)
            return redirect(url_for(".whole_preview", token=uploads.keep(sent)))
    return form_page("findings/whole/upload.html", form)


def _plan(data: bytes, name: str) -> whole.WholePlan:
    """What the workbook would record; DomainError if it is none."""
    pages = tabular.pages(io.BytesIO(data), name, limit=current_app.config["IMPORT_ROWS"])
    zone, at = ZoneInfo(str(get_timezone())), clock.now()
    by = current_person()
    return whole.plan(db.session, pages, by=by, at=at, zone=zone, language=spoken())


@bp.get("/drills/import/template.xlsx")
@requires(Permission.DRILL_EDIT)
def whole_template() -> ResponseReturnValue:
    target = io.BytesIO()
    whole.template(target, spoken())
    return _sent(target, "drill.xlsx")


@bp.get("/drills/import/<token>")
@requires(Permission.DRILL_EDIT)
def whole_preview(token: str) -> ResponseReturnValue:
    stream, name = uploads.fetch(token)
    return _previewed(_plan(stream.read(), name), name)


@bp.post("/drills/import/<token>")
@requires(Permission.DRILL_EDIT)
def whole_carry_out(token: str) -> ResponseReturnValue:
    stream, name = uploads.fetch(token)
    plan = _plan(stream.read(), name)
    if plan.problems:
        return _previewed(plan, name, 409)
    origin = audit.origin.set("import")
    try:
        drill = whole.carry_out(db.session, plan, by=current_person(), at=clock.now(), source=name)
        db.session.commit()
    finally:
        audit.origin.reset(origin)
    uploads.forget(token)
    flash(_("%(code)s has been recorded.", code=drill.code), "success")
    return redirect(url_for("exercises.show", drill_id=drill.id))


def _previewed(plan: whole.WholePlan, name: str, status: int = 200) -> ResponseReturnValue:
    labels = {kind.key: kind.label(spoken()) for kind in SHEETS}
    problems: list[dict[str, Any]] = [
        {
            "sheet": found.sheet,
            "row": found.row,
            "column": found.column,
            "value": found.value,
            "reason": _(found.reason, **found.values),
            "remedy": _(found.remedy, **found.values) if found.remedy else "",
        }
        for found in plan.problems
    ]
    counts = [(labels[key], count) for key, count in plan.counts.items()]
    shown = {"plan": plan, "problems": problems, "counts": counts, "filename": name}
    return render_template("findings/whole/preview.html", **shown), status


@bp.get("/drills/<int:drill_id>/record.xlsx")
@requires(Permission.DRILL_SECRETS, on=Drill)
def whole_export(drill: Drill) -> ResponseReturnValue:
    _reader, columns = headings.reading(db.session, drill, current_person())
    target = io.BytesIO()
    whole.write(target, whole.record(db.session, drill), columns, spoken())
    return _sent(target, f"{drill.code}.xlsx")


def _sent(target: io.BytesIO, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(target.getvalue(), content_type=MEDIA, headers=headers)
