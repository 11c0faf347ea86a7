"""Whether a drill may start: the list of tasks, and go or no-go."""

from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission, permits
from drills.core import clock
from drills.exercises.forms.planning import GoForm, TaskForm, readiness_form
from drills.exercises.models import Drill
from drills.exercises.services import readiness as services
from drills.exercises.services.readiness import refuse_over
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.web.access import requires
from drills.web.forms import Form
from drills.web.pages import form_page
from drills.web.session import current_person


@bp.get("/drills/<int:drill_id>/readiness")
@requires(Permission.DRILL_VIEW, on=Drill)
def plan_readiness(drill: Drill) -> ResponseReturnValue:
    return _page(drill)


def _page(drill: Drill, **forms: Form) -> ResponseReturnValue:
    """The page, with a form that came back with mistakes in place of an empty one."""
    record = services.safety_of(db.session, drill)
    tasks = services.tasks(db.session, drill, record)
    shown: dict[str, Any] = {
        "tasks": tasks,
        "form": forms.get("form") or readiness_form(tasks),
        "go": forms.get("go") or GoForm(formdata=None, prefix="go-"),
        "more": forms.get("more") or TaskForm(formdata=None, prefix="more-"),
    }
    shown |= {
        "decisions": services.decisions(db.session, drill),
        "missing": services.missing(db.session, drill),
        "may_edit": permits(current_person(), Permission.DRILL_EDIT, drill)
        and not (drill.is_done or drill.is_closed),
    }
    wrong = next((form for form in forms.values() if form.errors), shown.pop("form"))
    shown["list_form"] = forms.get("form") or readiness_form(tasks)
    return form_page("exercises/plan/readiness.html", wrong, drill=drill, **shown)


def _back(drill: Drill, part: str) -> ResponseReturnValue:
    return redirect(url_for(".plan_readiness", drill_id=drill.id, _anchor=part))


@bp.post("/drills/<int:drill_id>/readiness")
@requires(Permission.DRILL_EDIT, on=Drill)
def plan_readiness_note(drill: Drill) -> ResponseReturnValue:
    refuse_over(drill)
    tasks = services.tasks(db.session, drill, services.safety_of(db.session, drill))
    form = readiness_form(tasks)
    if not form.validate_on_submit():
        return _page(drill, form=form)
    services.note(db.session, drill, form.said(tasks), by=current_person(), at=clock.now())
    db.session.commit()
    flash(_("It has been saved."), "success")
    return _back(drill, "tasks")


@bp.post("/drills/<int:drill_id>/readiness/new")
@requires(Permission.DRILL_EDIT, on=Drill)
def plan_readiness_add(drill: Drill) -> ResponseReturnValue:
    refuse_over(drill)
    form = TaskForm(prefix="more-")
    if not form.validate_on_submit():
        return _page(drill, more=form)
    services.add_task(db.session, drill, form.text.data or "", by=current_person())
    db.session.commit()
    flash(_("The task is on the list."), "success")
    return _back(drill, "tasks")


@bp.post("/drills/<int:drill_id>/go")
@requires(Permission.DRILL_EDIT, on=Drill)
def plan_go(drill: Drill) -> ResponseReturnValue:
    refuse_over(drill)
    form = GoForm(prefix="go-")
    if not form.validate_on_submit():
        return _page(drill, go=form)
    said = form.answer.data, form.reason.data or ""
    services.decide(db.session, drill, *said, by=current_person(), at=clock.now())
    db.session.commit()
    flash(_("The decision has been noted."), "success")
    return _back(drill, "go")
