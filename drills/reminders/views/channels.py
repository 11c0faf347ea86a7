"""The ways besides mail by which somebody wants to be told."""

from flask import abort, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core import clock, mail
from drills.core.errors import DomainError
from drills.extensions import db
from drills.reminders import channels, letters
from drills.reminders.forms import ChannelForm
from drills.reminders.models import PersonChannel
from drills.reminders.services import channels as services
from drills.reminders.views.blueprint import bp
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.pages import form_page
from drills.web.session import current_person


@bp.route("/profile/reminders/channels", methods=["GET", "POST"])
@requires(Permission.PROFILE_EDIT)
def own_channels() -> ResponseReturnValue:
    config, person = current_app.config, current_person()
    if not channels.allowed(config).schemas:
        abort(404)
    form = ChannelForm()
    if form.validate_on_submit():
        try:
            services.add(db.session, person, form.url.data, config=config, by=person)
        except DomainError as error:
            form.form_errors.append(explain(error))
        else:
            db.session.commit()
            flash(_("The channel has been added. Send a test message to it."), "success")
            return redirect(url_for(".own_channels"))
    return form_page(
        "reminders/channels.html",
        form,
        rows=services.of_person(db.session, person),
        services=channels.examples(config),
    )


@bp.post("/profile/reminders/channels/<int:person_channel_id>/test")
@requires(Permission.PROFILE_EDIT, on=PersonChannel)
def test_channel(person_channel: PersonChannel) -> ResponseReturnValue:
    """Not through the queue, as with mail; no transaction is open meanwhile."""
    number, now = person_channel.id, clock.now()
    letter = letters.sample_to(person_channel, at=now)
    db.session.rollback()
    try:
        channels.send(current_app.config, letter)
    except mail.Undelivered as error:
        flash(_("The message could not be sent: %(reason)s", reason=str(error)), "bad")
    else:
        services.note_verified(db.session.get_one(PersonChannel, number), at=now)
        db.session.commit()
        flash(_("The test message was taken."), "success")
    return redirect(url_for(".own_channels"))


@bp.post("/profile/reminders/channels/<int:person_channel_id>/remove")
@requires(Permission.PROFILE_EDIT, on=PersonChannel)
def remove_channel(person_channel: PersonChannel) -> ResponseReturnValue:
    services.remove(db.session, person_channel, by=current_person())
    db.session.commit()
    flash(_("The channel has been removed."), "success")
    return redirect(url_for(".own_channels"))
