"""Form 01 of a team: taking it out is noted, for it holds personal data."""

import io

from flask.typing import ResponseReturnValue
from flask_babel import get_timezone

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.extensions import db
from drills.files.sending import send_bytes
from drills.reports import form_01 as workbook
from drills.reports.views.blueprint import bp
from drills.reports.views.levels import XLSX
from drills.roster.exports import note_export
from drills.roster.models import Team
from drills.web.access import requires
from drills.web.session import current_person


@bp.post("/teams/<int:team_id>/form-01.xlsx")
@requires(Permission.TEAM_EDIT, on=Team)
def form_01(team: Team) -> ResponseReturnValue:
    target, by, today = io.BytesIO(), current_person(), clock.today(get_timezone())
    count = workbook.write(db.session, target, team, by, today)
    note_export(db.session, by, "form 01", count, is_open=True)
    db.session.commit()
    return send_bytes(target.getvalue(), f"mau-01-{today}.xlsx", XLSX)
