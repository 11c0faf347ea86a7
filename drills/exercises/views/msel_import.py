"""Importing a list of injects: send a file, say what its columns mean, look, decide."""

from typing import Any

import sqlalchemy as sa
from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.audit import services as audit
from drills.core import tabular
from drills.core.errors import DomainError
from drills.core.text import normal
from drills.exercises.forms.msel import MselFileForm
from drills.exercises.models import Drill, MselMapping
from drills.exercises.services import msel as services
from drills.exercises.services.drills import refuse_closed
from drills.exercises.services.msel import reception
from drills.exercises.services.msel.columns import COLUMNS, IGNORE, KEEP
from drills.exercises.services.msel.plans import Change
from drills.exercises.services.msel.reception import Received
from drills.exercises.services.msel.times import write_due
from drills.exercises.views.blueprint import bp
from drills.exercises.views.msel import breadcrumbs
from drills.exercises.views.msel_table import label_of
from drills.extensions import db
from drills.web import uploads
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.language import spoken
from drills.web.pages import form_page
from drills.web.session import current_person

SAMPLES = 3


@bp.route("/drills/<int:drill_id>/msel/import", methods=["GET", "POST"])
@requires(Permission.DRILL_CONTROL, on=Drill)
def msel_import(drill: Drill) -> ResponseReturnValue:
    refuse_closed(drill)
    form = MselFileForm()
    if form.validate_on_submit():
        try:
            token = _keep(drill, form)
        except DomainError as error:
            form.file.errors = [explain(error)]
        else:
            return redirect(url_for(".msel_preview", drill_id=drill.id, token=token))
    crumbs = breadcrumbs(drill, _("Import"))
    return form_page("exercises/msel/upload.html", form, drill=drill, crumbs=crumbs)


def _keep(drill: Drill, form: MselFileForm) -> str:
    """Read the file now, so that a hopeless one is refused before anything is kept."""
    sent = form.file.data
    data = sent.stream.read()
    known = services.known(db.session, drill)
    reception.receive(known, data, sent.filename or "", limit=current_app.config["IMPORT_ROWS"])
    sent.stream.seek(0)
    return uploads.keep(sent)


@bp.get("/drills/<int:drill_id>/msel/import/<token>")
@requires(Permission.DRILL_CONTROL, on=Drill)
def msel_preview(drill: Drill, token: str) -> ResponseReturnValue:
    refuse_closed(drill)
    known, received = _received(drill, token, request.args)
    return _previewed(drill, token, received, _plan(known, received))


@bp.post("/drills/<int:drill_id>/msel/import/<token>")
@requires(Permission.DRILL_CONTROL, on=Drill)
def msel_carry_out(drill: Drill, token: str) -> ResponseReturnValue:
    known, received = _received(drill, token, request.form)
    if request.form.get("do") == "remember":
        return _remember(drill, token, received)
    plan = _plan(known, received)
    if plan.problems or plan.fingerprint() != request.form.get("plan"):
        flash(_("Nothing has been imported: look at what the file would do now."), "warning")
        return _previewed(drill, token, received, plan, 409)
    origin = audit.origin.set("import")
    try:
        services.carry_out(db.session, known, plan, by=current_person(), source=received.filename)
        db.session.commit()
    finally:
        audit.origin.reset(origin)
    uploads.forget(token)
    flash(
        _(
            "The list has been imported: %(added)s new, %(changed)s changed, "
            "%(unchanged)s unchanged.",
            added=len(plan.additions),
            changed=len(plan.changes),
            unchanged=plan.unchanged,
        ),
        "success",
    )
    return redirect(url_for(".msel", drill_id=drill.id))


def _received(drill: Drill, token: str, given: Any) -> tuple[services.Known, Received]:
    """The file kept under ``token``, with the meanings ``given`` for its columns, if any."""
    stream, name = uploads.fetch(token)
    known = services.known(db.session, drill)
    received = reception.receive(
        known,
        stream.read(),
        name,
        limit=current_app.config["IMPORT_ROWS"],
        saved=_mapping(given.get("saved", type=int)),
        page=given.get("page", type=int),
        header=given.get("header", type=int),
    )
    if meanings := given.getlist("m"):
        allowed = {IGNORE, KEEP, *_choices(known, received)}
        told = [meaning if meaning in allowed else IGNORE for meaning in meanings]
        received = received.meaning(told)
    return known, received


def _mapping(identity: int | None) -> dict[str, str] | None:
    mine = sa.select(MselMapping).where(
        MselMapping.id == identity, MselMapping.visible_to(current_person())
    )
    found = db.session.scalars(mine).one_or_none() if identity else None
    return dict(found.mapping) if found else None


def _plan(known: services.Known, received: Received) -> services.MselPlan:
    return services.plan_import(known, received.pages, received.layout, spoken())


def _remember(drill: Drill, token: str, received: Received) -> ResponseReturnValue:
    name = " ".join(normal(request.form.get("name", "")).split())
    mapping = reception.remember(db.session, current_person(), name, received.layout)
    db.session.commit()
    flash(_("The meaning of the columns has been kept as “%(name)s”.", name=name), "success")
    chosen: dict[str, Any] = {"saved": mapping.id, "page": received.layout.page}
    chosen |= {"header": received.layout.header, "m": list(received.layout.meanings)}
    return redirect(url_for(".msel_preview", drill_id=drill.id, token=token, **chosen))


def _choices(known: services.Known, received: Received) -> dict[str, str]:
    """What a column can stand for: ours, the agency's, and those a known set brings along."""
    ours = {column.key: column.label(spoken()) for column in COLUMNS}
    own = {f"column:{column.key}": column.label for column in known.columns}
    pairs = zip(received.layout.meanings, received.layout.headers, strict=True)
    told = {meaning: header for meaning, header in pairs if meaning.startswith("column:")}
    return ours | told | own


def _previewed(
    drill: Drill, token: str, received: Received, plan: services.MselPlan, status: int = 200
) -> ResponseReturnValue:
    known = services.known(db.session, drill)
    mine = sa.select(MselMapping).where(MselMapping.visible_to(current_person()))
    page = render_template(
        "exercises/msel/preview.html",
        drill=drill,
        token=token,
        received=received,
        plan=plan,
        crumbs=breadcrumbs(drill, _("Preview of the import")),
        columns=_columns(received),
        choices=_choices(known, received),
        mappings=db.session.scalars(mine.order_by(MselMapping.name)).all(),
        problems=[_told(problem) for problem in plan.problems],
        changes=[(change, _differences(known, received, change)) for change in plan.changes],
        due=lambda details: write_due(details.offset_seconds, details.planned_at, known.frame),
        chosen=request.values.get("saved", type=int),
    )
    return page, status


def _differences(
    known: services.Known, received: Received, change: Change
) -> list[tuple[str, str, str]]:
    told = ((label_of(known, k), *received.shown(known, change, k)) for k in change.keys)
    return list(dict.fromkeys(told))


def _columns(received: Received) -> list[dict[str, Any]]:
    """Each header with its meaning and the first texts under it."""
    rows = [
        r for r in received.pages[received.layout.page].rows if r.number > received.layout.header
    ]
    samples = [
        list(dict.fromkeys(row.cells[place] for row in rows if row.cells[place]))[:SAMPLES]
        for place in range(len(received.layout.headers))
    ]
    return [
        {"header": header, "meaning": meaning, "samples": [text[:60] for text in sample]}
        for header, meaning, sample in zip(
            received.layout.headers, received.layout.meanings, samples, strict=True
        )
    ]


def _told(problem: tabular.Problem) -> dict[str, Any]:
    return {
        "row": problem.row,
        "column": problem.column,
        "value": problem.value,
        "reason": _(problem.reason, **problem.values),
        "remedy": _(problem.remedy, **problem.values),
    }
