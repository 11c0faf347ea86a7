"""Are we getting better? Teams and years side by side."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.exercises.kinds import KINDS
from drills.exercises.lists import Wanted
from drills.exercises.models import RATINGS
from drills.exercises.services import comparing
from drills.exercises.views.blueprint import bp
from drills.exercises.views.conducting import after
from drills.exercises.views.evaluation import chart
from drills.extensions import db
from drills.web.access import requires
from drills.web.session import current_person

CHARTED_MAX = 12


@bp.get("/drills/results/")
@requires(Permission.DRILL_VIEW)
def compare() -> ResponseReturnValue:
    """The results of all drills that are over, by year and by team; ``?kind=`` and ``?unit=``."""
    wanted = Wanted.of(request.args)
    found = comparing.compare(db.session, current_person(), wanted, get_timezone())
    kinds = [("", _("All kinds")), *((kind.key, _(kind.label)) for kind in KINDS.values())]
    years = [
        (str(year), None, found.by_year[year]) for year in found.years if year in found.by_year
    ]
    teams = [(row.name, None, row.whole) for row in found.teams[:CHARTED_MAX]]
    return render_template(
        "exercises/evaluation/compare.html",
        found=found,
        wanted=wanted,
        kinds=kinds,
        ratings=RATINGS,
        after=after,
        year_chart=chart(years),
        team_chart=chart(teams),
    )
