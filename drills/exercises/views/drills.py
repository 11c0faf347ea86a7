"""The list, a drill's page and what may be done there."""

from typing import Any
from urllib.parse import urlsplit

from flask import (
    Response,
    current_app,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.audit import services as audit
from drills.core import clock
from drills.core.errors import Conflict
from drills.exercises import calendar, lists, services
from drills.exercises.forms import DrillForm, MoveForm, typed
from drills.exercises.models import Drill, Status
from drills.exercises.services import readiness
from drills.exercises.services.drills import refuse_closed
from drills.exercises.services.overview import overview
from drills.exercises.services.results import summaries
from drills.exercises.views import words
from drills.exercises.views.blueprint import bp
from drills.exercises.views.conducting import after
from drills.extensions import db
from drills.web.access import requires
from drills.web.language import spoken
from drills.web.pages import form_page, paged, saved
from drills.web.session import current_person


@bp.get("/drills/")
@requires(Permission.DRILL_VIEW)
def index() -> ResponseReturnValue:
    person, zone = current_person(), get_timezone()
    wanted = lists.Wanted.of(request.args)
    condition = wanted.condition(zone)
    extent = lists.extent(db.session, person, condition)
    page = paged(db.session, lists.ordered(person, condition), extent.total)
    units = lists.units_in_charge(db.session, person)
    facets = words.facets(wanted, extent.years(zone), units)
    shown = {"page": page, "sections": lists.sections(page.items), "now": clock.now()}
    shown["figures"] = summaries(db.session, [drill.id for drill in page.items if drill.is_done])
    shown["after"] = after
    return render_template("exercises/index.html", wanted=wanted, facets=facets, **shown)


@bp.get("/drills/<int:drill_id>/")
@requires(Permission.DRILL_VIEW, on=Drill)
def show(drill: Drill) -> ResponseReturnValue:
    history = words.history(audit.history(db.session, drill))
    shown: dict[str, Any] = {"history": history, "now": clock.now()}
    shown |= {"named": overview(db.session, drill), "steps": words.steps(drill)}
    return render_template(
        "exercises/show.html", drill=drill, after=after, **shown, **_first(drill)
    )


def _first(drill: Drill) -> dict[str, Any]:
    """What comes first: before the drill what is left to do, after it what came of it."""
    tasks, whole = [], None
    if drill.status is Status.PLANNED:
        tasks = readiness.whole_list(db.session, drill)
    elif drill.is_done:
        whole = summaries(db.session, [drill.id]).get(drill.id)
    return {"tasks": tasks, "whole": whole}


@bp.route("/drills/<int:drill_id>/edit", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT, on=Drill)
def edit(drill: Drill) -> ResponseReturnValue:
    refuse_closed(drill)
    form = DrillForm(data=typed(drill))
    if not form.validate_on_submit():
        return form_page("exercises/edit.html", form, drill=drill)
    try:
        version = int(form.version.data) if form.version.data.isdigit() else 0
        services.revise(db.session, drill, form.details(), by=current_person(), version=version)
    except Conflict:
        return _both(form, drill)
    return saved(url_for(".show", drill_id=drill.id), _("It has been saved."))


def _both(form: DrillForm, drill: Drill) -> ResponseReturnValue:
    """The form once more, beside what somebody else saved; saving again overrules that."""
    form.version.data = form.version.raw_data = str(drill.version)
    differences = words.differences(form, DrillForm(formdata=None, data=typed(drill)))
    page = render_template("exercises/edit.html", form=form, drill=drill, differences=differences)
    return page, 409


@bp.route("/drills/<int:drill_id>/status", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT, on=Drill)
def move(drill: Drill) -> ResponseReturnValue:
    refuse_closed(drill)
    form = MoveForm(data={"status": request.args.get("to")})
    form.status.choices = words.next_statuses(drill)
    if form.validate_on_submit():
        status, reason = form.status.data, form.reason.data or ""
        services.move(db.session, drill, status, reason, by=current_person())
        return saved(
            url_for(".show", drill_id=drill.id),
            _("%(code)s: %(status)s.", code=drill.code, status=words.status(status)),
        )
    return form_page("exercises/move.html", form, drill=drill)


@bp.get("/drills/<int:drill_id>/calendar.ics")
@requires(Permission.DRILL_VIEW, on=Drill)
def ics(drill: Drill) -> ResponseReturnValue:
    public = current_app.config["PUBLIC_URL"].rstrip("/")
    url = public + url_for(".show", drill_id=drill.id)
    host = urlsplit(public).hostname or "localhost"
    body = calendar.event(drill, host=host, url=url, language=spoken())
    name = {"Content-Disposition": f"attachment; filename={drill.code}.ics"}
    return Response(body, content_type="text/calendar; charset=utf-8", headers=name)
