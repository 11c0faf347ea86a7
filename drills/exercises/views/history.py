"""What teams and units took part in, and who has not taken part for long."""

import io
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, lazyload

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, visible
from drills.core import clock
from drills.core.tabular import write_xlsx
from drills.exercises.models import Drill
from drills.exercises.services import history
from drills.exercises.services.history import Subject
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.files.sending import send_bytes
from drills.roster.choices import choices
from drills.roster.lists import Wanted
from drills.roster.models import Team
from drills.units.models import Unit
from drills.web.access import requires
from drills.web.language import spoken
from drills.web.pages import paged
from drills.web.session import current_person

MONTHS = (6, 12, 18, 24)
MONTHS_MAX = 120
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def since(months: int = history.YEAR) -> datetime:
    """The first moment of the reader's day that many months ago."""
    zone = get_timezone()
    return history.months_ago(clock.today(zone), months, zone)


def figures(subject: Subject, identity: int) -> history.Summary:
    """What stands on top of the page of one subject."""
    return history.summary(db.session, subject, identity, current_person(), since())


@bp.get("/teams/<int:team_id>/drills/")
@requires(Permission.DRILL_VIEW, on=Team)
def of_team(team: Team) -> ResponseReturnValue:
    return render_template("exercises/history/of_team.html", team=team, **_of(Subject.TEAM, team))


@bp.get("/units/<int:unit_id>/drills/")
@requires(Permission.UNIT_VIEW, on=Unit)
def of_unit(unit: Unit) -> ResponseReturnValue:
    return render_template("exercises/history/of_unit.html", unit=unit, **_of(Subject.UNIT, unit))


def _of(subject: Subject, thing: Team | Unit) -> dict[str, Any]:
    """The finished drills of ``thing``, newest first."""
    viewer = current_person()
    ids = history.drill_ids(subject, thing.id, viewer)
    query: Any = visible(Drill, viewer).where(Drill.id.in_(ids)).options(joinedload(Drill.unit))
    page = paged(db.session, query.order_by(Drill.starts_at.desc(), Drill.id.desc()))
    return {"page": page, "summary": figures(subject, thing.id), "now": clock.now()}


@bp.get("/drills/idle/")
@requires(Permission.SKILL_VIEW)
def idle() -> ResponseReturnValue:
    """Members of today's teams who have not taken part for ``?months=``."""
    wanted, months = _asked(), _months()
    everybody = history.idlers(wanted, current_person(), since(months))
    total = db.session.scalar(everybody.with_only_columns(sa.func.count()))
    page = paged(db.session, _rows(wanted, months), total)
    around: dict[str, Any] = {"wanted": wanted, "months": months, "offered": MONTHS}
    around["options"] = choices(db.session, current_person(), wanted.unit_id)
    return render_template("exercises/history/idle.html", page=page, **around)


@bp.get("/drills/idle/export.xlsx")
@requires(Permission.SKILL_VIEW)
def export_idle() -> ResponseReturnValue:
    wanted, months, target = _asked(), _months(), io.BytesIO()
    zone, language = get_timezone(), spoken()
    rows = (
        [
            person.name,
            person.email,
            person.unit.title(language),
            last.astimezone(zone).date() if last else None,
        ]
        for person, last in db.session.execute(_rows(wanted, months))
    )
    headers = [_("Name"), _("E-mail"), _("Unit"), _("Last drill")]
    notes = [(_("Not taken part for how many months"), str(months))]
    name = _("not-taken-part")
    write_xlsx(target, headers, rows, sheet=_("Not taken part"), notes=notes)
    return send_bytes(target.getvalue(), f"{name}-{wanted.on:%Y-%m-%d}.xlsx", XLSX)


def _rows(wanted: Wanted, months: int) -> Any:
    query = history.idle(wanted, current_person(), since(months))
    return query.options(joinedload(Person.unit), lazyload(Person.grants))


def _asked() -> Wanted:
    return Wanted.of(request.args, clock.today(get_timezone()))


def _months() -> int:
    return min(max(request.args.get("months", history.YEAR, type=int), 1), MONTHS_MAX)
