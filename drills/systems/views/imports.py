"""Import in the browser: send a file, look at what it would do, decide."""

import io
from pathlib import Path
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from drills.accounts.permissions import Permission
from drills.audit import services as audit
from drills.core import clock, tabular
from drills.core.errors import DomainError
from drills.extensions import db
from drills.systems import services
from drills.systems.forms import UploadForm
from drills.systems.services import uploads
from drills.systems.services.columns import COLUMNS
from drills.systems.services.uploads import Upload
from drills.systems.views.blueprint import bp
from drills.systems.views.exports import sent_file
from drills.systems.views.history import LABELS
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.language import spoken
from drills.web.pages import form_page
from drills.web.session import current_person

SHOWN = 100
"""How many new and changed systems the preview lists; mistakes are all listed."""


@bp.route("/import/", methods=["GET", "POST"])
@requires(Permission.SYSTEM_IMPORT)
def upload() -> ResponseReturnValue:
    form = UploadForm()
    if form.validate_on_submit():
        try:
            kept = _keep(form)
        except DomainError as error:
            form.file.errors = [explain(error)]
        else:
            return redirect(url_for("systems.preview", token=kept.token))
    return form_page("systems/upload.html", form)


def _keep(form: UploadForm) -> Upload:
    """Read the file now, so that a hopeless one is refused before anything is kept."""
    sent = form.file.data
    name = Path(sent.filename or "").name
    sheet = tabular.read(
        sent.stream, name, limit=current_app.config["IMPORT_ROWS"], columns=COLUMNS
    )
    services.columns_of(sheet)
    return uploads.keep(_folder(), current_person(), name, sheet, at=clock.now())


def _folder() -> Path:
    return Path(current_app.config["DATA"]) / "imports"


def _found(token: str) -> Upload:
    kept = uploads.find(_folder(), token, current_person(), at=clock.now())
    return kept or abort(404)


def _plan(kept: Upload) -> services.Plan:
    today = clock.today(get_timezone())
    return services.plan_import(
        db.session, kept.sheet, by=current_person(), on=today, language=spoken()
    )


@bp.get("/import/<token>/")
@requires(Permission.SYSTEM_IMPORT)
def preview(token: str) -> ResponseReturnValue:
    kept = _found(token)
    if kept.result:
        return render_template("systems/imported.html", upload=kept, result=kept.result)
    return _previewed(kept, _plan(kept))


def _previewed(kept: Upload, plan: services.Plan, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "systems/preview.html",
        upload=kept,
        plan=plan,
        problems=[_told(problem) for problem in plan.problems],
        labels={key: _(label) for key, label in LABELS.items()},
        shown=SHOWN,
    )
    return page, status


def _told(problem: tabular.Problem) -> dict[str, Any]:
    return {
        "row": problem.row,
        "column": problem.column,
        "value": problem.value,
        "reason": _(problem.reason, **problem.values),
        "remedy": _(problem.remedy, **problem.values),
    }


@bp.post("/import/<token>/")
@requires(Permission.SYSTEM_IMPORT)
def carry_out(token: str) -> ResponseReturnValue:
    kept = _found(token)
    if kept.result:
        return redirect(url_for("systems.preview", token=token))
    plan = _plan(kept)
    if plan.problems or plan.fingerprint() != request.form.get("plan"):
        flash(_("Nothing has been imported: look at what the file would do now."), "warning")
        return _previewed(kept, plan, 409)
    _carry_out(kept, plan)
    return redirect(url_for("systems.preview", token=token))


def _carry_out(kept: Upload, plan: services.Plan) -> None:
    origin = audit.origin.set("import")
    try:
        services.carry_out(db.session, plan, by=current_person())
        db.session.commit()
    except SQLAlchemyError:
        db.session.rollback()
        raise
    finally:
        audit.origin.reset(origin)
    added, revised = len(plan.additions), len(plan.revisions)
    result = {
        "added": added,
        "revised": revised,
        "unchanged": plan.unchanged,
        "decisions": plan.decisions,
    }
    uploads.finish(_folder(), kept, result)


@bp.get("/import/<token>/mistakes.xlsx")
@requires(Permission.SYSTEM_IMPORT)
def mistakes(token: str) -> ResponseReturnValue:
    """The same list with one more column that says what to mend; that column is ignored later."""
    kept = _found(token)
    said: dict[int, list[str]] = {}
    for problem in (_told(problem) for problem in _plan(kept).problems):
        text = f"{problem['column']}: {problem['reason']} {problem['remedy']}"
        said.setdefault(problem["row"], []).append(text)
    target, ending = io.BytesIO(), _("mistakes")
    headers = [_("To mend"), *kept.sheet.headers]
    rows = (["\n".join(said.get(row.number, [])), *row.cells] for row in kept.sheet.rows)
    tabular.write_xlsx(target, headers, rows, sheet=_("Register of systems"))
    return sent_file(target, f"{Path(kept.filename).stem}-{ending}.xlsx", "xlsx")
