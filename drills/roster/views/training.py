"""Training events: the list of them, and one with those who were there."""

from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, visible
from drills.core import clock
from drills.extensions import db
from drills.files.receiving import receive
from drills.files.sending import send
from drills.roster.forms.training import AttendanceForm, TrainingForm
from drills.roster.models import TRAINING_RESULTS, TrainingAttendance, TrainingEvent
from drills.roster.services import training as services
from drills.roster.views.blueprint import bp
from drills.roster.views.trying import tried
from drills.web.access import load, requires
from drills.web.pages import form_page, paged
from drills.web.session import current_person


@bp.get("/training/")
@requires(Permission.SKILL_VIEW)
def training() -> ResponseReturnValue:
    words = request.args.get("q", "").strip()
    there = sa.select(sa.func.count()).where(
        TrainingAttendance.training_event_id == TrainingEvent.id
    )
    query: Any = visible(TrainingEvent, current_person()).options(joinedload(TrainingEvent.unit))
    if words:
        query = query.where(TrainingEvent.title.icontains(words, autoescape=True))
    query = query.add_columns(there.scalar_subquery())
    ordered = query.order_by(TrainingEvent.starts_on.desc(), TrainingEvent.id.desc())
    return render_template(
        "roster/training/index.html", page=paged(db.session, ordered), words=words
    )


@bp.route("/training/new", methods=["GET", "POST"])
@requires(Permission.SKILL_EDIT)
def add_training() -> ResponseReturnValue:
    today = clock.today(get_timezone())
    form = TrainingForm(data={"unit_id": current_person().unit_id, "starts_on": today})
    if form.validate_on_submit():
        by, sent = current_person(), form.upload.data
        file = receive(db.session, sent, by=by) if sent else None
        event = services.add_event(db.session, form.details(), by=by, file=file)
        db.session.commit()
        flash(_("It has been saved."), "success")
        return redirect(url_for(".training_event", training_event_id=event.id))
    return form_page("roster/training/edit.html", form, event=None)


@bp.route("/training/<int:training_event_id>/edit", methods=["GET", "POST"])
@requires(Permission.SKILL_EDIT, on=TrainingEvent)
def edit_training(training_event: TrainingEvent) -> ResponseReturnValue:
    form = TrainingForm(obj=training_event)
    if form.validate_on_submit():
        by, sent = current_person(), form.upload.data
        file = receive(db.session, sent, by=by) if sent else None
        services.revise_event(db.session, training_event, form.details(), by=by, file=file)
        db.session.commit()
        flash(_("It has been saved."), "success")
        return redirect(url_for(".training_event", training_event_id=training_event.id))
    return form_page("roster/training/edit.html", form, event=training_event)


@bp.get("/training/<int:training_event_id>/")
@requires(Permission.SKILL_VIEW, on=TrainingEvent)
def training_event(training_event: TrainingEvent) -> ResponseReturnValue:
    return _show(training_event, AttendanceForm())


def _show(event: TrainingEvent, form: AttendanceForm) -> ResponseReturnValue:
    page = paged(db.session, attendances(event))
    tally = dict(
        db.session.execute(
            sa.select(TrainingAttendance.result, sa.func.count())
            .where(TrainingAttendance.training_event_id == event.id)
            .group_by(TrainingAttendance.result)
        ).all()
    )
    words = {"results": TRAINING_RESULTS, "tally": tally}
    return form_page("roster/training/show.html", form, event=event, page=page, **words)


def attendances(event: TrainingEvent) -> sa.Select[Any]:
    """Who was there, by name."""
    return (
        sa.select(TrainingAttendance)
        .join(TrainingAttendance.person)
        .where(TrainingAttendance.training_event_id == event.id)
        .options(joinedload(TrainingAttendance.person).joinedload(Person.unit))
        .order_by(Person.sort, TrainingAttendance.id)
    )


@bp.post("/training/<int:training_event_id>/attendance")
@requires(Permission.SKILL_EDIT, on=TrainingEvent)
def note_attendance(training_event: TrainingEvent) -> ResponseReturnValue:
    form = AttendanceForm()
    if form.validate_on_submit() and tried(form, lambda: _note(form, training_event)):
        return redirect(url_for(".training_event", training_event_id=training_event.id))
    return _show(training_event, form)


def _note(form: AttendanceForm, event: TrainingEvent) -> None:
    person: Any = load(Person, form.person_id.data or 0)
    services.note_attendance(db.session, event, person, form.details(), by=current_person())


@bp.post("/training/attendance/<int:training_attendance_id>/drop")
@requires(Permission.SKILL_EDIT, on=TrainingAttendance)
def drop_attendance(training_attendance: TrainingAttendance) -> ResponseReturnValue:
    event_id = training_attendance.training_event_id
    services.drop_attendance(db.session, training_attendance, by=current_person())
    db.session.commit()
    return redirect(url_for(".training_event", training_event_id=event_id))


@bp.get("/training/<int:training_event_id>/file")
@requires(Permission.SKILL_VIEW, on=TrainingEvent)
def training_file(training_event: TrainingEvent) -> ResponseReturnValue:
    return send(training_event.file) if training_event.file else ("", 404)
