"""The library of scenarios: for those who plan drills, never for those who play them."""

from typing import Any

import sqlalchemy as sa
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, selectinload

from drills.accounts.permissions import Permission, visible
from drills.core import clock
from drills.core.orm import contains
from drills.core.text import fold
from drills.exercises.forms.programmes import ScenarioForm, scenario_data
from drills.exercises.models import Drill, Scenario, ScenarioVersion, Status
from drills.exercises.services import scenarios as services
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.web.access import requires
from drills.web.pages import form_page, paged, saved
from drills.web.session import current_person


@bp.get("/scenarios/")
@requires(Permission.SCENARIO_VIEW)
def scenarios() -> ResponseReturnValue:
    words, retired = request.args.get("q", "").strip(), "retired" in request.args
    is_out = Scenario.retired_at.is_not(None)
    query = (
        visible(Scenario, current_person())
        .where(contains(Scenario.search, fold(words)), is_out if retired else ~is_out)
        .order_by(Scenario.search, Scenario.id)
        .options(joinedload(Scenario.unit), selectinload(Scenario.versions))
    )
    page = paged(db.session, query)
    shown = {"words": words, "retired": retired, "uses": _uses(page.items)}
    return render_template("exercises/scenarios/index.html", page=page, **shown)


def _uses(scenarios: list[Scenario]) -> dict[int, int]:
    """How many drills follow each scenario, by its id."""
    ids = [scenario.id for scenario in scenarios]
    query = (
        sa.select(ScenarioVersion.scenario_id, sa.func.count(Drill.id))
        .join(Drill, Drill.scenario_version_id == ScenarioVersion.id)
        .where(ScenarioVersion.scenario_id.in_(ids))
        .group_by(ScenarioVersion.scenario_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


@bp.get("/scenarios/<int:scenario_id>/")
@requires(Permission.SCENARIO_VIEW, on=Scenario)
def scenario(scenario: Scenario) -> ResponseReturnValue:
    asked = request.args.get("version", type=int)
    chosen = next((v for v in scenario.versions if v.number == asked), scenario.newest)
    person = current_person()
    drills = visible(Drill, person).join(
        ScenarioVersion, ScenarioVersion.id == Drill.scenario_version_id
    )
    of_it = drills.where(ScenarioVersion.scenario_id == scenario.id)
    ahead = visible(Drill, person).where(
        Drill.conducted_by(person), Drill.status.in_((Status.PLANNED, Status.POSTPONED))
    )
    shown: dict[str, Any] = {
        "drills": db.session.scalars(of_it.order_by(Drill.starts_at.desc())).all(),
        "ahead": db.session.scalars(ahead.order_by(Drill.starts_at).limit(20)).all(),
        "now": clock.now(),
    }
    return render_template(
        "exercises/scenarios/show.html", scenario=scenario, chosen=chosen, **shown
    )


@bp.route("/scenarios/new", methods=["GET", "POST"])
@requires(Permission.SCENARIO_EDIT)
def scenario_create() -> ResponseReturnValue:
    person = current_person()
    form = ScenarioForm(data={"unit_id": person.scope.id})
    if form.validate_on_submit():
        written = services.write_scenario(db.session, form.details(), by=person, at=clock.now())
        return saved(
            url_for(".scenario", scenario_id=written.id), _("The scenario is in the library.")
        )
    return form_page("exercises/scenarios/edit.html", form, scenario=None)


@bp.route("/scenarios/<int:scenario_id>/edit", methods=["GET", "POST"])
@requires(Permission.SCENARIO_EDIT, on=Scenario)
def scenario_edit(scenario: Scenario) -> ResponseReturnValue:
    form = ScenarioForm(data=scenario_data(scenario))
    if form.validate_on_submit():
        services.revise_scenario(
            db.session,
            scenario,
            form.details(),
            version=form.version.data,
            by=current_person(),
            at=clock.now(),
        )
        return saved(url_for(".scenario", scenario_id=scenario.id), _("It has been saved."))
    return form_page("exercises/scenarios/edit.html", form, scenario=scenario)


@bp.post("/scenarios/<int:scenario_id>/retire")
@requires(Permission.SCENARIO_EDIT, on=Scenario)
def scenario_retire(scenario: Scenario) -> ResponseReturnValue:
    is_retired = request.form.get("is") != "no"
    services.retire_scenario(
        db.session, scenario, is_retired=is_retired, by=current_person(), at=clock.now()
    )
    return saved(url_for(".scenario", scenario_id=scenario.id), _("It has been saved."))
