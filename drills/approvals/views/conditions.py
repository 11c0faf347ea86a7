"""Conditions of decisions: who owes what by when, and that it was met."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.approvals.forms.aftercare import ConditionForm, MeetForm, ReopenForm
from drills.approvals.models import Condition
from drills.approvals.services import aftercare, follow_up
from drills.approvals.views.blueprint import bp
from drills.core import clock
from drills.extensions import db
from drills.files.receiving import receive
from drills.files.sending import send
from drills.systems.models import Decision
from drills.web.access import requires
from drills.web.pages import form_page, paged
from drills.web.session import current_person


@bp.get("/approvals/conditions/")
@requires(Permission.DOSSIER_VIEW)
def conditions() -> ResponseReturnValue:
    """Every open condition, or the overdue ones, or those the reader owes."""
    today, person = clock.today(get_timezone()), current_person()
    shown = request.args.get("show", "")
    query = follow_up.conditions(person)
    if shown == "overdue":
        query = query.where(follow_up.is_condition_overdue(today))
    if shown == "mine":
        query = query.where(Condition.owner_id == person.id)
    page = paged(db.session, query)
    return render_template("approvals/conditions.html", page=page, shown=shown, today=today)


@bp.route("/decisions/<int:decision_id>/conditions/new/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_EDIT, on=Decision)
def create_condition(decision: Decision) -> ResponseReturnValue:
    form = ConditionForm()
    if form.validate_on_submit():
        made = aftercare.impose(db.session, decision, form.details(), by=current_person())
        db.session.commit()
        flash(_("The condition has been added."), "success")
        return redirect(url_for("approvals.condition", condition_id=made.id))
    return form_page("approvals/condition_edit.html", form, decision=decision, condition=None)


@bp.get("/conditions/<int:condition_id>/")
@requires(Permission.DOSSIER_VIEW, on=Condition)
def condition(condition: Condition) -> ResponseReturnValue:
    return _page(condition, MeetForm(), ReopenForm())


def _page(condition: Condition, meeting: MeetForm, reopening: ReopenForm) -> ResponseReturnValue:
    is_wrong = bool(meeting.errors or reopening.errors)
    page = render_template(
        "approvals/condition.html",
        condition=condition,
        form=reopening if condition.met_at else meeting,
        today=clock.today(get_timezone()),
    )
    return page, 422 if is_wrong else 200


@bp.route("/conditions/<int:condition_id>/edit/", methods=["GET", "POST"])
@requires(Permission.DOSSIER_EDIT, on=Condition)
def edit_condition(condition: Condition) -> ResponseReturnValue:
    form = ConditionForm(obj=condition)
    if form.validate_on_submit():
        aftercare.reassign(
            db.session,
            condition,
            form.details(),
            version=form.known_version(),
            by=current_person(),
        )
        db.session.commit()
        flash(_("It has been saved."), "success")
        return redirect(url_for("approvals.condition", condition_id=condition.id))
    return form_page(
        "approvals/condition_edit.html", form, decision=condition.decision, condition=condition
    )


@bp.post("/conditions/<int:condition_id>/meet/")
@requires(Permission.DOSSIER_EDIT, on=Condition)
def meet_condition(condition: Condition) -> ResponseReturnValue:
    form, by = MeetForm(), current_person()
    if not form.validate_on_submit():
        return _page(condition, form, ReopenForm())
    file = receive(db.session, form.evidence.data, by=by) if form.evidence.data else None
    at = clock.now()
    aftercare.meet(db.session, condition, form.note.data, evidence=file, by=by, at=at)
    db.session.commit()
    flash(_("The condition is met."), "success")
    return redirect(url_for("approvals.condition", condition_id=condition.id))


@bp.post("/conditions/<int:condition_id>/reopen/")
@requires(Permission.DOSSIER_EDIT, on=Condition)
def reopen_condition(condition: Condition) -> ResponseReturnValue:
    form = ReopenForm()
    if not form.validate_on_submit():
        return _page(condition, MeetForm(), form)
    aftercare.reopen(db.session, condition, form.reason.data, by=current_person())
    db.session.commit()
    flash(_("The condition is open again."), "success")
    return redirect(url_for("approvals.condition", condition_id=condition.id))


@bp.get("/conditions/<int:condition_id>/evidence")
@requires(Permission.DOSSIER_VIEW, on=Condition)
def condition_evidence(condition: Condition) -> ResponseReturnValue:
    return send(condition.evidence or abort(404))
