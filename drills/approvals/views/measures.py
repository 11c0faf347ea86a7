"""The tab of the protection plan: the checklist, one measure, out to a spreadsheet and back."""

import io
from collections.abc import Mapping

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone, ngettext
from flask_babel import gettext as _
from flask_wtf.file import FileField, FileRequired

from drills.accounts.permissions import Permission
from drills.approvals.forms.aftercare import MeasureForm
from drills.approvals.models import MEASURE_STATES, Measure, MeasureDetails, MeasureState
from drills.approvals.services import follow_up, measure_sheets, measures
from drills.approvals.views.blueprint import bp
from drills.core import clock, tabular
from drills.core.errors import DomainError
from drills.core.text import normal
from drills.extensions import db
from drills.files.receiving import receive
from drills.files.sending import send, send_bytes
from drills.systems.models import PLAN_STATES, InformationSystem
from drills.web import filters
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.forms import Form
from drills.web.language import spoken
from drills.web.pages import form_page
from drills.web.session import current_person

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LOOKS = {
    MeasureState.NOT_STARTED: "idle",
    MeasureState.PARTLY: "work",
    MeasureState.DONE: "done",
    MeasureState.NOT_APPLICABLE: "idle",
}


def _checklist(system: InformationSystem) -> measures.Checklist:
    return measures.checklist(db.session, system, clock.today(get_timezone()))


@bp.get("/systems/<int:system_id>/protection-plan/")
@requires(Permission.DOSSIER_VIEW, on=InformationSystem)
def plan_of(system: InformationSystem) -> ResponseReturnValue:
    return _page(system, {}, "")


def _page(
    system: InformationSystem, chosen: Mapping[str, str], mistake: str
) -> ResponseReturnValue:
    """The checklist; with what was ``chosen`` and could not be saved, and why."""
    found = _checklist(system)
    page = render_template(
        "approvals/plan.html",
        system=system,
        found=found,
        chosen=chosen,
        mistake=mistake,
        states=MEASURE_STATES,
        looks=LOOKS,
        plan_states=PLAN_STATES,
        conditions=follow_up.conditions_of(db.session, system.id),
        language=spoken(),
        today=clock.today(get_timezone()),
    )
    return page, 422 if mistake else 200


@bp.post("/systems/<int:system_id>/protection-plan/")
@requires(Permission.DOSSIER_EDIT, on=InformationSystem)
def settle_plan(system: InformationSystem) -> ResponseReturnValue:
    """Save the state chosen in each row, or one state for the ticked rows."""
    found = _checklist(system)
    changes = _ticked(found) if "set" in request.form else _chosen(found)
    known = {key: request.form.get(f"was-{key}") or "" for key in changes}
    try:
        count = measures.settle(
            db.session,
            system,
            changes,
            known={key: value for key, value in known.items() if value},
            by=current_person(),
            on=clock.today(get_timezone()),
        )
    except DomainError as error:
        db.session.rollback()
        if error.status != 422:
            raise
        return _page(system, {k: d.state.value for k, d in changes.items()}, explain(error))
    db.session.commit()
    flash(
        ngettext("%(num)s measure has been changed.", "%(num)s measures have been changed.", count)
    )
    return redirect(url_for("approvals.plan_of", system_id=system.id))


def _ticked(found: measures.Checklist) -> dict[str, MeasureDetails]:
    """The ticked rows in the state of the button that was pressed."""
    state = _state(request.form["set"]) or abort(422)
    note = normal(request.form.get("bulk-note", ""))[:4000]
    ticked = set(request.form.getlist("key"))
    return {
        item.key: MeasureDetails(state, note or item.note, item.due_on)
        for item in found.items
        if item.key in ticked
    }


def _chosen(found: measures.Checklist) -> dict[str, MeasureDetails]:
    """The rows whose state is another than when the page was opened."""
    changes = {}
    for item in found.items:
        state = _state(request.form.get(f"state-{item.key}", ""))
        was = request.form.get(f"was-{item.key}", item.state.value)
        if state and state.value != was:
            changes[item.key] = MeasureDetails(state, item.note, item.due_on)
    return changes


def _state(text: str) -> MeasureState | None:
    return MeasureState(text) if text in set(MeasureState) else None


@bp.route("/systems/<int:system_id>/protection-plan/<key>/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_EDIT, on=InformationSystem)
def measure(system: InformationSystem, key: str) -> ResponseReturnValue:
    item = _checklist(system).item(key) or abort(404)
    given = {"state": item.state.value, "note": item.note, "due_on": item.due_on}
    form = MeasureForm(data=given | {"was": item.state.value})
    if form.validate_on_submit():
        _save(system, item, form)
        flash(_("It has been saved."), "success")
        return redirect(url_for("approvals.plan_of", system_id=system.id, _anchor=f"m-{key}"))
    return form_page("approvals/measure.html", form, system=system, item=item, language=spoken())


def _save(system: InformationSystem, item: measures.Item, form: MeasureForm) -> None:
    by, today = current_person(), clock.today(get_timezone())
    known = {item.key: form.was.data} if form.was.data else {}
    measures.settle(db.session, system, {item.key: form.details()}, known=known, by=by, on=today)
    if form.evidence.data:
        stored = receive(db.session, form.evidence.data, by=by)
        measures.prove(db.session, system, item.key, stored, by=by, on=today)
    db.session.commit()


@bp.get("/measures/<int:measure_id>/evidence")
@requires(Permission.DOSSIER_VIEW, on=Measure)
def measure_evidence(measure: Measure) -> ResponseReturnValue:
    return send(measure.evidence or abort(404))


@bp.get("/systems/<int:system_id>/protection-plan.xlsx")
@requires(Permission.DOSSIER_VIEW, on=InformationSystem)
def plan_xlsx(system: InformationSystem) -> ResponseReturnValue:
    found, language, target = _checklist(system), spoken(), io.BytesIO()
    name = _("protection-plan")
    tabular.write_xlsx(
        target,
        tabular.labels(measure_sheets.COLUMNS, language),
        measure_sheets.lines(found, language),
        sheet=_("Protection plan"),
        notes=[
            (_("System"), f"{system.code} {system.name}"),
            (_("Level"), str(found.basis.level or "")),
            (_("Rule set"), found.basis.regime.title if found.basis.regime else ""),
            (_("Made"), f"{filters.moment(clock.now())}, {current_person().name}"),
        ],
        notes_sheet=_("About this list"),
    )
    return send_bytes(target.getvalue(), f"{name}-{system.code}.xlsx", XLSX)


class ChecklistForm(Form):
    file = FileField("", [FileRequired()])

    def __init__(self) -> None:
        super().__init__()
        self.file.label.text = _("Workbook (XLSX) or CSV")
        self.file.description = _("The export of this checklist, filled in.")


@bp.route("/systems/<int:system_id>/protection-plan/import/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_EDIT, on=InformationSystem)
def import_plan(system: InformationSystem) -> ResponseReturnValue:
    """Every row of the file or none; what is wrong is listed row by row."""
    form, problems = ChecklistForm(), []
    if form.validate_on_submit():
        try:
            problems = _imported(system, form)
        except DomainError as error:
            db.session.rollback()
            form.file.errors = [explain(error)]
        else:
            if not problems:
                return redirect(url_for("approvals.plan_of", system_id=system.id))
    page = form_page("approvals/plan_import.html", form, system=system, problems=problems)
    return (page[0], 422) if problems and isinstance(page, tuple) else page


def _imported(system: InformationSystem, form: ChecklistForm) -> list[tabular.Problem]:
    found, upload = _checklist(system), form.file.data
    said = measure_sheets.reading(upload.stream, upload.filename or "", found)
    if not said.problems:
        today = clock.today(get_timezone())
        count = measures.settle(db.session, system, said.changes, by=current_person(), on=today)
        db.session.commit()
        flash(
            ngettext(
                "%(num)s measure has been changed.", "%(num)s measures have been changed.", count
            )
        )
    return said.problems
