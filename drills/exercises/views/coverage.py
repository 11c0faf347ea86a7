"""Which systems of the higher levels have been drilled, and when last."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from drills.accounts.permissions import Permission, visible
from drills.core import clock
from drills.exercises.kinds import KINDS
from drills.exercises.models import DONE, Drill, DrillSystem
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.systems.models import InformationSystem, SystemStatus
from drills.web.access import requires
from drills.web.pages import paged
from drills.web.session import current_person

FROM_LEVEL = 3
"""Directives 60/CT-BTTTT and 18/CT-TTg: live-fire every year from this level."""
EVERY = timedelta(days=365)
LIVE = tuple(kind.key for kind in KINDS.values() if kind.is_live)
NEVER, LATE = "never", "late"


@bp.get("/drills/coverage/")
@requires(Permission.SYSTEM_VIEW)
def coverage() -> ResponseReturnValue:
    since, held = clock.now() - EVERY, _held()
    wanted = request.args.get("show", "")
    conditions = {NEVER: held.c.last.is_(None), LATE: _is_late(held, since)}
    systems: Any = _systems().outerjoin(held, held.c.system_id == InformationSystem.id)
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


def _systems() -> sa.Select[InformationSystem]:
    return visible(InformationSystem, current_person()).where(
        InformationSystem.level >= FROM_LEVEL,
        InformationSystem.status != SystemStatus.DECOMMISSIONED,
    )


def _held() -> sa.Subquery:
    """(system_id, last, live): when each system was last in a drill, and in live-fire."""
    live = sa.case((Drill.kind_key.in_(LIVE), Drill.starts_at))
    return (
        sa.select(
            DrillSystem.system_id,
            sa.func.max(Drill.starts_at).label("last"),
            sa.func.max(live).label("live"),
        )
        .join(Drill, Drill.id == DrillSystem.drill_id)
        .where(Drill.status.in_(DONE), Drill.visible_to(current_person()))
        .group_by(DrillSystem.system_id)
        .subquery()
    )


def _is_late(held: sa.Subquery, since: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(held.c.live.is_(None), held.c.live < since)
