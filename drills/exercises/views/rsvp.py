"""Answering an invitation by the link in its letter, without signing in."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from drills.core import clock
from drills.exercises.answering import invitation_of
from drills.exercises.forms.people import AnswerForm
from drills.exercises.services import people as services
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.web.access import public
from drills.web.pages import form_page


@bp.route("/rsvp/<token>", methods=["GET", "POST"])
@public
def rsvp(token: str) -> ResponseReturnValue:
    """GET shows the invitation and changes nothing; only a POST answers."""
    at = clock.now()
    invitation = invitation_of(db.session, token, at)
    if invitation is None:
        return render_template("exercises/rsvp_over.html"), 404
    form = AnswerForm(obj=invitation)
    if form.validate_on_submit():
        said = form.answer.data, form.note.data or ""
        services.answer(db.session, invitation, *said, by=invitation.person, at=at)
        db.session.commit()
        return redirect(url_for(".rsvp", token=token))
    return form_page("exercises/rsvp.html", form, drill=invitation.drill, invitation=invitation)
