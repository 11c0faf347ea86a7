"""Who is on duty: of all teams, of one, of a month, as a file."""

import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from drills.accounts.permissions import Permission, visible
from drills.core import clock, tabular
from drills.extensions import db
from drills.files.sending import send_bytes
from drills.roster import duty_month
from drills.roster.models import DUTY_ROLES, Rota, Team
from drills.roster.services import duty as services
from drills.roster.services.shifts import rota_of
from drills.roster.views.blueprint import bp
from drills.roster.views.sheets import XLSX
from drills.web.access import requires
from drills.web.pages import paged
from drills.web.session import current_person

SHOWN = timedelta(days=14)


@bp.get("/duty/")
@requires(Permission.DUTY_VIEW)
def duty() -> ResponseReturnValue:
    """The teams that keep duty, each with who is on and how long nobody is."""
    at, seen = clock.now(), visible(Team, current_person()).with_only_columns(Team.id)
    kept = sa.select(Rota).join(Rota.team).where(Rota.team_id.in_(seen))
    query = kept.options(joinedload(Rota.team).joinedload(Team.unit))
    page = paged(db.session, query.order_by(Team.sort, Team.id))
    teams = [rota.team for rota in page.items]
    now = services.duty_between(db.session, teams, at, at + timedelta(microseconds=1))
    gaps = services.gaps(db.session, teams, at, at + services.AHEAD)
    return render_template(
        "roster/duty/index.html", page=page, now=now, gaps=gaps, roles=DUTY_ROLES
    )


@bp.get("/teams/<int:team_id>/duty/")
@requires(Permission.DUTY_VIEW, on=Team)
def duty_of(team: Team) -> ResponseReturnValue:
    at, rota = clock.now(), rota_of(db.session, team)
    coming = services.duty_between(db.session, [team], at, at + SHOWN)
    gaps = services.gaps(db.session, [team], at, at + services.AHEAD)
    shown = {"at": at, "zone": zone_of(rota), "coming": coming, "gaps": gaps}
    return render_template("roster/duty/show.html", team=team, rota=rota, roles=DUTY_ROLES, **shown)


@bp.get("/teams/<int:team_id>/duty/month")
@requires(Permission.DUTY_VIEW, on=Team)
def duty_in_month(team: Team) -> ResponseReturnValue:
    month = _month(team)
    stretches = services.duty_between(db.session, [team], *month.shown)
    return render_template(
        "roster/duty/month.html",
        team=team,
        month=month,
        weeks=month.grid(stretches),
        roles=DUTY_ROLES,
        today=clock.today(month.zone),
    )


@bp.get("/teams/<int:team_id>/duty/export.xlsx")
@requires(Permission.DUTY_VIEW, on=Team)
def duty_export(team: Team) -> ResponseReturnValue:
    """The month as it will be kept, stand-ins in place; times are local to the rota."""
    month, target = _month(team), io.BytesIO()
    stretches = services.duty_between(db.session, [team], *month.span)
    rows = duty_month.rows(stretches, month.zone, _)
    headers = [_(header) for header in duty_month.HEADERS]
    tabular.write_xlsx(target, headers, rows, sheet=f"{month.first:%m-%Y}")
    name = _("duty") + f"-{month.first:%Y-%m}.xlsx"
    return send_bytes(target.getvalue(), name, XLSX)


def zone_of(rota: Rota | None) -> ZoneInfo:
    """Where the team hands over; without a rota where the reader is."""
    return rota.zone if rota else current_person().zone


def _month(team: Team) -> duty_month.Month:
    zone = zone_of(rota_of(db.session, team))
    return duty_month.month_of(request.args.get("month", ""), clock.today(zone), zone)
