"""Private calendar addresses: their page, and what a calendar program fetches from one."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Response, abort, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from icalendar import Event

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, permits, visible
from drills.core import clock, database
from drills.exercises import calendar
from drills.exercises.models import Feed
from drills.exercises.services import feeds as services
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.roster import duty_calendar
from drills.roster.models import Member, Team
from drills.units.models import Organisation
from drills.web.access import public, requires
from drills.web.pages import saved
from drills.web.session import current_person


class Part(Protocol):
    """What another feature adds to the calendar behind ``feed``; ``root``: the public address."""

    def __call__(
        self, feed: Feed, *, at: datetime, root: str, language: str
    ) -> Iterable[Event]: ...


_parts: list[Part] = []


def add_to_feeds(*parts: Part) -> None:
    """From here on calendars hold this, too. The features above hand it down by the factory."""
    _parts[:] = parts


@bp.get("/calendar-addresses/")
@requires(Permission.PROFILE_EDIT)
def feeds() -> ResponseReturnValue:
    return _page()


def _page(secret: str = "", owner: Person | Team | None = None) -> ResponseReturnValue:
    person = current_person()
    rows = [(team, services.feeds_of(db.session, team)) for team in _teams(person)]
    mine = services.feeds_of(db.session, person)
    shown = {"mine": mine, "teams": rows, "secret": secret, "owner": owner}
    answer = Response(render_template("exercises/feeds.html", **shown))
    if secret:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _teams(person: Person) -> list[Team]:
    """The teams one belongs to, and for those who keep teams all they see."""
    query = visible(Team, person).order_by(Team.sort, Team.id)
    if not permits(person, Permission.TEAM_EDIT):
        mine = sa.select(Member.team_id).where(
            Member.person_id == person.id, Member.ends_on.is_(None)
        )
        query = query.where(Team.id.in_(mine))
    return list(db.session.scalars(query.limit(100)))


@bp.post("/calendar-addresses/mine")
@requires(Permission.PROFILE_EDIT)
def feed_make() -> ResponseReturnValue:
    """Show the new address once: only its hash is kept."""
    person = current_person()
    _feed, token = services.make_feed(db.session, person, by=person, at=clock.now())
    db.session.commit()
    return _page(_address(token), person)


@bp.post("/teams/<int:team_id>/calendar-address")
@requires(Permission.TEAM_VIEW, on=Team)
def feed_make_team(team: Team) -> ResponseReturnValue:
    person = current_person()
    if team not in _teams(person):
        abort(403)
    _feed, token = services.make_feed(db.session, team, by=person, at=clock.now())
    db.session.commit()
    return _page(_address(token), team)


@bp.post("/feeds/<int:feed_id>/revoke")
@requires(Permission.PROFILE_EDIT, on=Feed)
def feed_revoke(feed: Feed) -> ResponseReturnValue:
    person = current_person()
    if feed.team and feed.team not in _teams(person):
        abort(403)
    services.revoke_feed(db.session, feed, by=person, at=clock.now())
    return saved(
        url_for(".feeds"), _("The address leads nowhere now. Calendars that use it will say so.")
    )


def _address(token: str) -> str:
    public_url: str = current_app.config["PUBLIC_URL"].rstrip("/")
    return public_url + url_for(".feed", token=token)


@bp.get("/feed/<token>.ics")
@public
def feed(token: str) -> ResponseReturnValue:
    """The calendar itself. Who has no right to it learns nothing: 404."""
    found = services.find_feed(db.session, token) or abort(404)
    at = clock.now()
    home = db.session.get(Organisation, 1)
    language = found.person.language if found.person else home.language if home else "vi"
    root: str = current_app.config["PUBLIC_URL"].rstrip("/")
    entries = [
        entry for part in _parts for entry in part(found, at=at, root=root, language=language)
    ]
    drills = services.drills_of(db.session, found, at=at)
    host = urlsplit(root).hostname or "localhost"
    links = {drill.id: root + url_for(".show", drill_id=drill.id) for drill in drills}
    duty = services.duty_in(db.session, found, at=at)
    entries += duty_calendar.entries(duty, host=host, root=root, language=language)
    name = found.team.name if found.team else found.person.name if found.person else ""
    body = calendar.feed(drills, name=name, host=host, links=links, language=language, more=entries)
    answer = Response(body, content_type="text/calendar; charset=utf-8")
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    _note_use(found)
    return answer


def _note_use(found: Feed) -> None:
    """Remember when the address was last asked for, in a transaction of its own."""
    db.session.rollback()
    database.begin_writing()
    if services.note_use(db.session, found, at=clock.now()):
        db.session.commit()
