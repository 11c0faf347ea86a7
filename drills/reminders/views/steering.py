"""Holding everything back, and letting it go again."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.core.errors import DomainError
from drills.extensions import db
from drills.reminders.forms import PauseForm
from drills.reminders.services import state as shared
from drills.reminders.views.blueprint import bp
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.pages import form_page
from drills.web.session import current_person


@bp.route("/reminders/pause", methods=["GET", "POST"])
@requires(Permission.REMINDER_EDIT)
def pause() -> ResponseReturnValue:
    form = PauseForm()
    if form.validate_on_submit():
        try:
            shared.pause(db.session, form.reason.data, by=current_person(), at=clock.now())
        except DomainError as error:
            form.form_errors.append(explain(error))
        else:
            db.session.commit()
            flash(_("Nothing is sent from now on."), "warn")
            return redirect(url_for(".index"))
    return form_page("reminders/pause.html", form)


@bp.post("/reminders/resume")
@requires(Permission.REMINDER_EDIT)
def resume() -> ResponseReturnValue:
    shared.resume(db.session, by=current_person())
    db.session.commit()
    flash(_("Messages are sent again."), "success")
    return redirect(url_for(".index", tab="waiting"))
