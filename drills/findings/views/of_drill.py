"""What a drill taught: its findings, lessons and the actions that follow, on one page."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, selectinload

from drills.accounts.permissions import Permission, permits, visible
from drills.core import clock
from drills.core.errors import Conflict
from drills.exercises.models import Drill, Inject, Objective, Observation, Vulnerability
from drills.extensions import db
from drills.findings import lists
from drills.findings.forms import CHANGE, STRENGTH, ActionForm, FindingForm, LessonForm
from drills.findings.models import Finding, Lesson
from drills.findings.services import actions, findings
from drills.findings.views.actions import findings_of, today
from drills.findings.views.blueprint import bp
from drills.findings.views.carrying import left_open
from drills.findings.views.words import LOOKS, SEVERITY_LOOKS
from drills.web.access import requires
from drills.web.pages import form_page, saved
from drills.web.session import current_person

USUAL_DAYS = 30
"""How much time an action is proposed to have."""


@bp.get("/drills/<int:drill_id>/findings/")
@requires(Permission.DRILL_VIEW, on=Drill)
def of_drill(drill: Drill) -> ResponseReturnValue:
    person, on = current_person(), today()
    lessons = visible(Lesson, person).where(Lesson.drill_id == drill.id).order_by(Lesson.id)
    follow = lists.of_drill(db.session, drill, person)
    may_edit = permits(person, Permission.FINDING_EDIT, drill)
    return render_template(
        "findings/of_drill.html",
        drill=drill,
        findings=_findings(drill),
        lessons=db.session.scalars(lessons).all(),
        actions=[action for action in follow if action.drill_id == drill.id],
        again=[action for action in follow if action.retest_drill_id == drill.id],
        offered=left_open(drill) if may_edit and not drill.is_done else [],
        may_edit=may_edit,
        today=on,
        standing=lists.standing,
        standings=lists.STANDINGS,
        looks=LOOKS,
        severity_looks=SEVERITY_LOOKS,
    )


def _findings(drill: Drill) -> list[Finding]:
    query: Any = visible(Finding, current_person()).where(Finding.drill_id == drill.id)
    order = sa.case(
        {name: place for place, name in enumerate(SEVERITY_LOOKS)}, value=Finding.severity
    )
    loaded = query.options(
        joinedload(Finding.objective),
        joinedload(Finding.inject),
        joinedload(Finding.system),
        selectinload(Finding.actions),
    )
    return list(db.session.scalars(loaded.order_by(order.desc(), Finding.id)))


@bp.route("/drills/<int:drill_id>/findings/new", methods=["GET", "POST"])
@requires(Permission.FINDING_EDIT, on=Drill)
def add(drill: Drill) -> ResponseReturnValue:
    form = FindingForm(data={"inject_id": request.args.get("inject", "")} | _observed(drill))
    _offer(form, drill)
    if form.validate_on_submit():
        finding = findings.find(db.session, drill, form.details(), by=current_person())
        return saved(
            url_for(".ask", drill_id=drill.id, finding=finding.id),
            _("The finding has been added. Who does what about it?"),
        )
    return form_page("findings/finding.html", form, drill=drill, finding=None)


def _observed(drill: Drill) -> dict[str, Any]:
    """What the finding begins with when it is made of an evaluator's ``?observation=``."""
    query = visible(Observation, current_person()).where(
        Observation.drill_id == drill.id,
        Observation.id == request.args.get("observation", type=int),
    )
    seen = db.session.scalars(query).one_or_none()
    names = ("text", "inject_id", "objective_id")
    return {name: getattr(seen, name) for name in names} if seen else {}


@bp.route("/findings/<int:finding_id>/edit", methods=["GET", "POST"])
@requires(Permission.FINDING_EDIT, on=Finding)
def revise(finding: Finding) -> ResponseReturnValue:
    form = FindingForm(obj=finding)
    _offer(form, finding.drill)
    if form.validate_on_submit():
        details, version = form.details(), _version(form)
        try:
            findings.revise(db.session, finding, details, by=current_person(), version=version)
        except Conflict:
            return _both(finding, form)
        return saved(url_for(".of_drill", drill_id=finding.drill_id), _("It has been saved."))
    return form_page("findings/finding.html", form, drill=finding.drill, finding=finding)


def _version(form: FindingForm | LessonForm) -> int:
    return int(form.version.data) if str(form.version.data).isdigit() else 0


def _both(finding: Finding, form: FindingForm) -> ResponseReturnValue:
    rows = [
        (_("What was found"), finding.text, form.text.data),
        (_("Why it happened"), finding.analysis, form.analysis.data),
    ]
    form.version.data = form.version.raw_data = str(finding.version)
    page = render_template(
        "findings/finding.html",
        form=form,
        drill=finding.drill,
        finding=finding,
        differences=[row for row in rows if row[1] != row[2]],
    )
    return page, 409


def _offer(form: FindingForm, drill: Drill) -> None:
    """The rows of the drill a finding may refer to."""
    person = current_person()
    form.objective_id.offer(_rows(Objective, drill, Objective.text))
    seen = visible(Inject, person).where(Inject.drill_id == drill.id).order_by(Inject.position)
    form.inject_id.offer((i.id, f"{i.number}. {i.title}") for i in db.session.scalars(seen))
    form.system_id.offer((system.id, f"{system.code} {system.name}") for system in drill.systems)
    form.vulnerability_id.offer(_rows(Vulnerability, drill, Vulnerability.title))


def _rows(model: Any, drill: Drill, label: Any) -> Iterable[tuple[int, str]]:
    query = sa.select(model.id, label).where(model.drill_id == drill.id).order_by(model.id)
    return [(row[0], row[1][:120]) for row in db.session.execute(query)]


@bp.post("/findings/<int:finding_id>/remove")
@requires(Permission.FINDING_EDIT, on=Finding)
def remove(finding: Finding) -> ResponseReturnValue:
    drill_id = finding.drill_id
    findings.remove(db.session, finding, by=current_person())
    return saved(url_for(".of_drill", drill_id=drill_id), _("The finding has been removed."))


@bp.route("/drills/<int:drill_id>/lessons/new", methods=["GET", "POST"])
@requires(Permission.FINDING_EDIT, on=Drill)
def learn(drill: Drill) -> ResponseReturnValue:
    form = LessonForm()
    form.finding_id.offer(findings_of(drill))
    if form.validate_on_submit():
        findings.learn(db.session, drill, form.details(), by=current_person())
        return saved(url_for(".of_drill", drill_id=drill.id), _("The lesson has been added."))
    return form_page("findings/lesson.html", form, drill=drill, lesson=None)


@bp.route("/lessons/<int:lesson_id>/edit", methods=["GET", "POST"])
@requires(Permission.FINDING_EDIT, on=Lesson)
def revise_lesson(lesson: Lesson) -> ResponseReturnValue:
    form = LessonForm(obj=lesson, data={"kind": STRENGTH if lesson.is_strength else CHANGE})
    form.finding_id.offer(findings_of(lesson.drill))
    if form.validate_on_submit():
        details, version = form.details(), _version(form)
        findings.revise_lesson(db.session, lesson, details, by=current_person(), version=version)
        return saved(
            url_for(".of_drill", drill_id=lesson.drill_id, _anchor="lessons"),
            _("It has been saved."),
        )
    return form_page("findings/lesson.html", form, drill=lesson.drill, lesson=lesson)


@bp.post("/lessons/<int:lesson_id>/remove")
@requires(Permission.FINDING_EDIT, on=Lesson)
def forget(lesson: Lesson) -> ResponseReturnValue:
    drill_id = lesson.drill_id
    findings.forget(db.session, lesson, by=current_person())
    return saved(url_for(".of_drill", drill_id=drill_id), _("The lesson has been removed."))


@bp.route("/drills/<int:drill_id>/actions/new", methods=["GET", "POST"])
@requires(Permission.FINDING_EDIT, on=Drill)
def ask(drill: Drill) -> ResponseReturnValue:
    form = ActionForm(
        data={
            "unit_id": drill.unit_id,
            "due_on": today() + timedelta(days=USUAL_DAYS),
            "finding_id": request.args.get("finding", ""),
        }
    )
    form.finding_id.offer(findings_of(drill))
    if form.validate_on_submit():
        action = actions.ask(db.session, drill, form.details(), by=current_person(), at=clock.now())
        return saved(
            url_for(".of_drill", drill_id=drill.id),
            _("%(code)s has been entered.", code=action.code),
        )
    return form_page("findings/action.html", form, drill=drill, action=None)
