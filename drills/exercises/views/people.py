"""Who is what in a drill, who is invited, who came."""

from datetime import timedelta

import sqlalchemy as sa
from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from drills.accounts.models import Person
from drills.accounts.permissions import Permission
from drills.core import clock
from drills.exercises.forms.people import (
    AnswerForm,
    InviteForm,
    attendance_form,
    parts_form,
)
from drills.exercises.models import Drill, Invitation
from drills.exercises.services import participants
from drills.exercises.services import people as services
from drills.exercises.services.drills import refuse_closed
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.web.access import requires
from drills.web.pages import form_page, saved
from drills.web.session import current_person


@bp.route("/drills/<int:drill_id>/parts", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT, on=Drill)
def plan_parts(drill: Drill) -> ResponseReturnValue:
    refuse_closed(drill)
    links = [read(db.session, drill) for read in (services.units, services.teams, services.named)]
    units, teams, people = links
    form = parts_form(units, teams, people, drill.sides)  # type: ignore[arg-type]
    if form.validate_on_submit():
        services.give_parts(db.session, drill, form.parts(), by=current_person())
        return saved(
            url_for(".plan_of", drill_id=drill.id, _anchor="people"), _("It has been saved.")
        )
    shown = {"units": units, "teams": teams, "people": people}
    return form_page("exercises/plan/parts.html", form, drill=drill, **shown)


@bp.route("/drills/<int:drill_id>/invitations/", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT, on=Drill)
def plan_invitations(drill: Drill) -> ResponseReturnValue:
    form = InviteForm()
    if form.validate_on_submit():
        people = db.session.scalars(sa.select(Person).where(Person.id.in_(form.person_ids.data)))
        return _invite(drill, list(people))
    shown = {
        "invitations": services.invitations(db.session, drill),
        "uninvited": services.uninvited(db.session, drill),
        "may_invite": drill.starts_at > clock.now() and not (drill.is_done or drill.is_closed),
        "teams": [link.team_id for link in services.teams(db.session, drill)],
        "day_before": drill.day - timedelta(days=1),
    }
    return form_page("exercises/plan/invitations.html", form, drill=drill, **shown)


@bp.post("/drills/<int:drill_id>/invitations/everybody")
@requires(Permission.DRILL_EDIT, on=Drill)
def plan_invite_everybody(drill: Drill) -> ResponseReturnValue:
    """Ask those who take part and have not been asked yet."""
    return _invite(drill, services.uninvited(db.session, drill))


def _invite(drill: Drill, people: list[Person]) -> ResponseReturnValue:
    count = services.invite(db.session, drill, people, by=current_person(), at=clock.now())
    db.session.commit()
    message = ngettext("%(num)s person is invited.", "%(num)s people are invited.", count)
    flash(message, "success")
    return redirect(url_for(".plan_invitations", drill_id=drill.id))


@bp.route("/invitations/<int:invitation_id>/answer", methods=["GET", "POST"])
@requires(Permission.DRILL_EDIT, on=Invitation)
def plan_answer(invitation: Invitation) -> ResponseReturnValue:
    """Note what somebody said on the telephone."""
    form = AnswerForm(obj=invitation)
    if form.validate_on_submit():
        said = form.answer.data, form.note.data or ""
        services.answer(db.session, invitation, *said, by=current_person(), at=clock.now())
        return saved(
            url_for(".plan_invitations", drill_id=invitation.drill_id),
            _("The answer has been noted."),
        )
    heading = _("Answer of %(person)s", person=invitation.person.name)
    return form_page("exercises/plan/form.html", form, drill=invitation.drill, heading=heading)


@bp.post("/invitations/<int:invitation_id>/again")
@requires(Permission.DRILL_EDIT, on=Invitation)
def plan_invite_again(invitation: Invitation) -> ResponseReturnValue:
    return _invite(invitation.drill, [invitation.person])


@bp.post("/invitations/<int:invitation_id>/revoke")
@requires(Permission.DRILL_EDIT, on=Invitation)
def plan_revoke(invitation: Invitation) -> ResponseReturnValue:
    services.revoke(db.session, invitation, by=current_person(), at=clock.now())
    return saved(
        url_for(".plan_invitations", drill_id=invitation.drill_id),
        _("The invitation has been taken back. Its link leads nowhere now."),
    )


@bp.route("/drills/<int:drill_id>/attendance", methods=["GET", "POST"])
@requires(Permission.DRILL_EVALUATE, on=Drill)
def plan_attendance(drill: Drill) -> ResponseReturnValue:
    people = participants(db.session, drill, drill.day)
    noted = services.attendance(db.session, drill)
    form = attendance_form(people, noted)
    if form.validate_on_submit():
        services.note_attendance(
            db.session, drill, form.present(), by=current_person(), at=clock.now()
        )
        return saved(
            url_for(".plan_attendance", drill_id=drill.id), _("Attendance has been noted.")
        )
    answers = {one.person_id: one for one in services.invitations(db.session, drill)}
    shown = {"people": people, "noted": noted, "answers": answers}
    return form_page("exercises/plan/attendance.html", form, drill=drill, **shown)
