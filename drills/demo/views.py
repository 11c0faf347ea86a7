from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.demo import services
from drills.extensions import db
from drills.web.access import requires
from drills.web.session import current_person

bp = Blueprint("demo", __name__)


@bp.post("/demo/load")
@requires(Permission.SETTINGS_EDIT)
def load() -> ResponseReturnValue:
    today = clock.today(get_timezone())
    services.load(db.session, as_of=today, by=current_person())
    db.session.commit()
    flash(_("The demonstration year is loaded. The people and addresses in it are invented."), "ok")
    return redirect(url_for("reports.home"))
