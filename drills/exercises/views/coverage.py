"""Which systems of the higher levels have been drilled, and when last."""

import sqlalchemy as sa
from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.exercises.services import history
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.systems.models import InformationSystem
from drills.web.access import requires
from drills.web.pages import paged
from drills.web.session import current_person

NEVER, LATE = "never", "late"


@bp.get("/drills/coverage/")
@requires(Permission.SYSTEM_VIEW)
def coverage() -> ResponseReturnValue:
    zone = get_timezone()
    since = history.months_ago(clock.today(zone), history.YEAR, zone)
    systems, held = history.systems(current_person())
    wanted = request.args.get("show", "")
    conditions = {NEVER: held.c.last.is_(None), LATE: history.lacks_live_fire(held, since)}
    counts = db.session.execute(
        systems.with_only_columns(
            sa.func.count(),
            *(sa.func.count(sa.case((condition, 1))) for condition in conditions.values()),
        )
    ).one()
    rows = (
        systems.where(conditions.get(wanted, sa.true()))
        .add_columns(held.c.last, held.c.live)
        .order_by(sa.case((held.c.last.is_(None), 0), else_=1), held.c.last, InformationSystem.sort)
        .options(joinedload(InformationSystem.owner))
    )
    total = dict(zip(("", *conditions), counts, strict=True))
    shown = {"page": paged(db.session, rows, total.get(wanted, counts[0])), "since": since}
    labels = {"": _("All"), NEVER: _("Never drilled"), LATE: _("No live-fire in 12 months")}
    views = [(key, label, total[key], key == wanted) for key, label in labels.items()]
    return render_template("exercises/coverage.html", views=views, **shown)
