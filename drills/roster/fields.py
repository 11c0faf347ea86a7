"""What the pickers of forms offer of the roster."""

from datetime import date

import sqlalchemy as sa

from drills.roster.models import Team
from drills.web.pick import Source


def _still_there(on: date) -> sa.ColumnElement[bool]:
    return sa.or_(Team.active_to.is_(None), Team.active_to >= on)


TEAMS = Source(
    "", Team, Team.name, sa.literal(""), Team.sort, Team.search, sa.literal(""), _still_there
)
