"""Confirming one's numbers by the link in a letter, without signing in."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from drills.core import clock
from drills.extensions import db
from drills.roster.answering import ask_of, masked
from drills.roster.forms.contact_checks import CONFIRM, AnswerForm
from drills.roster.models import CHANNEL_KINDS
from drills.roster.services import contact_checks as services
from drills.roster.services.channels import ways_of
from drills.roster.views.blueprint import bp
from drills.web.access import public
from drills.web.pages import form_page


@bp.route("/contact/<token>", methods=["GET", "POST"])
@public
def contact_answer(token: str) -> ResponseReturnValue:
    """GET shows what is known and changes nothing; only a POST answers."""
    at = clock.now()
    ask = ask_of(db.session, token, at)
    if ask is None:
        return render_template("roster/contact_checks/over.html"), 404
    form = AnswerForm()
    if ask.confirmed_at is None and form.validate_on_submit():
        if form.act.data == CONFIRM:
            services.confirm(db.session, ask, at=at)
        else:
            services.correct(db.session, ask, form.numbers(), at=at)
        db.session.commit()
        return redirect(url_for(".contact_answer", token=token))
    if ask.confirmed_at is not None:
        return render_template("roster/contact_checks/thanks.html", ask=ask)
    ways = [(CHANNEL_KINDS[w.kind], masked(w.value)) for w in ways_of(db.session, ask.person)]
    teams = services.teams_of(db.session, ask.person, at)
    shown = {"ask": ask, "ways": ways, "teams": teams}
    return form_page("roster/contact_checks/answer.html", form, **shown)
