"""The first run: one page, there only while nobody's organisation is."""

from secrets import compare_digest

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _

from drills import settings
from drills.accounts.security import password_rule
from drills.core import clock
from drills.extensions import db
from drills.setup import services
from drills.setup.forms import FirstRunForm
from drills.web.access import public
from drills.web.language import organisation
from drills.web.pages import form_page

bp = Blueprint("setup", __name__)
DONE = "setup-done"
OPEN = {"static", "setup.first_run", "web.switch_language", "web.switch_theme"}


@bp.before_app_request
def lead_to_first_run() -> ResponseReturnValue | None:
    """While there is no organisation every page leads to the first one. Asked until there is."""
    if current_app.extensions.get(DONE) or request.endpoint in OPEN or _is_exempt():
        return None
    if organisation() is None:
        return redirect(url_for("setup.first_run"))
    current_app.extensions[DONE] = True
    return None


def _is_exempt() -> bool:
    """Probes of the health of the process do not wait for people."""
    return (request.blueprint or "") == "health"


@bp.route("/first-run", methods=["GET", "POST"])
@public
def first_run() -> ResponseReturnValue:
    if organisation():
        abort(404)
    given = request.form.get("token") or request.args.get("token", "")
    if not _is_token(given):
        return render_template("setup/token.html", is_wrong=bool(given)), 403 if given else 200
    form = FirstRunForm.fresh(given, current_app.config["TIME_ZONE"])
    if form.validate_on_submit():
        return _set_up(form.to_details())
    return form_page("setup/first_run.html", form, rule=password_rule())


def _set_up(details: services.SetUpDetails) -> ResponseReturnValue:
    services.set_up(db.session, details, as_of=clock.today(get_timezone()))
    db.session.commit()
    (current_app.config["DATA"] / services.TOKEN_FILE).unlink(missing_ok=True)
    flash(_("The organisation is set up. Sign in as its first administrator."), "ok")
    return redirect(url_for("security.login"))


def _is_token(given: str) -> bool:
    """Whether this is the token kept in the data folder, made now if nobody made it before."""
    token = settings.secret_key(current_app.config["DATA"] / services.TOKEN_FILE)
    return compare_digest(given.strip().encode(), token.encode())
