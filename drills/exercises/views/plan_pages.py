"""The plan of a drill: objectives, scope, scenario, sides and documents."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.exercises.forms.planning import (
    ObjectiveForm,
    PaperForm,
    PinForm,
    PlanForm,
    SideForm,
)
from drills.exercises.models import (
    PARTS,
    PRIORITIES,
    Answer,
    DocumentKind,
    Drill,
    DrillDocument,
    Objective,
    ScenarioVersion,
)
from drills.exercises.services import people, planning, readiness, safety
from drills.exercises.services.drills import refuse_closed
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.files.receiving import receive
from drills.files.sending import send
from drills.web.access import load, requires
from drills.web.pages import form_page
from drills.web.session import current_person

FORM = "exercises/plan/form.html"


@bp.get("/drills/<int:drill_id>/plan/")
@requires(Permission.DRILL_VIEW, on=Drill)
def plan_of(drill: Drill) -> ResponseReturnValue:
    session, person = db.session, current_person()
    record = readiness.safety_of(session, drill) if drill.kind.is_live else None
    shown: dict[str, Any] = {
        "objectives": planning.objectives(session, drill),
        "scenario": _scenario(drill),
        "units": people.units(session, drill),
        "teams": people.teams(session, drill),
        "people": people.named(session, drill),
        "invitations": people.invitations(session, drill),
        "documents": planning.documents(session, drill, person),
        "attendance": people.attendance(session, drill),
        "tasks": readiness.tasks(session, drill, record),
        "decision": next(iter(readiness.decisions(session, drill)), None),
        "safety": record,
        "priorities": PRIORITIES,
        "parts_words": PARTS,
        "answers": Answer,
    }
    if drill.kind.is_live:
        found = safety.vulnerabilities(session, drill, person)
        shown["severities"] = safety.by_severity(found)
    return render_template("exercises/plan/show.html", drill=drill, now=clock.now(), **shown)


def _scenario(drill: Drill) -> ScenarioVersion | None:
    """What the drill has pinned, for those who may know it."""
    if not drill.scenario_version_id or not drill.is_controlled_by(current_person()):
        return None
    return db.session.get(ScenarioVersion, drill.scenario_version_id)


def _back(drill: Drill, part: str) -> ResponseReturnValue:
    return redirect(url_for(".plan_of", drill_id=drill.id, _anchor=part))


@bp.route("/drills/<int:drill_id>/plan/edit", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT, on=Drill)
def plan_edit(drill: Drill) -> ResponseReturnValue:
    refuse_closed(drill)
    form = PlanForm(obj=drill)
    if form.validate_on_submit():
        version = form.version.data
        planning.write_plan(db.session, drill, form.details(), by=current_person(), version=version)
        db.session.commit()
        flash(_("It has been saved."), "success")
        return _back(drill, "scope")
    return form_page(FORM, form, drill=drill, heading=_("Scope, rules and targets"))


@bp.route("/drills/<int:drill_id>/objectives/new", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT, on=Drill)
def plan_objective_add(drill: Drill) -> ResponseReturnValue:
    refuse_closed(drill)
    form = ObjectiveForm()
    if form.validate_on_submit():
        planning.add_objective(db.session, drill, form.details(), by=current_person())
        db.session.commit()
        flash(_("The objective has been added."), "success")
        return _back(drill, "objectives")
    return form_page(FORM, form, drill=drill, heading=_("Add an objective"))


@bp.route("/objectives/<int:objective_id>/edit", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT, on=Objective)
def plan_objective_edit(objective: Objective) -> ResponseReturnValue:
    refuse_closed(objective.drill)
    form = ObjectiveForm(obj=objective)
    if form.validate_on_submit():
        planning.revise_objective(db.session, objective, form.details(), by=current_person())
        db.session.commit()
        flash(_("It has been saved."), "success")
        return _back(objective.drill, "objectives")
    return form_page(FORM, form, drill=objective.drill, heading=_("Edit the objective"))


@bp.post("/objectives/<int:objective_id>/move")
@requires(Permission.DRILL_EDIT, on=Objective)
def plan_objective_move(objective: Objective) -> ResponseReturnValue:
    steps = -1 if request.form.get("to") == "up" else 1
    planning.move_objective(db.session, objective, steps, by=current_person())
    db.session.commit()
    return _back(objective.drill, "objectives")


@bp.post("/objectives/<int:objective_id>/drop")
@requires(Permission.DRILL_EDIT, on=Objective)
def plan_objective_drop(objective: Objective) -> ResponseReturnValue:
    drill = objective.drill
    planning.drop_objective(db.session, objective, by=current_person())
    db.session.commit()
    flash(_("The objective has been taken out."), "success")
    return _back(drill, "objectives")


@bp.route("/drills/<int:drill_id>/scenario", methods=["GET", "POST"])
@requires(Permission.DRILL_CONTROL, on=Drill)
def plan_scenario(drill: Drill) -> ResponseReturnValue:
    refuse_closed(drill)
    asked = request.args.get("version", type=int)
    form = PinForm(data={"version_id": asked or drill.scenario_version_id})
    if form.validate_on_submit():
        version = load(ScenarioVersion, form.version_id.data) if form.version_id.data else None
        assert version is None or isinstance(version, ScenarioVersion)
        planning.pin_scenario(db.session, drill, version, by=current_person())
        db.session.commit()
        flash(_("The drill follows this scenario now."), "success")
        return _back(drill, "scenario")
    return form_page(FORM, form, drill=drill, heading=_("Choose the scenario"))


@bp.route("/drills/<int:drill_id>/sides/new", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT, on=Drill)
def plan_side_add(drill: Drill) -> ResponseReturnValue:
    refuse_closed(drill)
    form = SideForm()
    if form.validate_on_submit():
        side = planning.add_side(
            db.session,
            drill,
            key=form.side_key.data or "",
            name=form.side_name.data or "",
            team_id=form.side_team_id.data,
            by=current_person(),
        )
        db.session.commit()
        flash(_("“%(side)s” plays.", side=side.name), "success")
        return _back(drill, "sides")
    return form_page(FORM, form, drill=drill, heading=_("Add a side"))


@bp.post("/drills/<int:drill_id>/sides/drop")
@requires(Permission.DRILL_EDIT, on=Drill)
def plan_side_drop(drill: Drill) -> ResponseReturnValue:
    wanted = request.form.get("side", type=int)
    side = next((one for one in drill.sides if one.id == wanted), None) or abort(404)
    planning.drop_side(db.session, side, drill, by=current_person())
    db.session.commit()
    flash(_("The side has been taken out."), "success")
    return _back(drill, "sides")


@bp.route("/drills/<int:drill_id>/documents/new", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT, on=Drill)
def plan_document_add(drill: Drill) -> ResponseReturnValue:
    asked = request.args.get("kind")
    form = PaperForm(data={"kind": DocumentKind(asked)} if asked in set(DocumentKind) else {})
    if form.validate_on_submit():
        person = current_person()
        file = receive(db.session, form.file.data, by=person) if form.file.data else None
        planning.add_document(db.session, drill, form.details(), file=file, by=person)
        db.session.commit()
        flash(_("The document has been added."), "success")
        return _back(drill, "documents")
    return form_page(FORM, form, drill=drill, heading=_("Add a document"), multipart=True)


@bp.get("/drill-documents/<int:drill_document_id>/file")
@requires(Permission.DRILL_VIEW, on=DrillDocument)
def plan_document_file(drill_document: DrillDocument) -> ResponseReturnValue:
    return send(drill_document.file or abort(404))


@bp.post("/drill-documents/<int:drill_document_id>/drop")
@requires(Permission.DRILL_EDIT, on=DrillDocument)
def plan_document_drop(drill_document: DrillDocument) -> ResponseReturnValue:
    drill = drill_document.drill
    planning.drop_document(db.session, drill_document, by=current_person())
    db.session.commit()
    flash(_("The document has been taken out."), "success")
    return _back(drill, "documents")
