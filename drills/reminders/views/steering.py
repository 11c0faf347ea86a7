"""Holding back and letting go: everything, by the hour, by the minute, for one address."""

import sqlalchemy as sa
from flask import current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.core.errors import DomainError
from drills.extensions import db
from drills.reminders.forms import PauseForm, SendingForm
from drills.reminders.models import SuppressedAddress
from drills.reminders.services import state as shared
from drills.reminders.services import suppression
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


@bp.route("/reminders/sending", methods=["GET", "POST"])
@requires(Permission.REMINDER_EDIT)
def sending() -> ResponseReturnValue:
    form = SendingForm(current_app.config, obj=shared.current(db.session))
    if form.validate_on_submit():
        try:
            shared.settle_sending(db.session, form.details(), by=current_person())
        except DomainError as error:
            form.form_errors.append(explain(error))
        else:
            db.session.commit()
            flash(_("Saved. It takes effect within a minute."), "success")
            return redirect(url_for(".sending"))
    silent = sa.select(SuppressedAddress).where(SuppressedAddress.is_silent())
    rows = db.session.scalars(silent.order_by(SuppressedAddress.since.desc())).all()
    return form_page("reminders/sending.html", form, silent=rows)


@bp.post("/reminders/addresses/<int:suppressed_address_id>/lift")
@requires(Permission.REMINDER_EDIT, on=SuppressedAddress)
def lift(suppressed_address: SuppressedAddress) -> ResponseReturnValue:
    suppression.lift(db.session, suppressed_address, by=current_person(), at=clock.now())
    db.session.commit()
    flash(_("Mail goes to %(address)s again.", address=suppressed_address.address), "success")
    return redirect(url_for(".sending"))
