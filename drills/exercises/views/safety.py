"""The safety record of a live-fire drill, and the vulnerabilities it found."""

from typing import Any

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.exercises.forms.safety import (
    SafetyForm,
    VulnerabilityForm,
    safety_data,
    vulnerability_data,
)
from drills.exercises.models import SEVERITIES, Drill, Vulnerability
from drills.exercises.services import readiness
from drills.exercises.services import safety as services
from drills.exercises.services.drills import refuse_closed
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.files.receiving import receive
from drills.files.sending import send
from drills.web.access import requires
from drills.web.pages import form_page, saved
from drills.web.session import current_person

FORM = "exercises/plan/form.html"


@bp.get("/drills/<int:drill_id>/safety")
@requires(Permission.DRILL_VIEW, on=Drill)
def plan_safety(drill: Drill) -> ResponseReturnValue:
    found = services.vulnerabilities(db.session, drill, current_person())
    shown: dict[str, Any] = {
        "safety": readiness.safety_of(db.session, drill),
        "missing": readiness.missing(db.session, drill),
        "vulnerabilities": found,
        "severities": services.by_severity(found),
        "severity_words": SEVERITIES,
        "today": clock.today(get_timezone()),
    }
    return render_template("exercises/plan/safety.html", drill=drill, **shown)


@bp.route("/drills/<int:drill_id>/safety/edit", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT, on=Drill)
def plan_safety_edit(drill: Drill) -> ResponseReturnValue:
    refuse_closed(drill)
    form = SafetyForm(data=safety_data(readiness.safety_of(db.session, drill), drill))
    if form.validate_on_submit():
        person, version = current_person(), form.version.data
        file = receive(db.session, form.file.data, by=person) if form.file.data else None
        services.keep_safety(
            db.session, drill, form.details(drill), file=file, version=version, by=person
        )
        return saved(url_for(".plan_safety", drill_id=drill.id), _("It has been saved."))
    return form_page("exercises/plan/safety_edit.html", form, drill=drill)


@bp.get("/drills/<int:drill_id>/safety/authorisation")
@requires(Permission.DRILL_VIEW, on=Drill)
def plan_authorisation(drill: Drill) -> ResponseReturnValue:
    record = readiness.safety_of(db.session, drill) or abort(404)
    return send(record.authorisation_file or abort(404))


@bp.route("/drills/<int:drill_id>/vulnerabilities/new", methods=["GET", "POST"])
@requires(Permission.DRILL_EVALUATE, on=Drill)
def plan_vulnerability_add(drill: Drill) -> ResponseReturnValue:
    form = VulnerabilityForm(data={"found_on": clock.today(drill.zone)})
    if form.validate_on_submit():
        details = form.details(drill, None)
        services.add_vulnerability(db.session, drill, details, by=current_person())
        return saved(
            url_for(".plan_safety", drill_id=drill.id, _anchor="vulnerabilities"),
            _("The vulnerability has been noted."),
        )
    return form_page(FORM, form, drill=drill, heading=_("Note a vulnerability"))


@bp.route("/vulnerabilities/<int:vulnerability_id>/edit", methods=["GET", "POST"])
@requires(Permission.DRILL_EVALUATE, on=Vulnerability)
def plan_vulnerability_edit(vulnerability: Vulnerability) -> ResponseReturnValue:
    drill = vulnerability.drill
    form = VulnerabilityForm(data=vulnerability_data(vulnerability, drill))
    if form.validate_on_submit():
        services.revise_vulnerability(
            db.session,
            vulnerability,
            form.details(drill, vulnerability),
            by=current_person(),
            version=form.version.data,
        )
        return saved(
            url_for(".plan_safety", drill_id=drill.id, _anchor="vulnerabilities"),
            _("It has been saved."),
        )
    return form_page(FORM, form, drill=drill, heading=_("Edit the vulnerability"))
