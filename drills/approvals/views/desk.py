"""The desk: what waits for the person at hand, the longest waiting first."""

from datetime import datetime, timedelta
from typing import Any

from flask import render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from drills.accounts.models import Person
from drills.accounts.permissions import Permission
from drills.approvals.models import VERDICTS
from drills.approvals.models import desk as desks
from drills.approvals.models.desk import HOT, TURNS, Desk, Turn
from drills.approvals.models.parties import holder
from drills.approvals.services.deciding import sameness
from drills.approvals.views.blueprint import bp
from drills.approvals.views.clockwork import clocks_of
from drills.approvals.views.shown import STATE_KINDS, today
from drills.core import clock
from drills.core.text import fold
from drills.extensions import db
from drills.web import navigation
from drills.web.access import requires
from drills.web.pages import Page, paged
from drills.web.session import current_person

KNOWN_FOR = timedelta(seconds=30)
"""So long the number in the menu may lag behind on the pages of other features."""


@bp.record_once
def _count(state: BlueprintSetupState) -> None:
    known: dict[int, tuple[datetime, int]] = {}

    def waiting(person: Person) -> int:
        """One count for many pages: the menu is on all of them."""
        now = clock.now()
        until, count = known.get(person.id, (now, 0))
        if until <= now or request.blueprint == "approvals" or request.endpoint == "reports.home":
            count = _hot(person)
            known[person.id] = now + KNOWN_FOR, count
        return count

    navigation.count_by(state.app, "approvals", waiting)


def _hot(person: Person) -> int:
    """How many dossiers wait; none where the database does not answer, as on an error page."""
    try:
        return desks.desk(db.session, person, today(), HOT).hot
    except SQLAlchemyError:
        db.session.rollback()
        return 0


@bp.get("/approvals/")
@requires(Permission.DOSSIER_VIEW)
def desk() -> ResponseReturnValue:
    person, on = current_person(), today()
    counted = desks.desk(db.session, person, on)
    turn = _turn(counted)
    words = fold(request.args.get("q", "").strip()[:200])
    query = desks.listed(db.session, person, turn, on, words)
    page = paged(db.session, query, None if words else counted.counts.get(turn))
    return render_template(
        "approvals/desk.html",
        page=page,
        turn=turn,
        words=request.args.get("q", ""),
        views=_views(counted, turn),
        clocks=clocks_of(page.items),
        holder=holder,
        states=STATE_KINDS,
        verdicts=VERDICTS,
        groups=_batches(page) if turn is Turn.DECIDE else {},
    )


def _turn(counted: Desk) -> Turn:
    asked = request.args.get("view", "")
    return Turn(asked) if asked in counted.counts else counted.first


def _views(counted: Desk, turn: Turn) -> list[Any]:
    return [
        (_(TURNS[one]), url_for("approvals.desk", view=one.value), count, one is turn)
        for one, count in counted.counts.items()
    ]


def _batches(page: Page[Any]) -> dict[Any, int]:
    """How many dossiers of the page can be decided on together, by what they share."""
    counts: dict[Any, int] = {}
    for dossier in page.items:
        counts[sameness(dossier)] = counts.get(sameness(dossier), 0) + 1
    return counts
