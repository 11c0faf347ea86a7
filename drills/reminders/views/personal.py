"""What each person settles, and the page behind the link that stops a kind of message."""

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.models import Person
from drills.accounts.permissions import Permission
from drills.core import clock, mail
from drills.core.errors import DomainError
from drills.extensions import csrf, db
from drills.reminders import channels, letters
from drills.reminders.forms import SettingForm
from drills.reminders.kinds import KINDS
from drills.reminders.services import personal as services
from drills.reminders.views.blueprint import bp
from drills.web.access import public, requires
from drills.web.errors import explain
from drills.web.pages import form_page
from drills.web.session import current_person


@bp.route("/profile/reminders", methods=["GET", "POST"])
@requires(Permission.PROFILE_EDIT)
def settings() -> ResponseReturnValue:
    person = current_person()
    form = SettingForm(obj=services.details_of(db.session, person))
    if form.validate_on_submit():
        try:
            services.settle(db.session, person, form.details(), by=person)
        except DomainError as error:
            form.form_errors.append(explain(error))
        else:
            db.session.commit()
            flash(_("Your settings have been saved."), "success")
            return redirect(url_for(".settings"))
    has_channels = bool(channels.allowed(current_app.config).schemas)
    return form_page("reminders/settings.html", form, person=person, has_channels=has_channels)


@bp.post("/profile/reminders/test")
@requires(Permission.PROFILE_EDIT)
def test_message() -> ResponseReturnValue:
    """Not through the queue: whoever asks wants to see at once what stands in the way."""
    person = current_person()
    if person.email is None:
        abort(422)
    db.session.rollback()
    try:
        mail.send(current_app.config, letters.sample(person, at=clock.now()))
    except mail.Undelivered as error:
        flash(_("The message could not be sent: %(reason)s", reason=str(error)), "bad")
    else:
        flash(_("A test message is on its way to %(address)s.", address=person.email), "success")
    return redirect(url_for(".settings"))


@bp.route("/stop/<token>", methods=["GET", "POST"])
@csrf.exempt  # type: ignore[untyped-decorator]
@public
def stop(token: str) -> ResponseReturnValue:
    """GET shows what would stop; a POST stops it, also the one a mail program makes (RFC 8058)."""
    found = letters.kind_to_stop(token, clock.now())
    person = db.session.get(Person, found[0]) if found else None
    if found is None or person is None:
        return render_template("reminders/stop_over.html"), 404
    kind = KINDS[found[1]]
    if request.method == "POST":
        again = request.form.get("again") == "yes"
        act = services.take_again if again else services.do_without
        act(db.session, person, kind.key, by=person)
        db.session.commit()
    is_stopped = kind.key in services.done_without(db.session, person)
    return render_template(
        "reminders/stop.html", kind=kind, address=person.email, is_stopped=is_stopped
    )
