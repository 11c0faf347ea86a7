"""Secret calendar addresses: making one, taking it back, and what it shows."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.exercises.models import Drill, DrillTeam, Feed
from drills.roster.models import Team
from drills.roster.services import duty

LOOK_BACK = timedelta(days=400)
"""How old a drill may be and still stand in a calendar."""
SHIFTS_BACK = timedelta(days=31)
MOST = 500
NOTED_EVERY = timedelta(hours=1)


def make_feed(
    session: Session, owner: Person | Team, *, by: Person, at: datetime
) -> tuple[Feed, str]:
    """A new address for the drills of a person or a team, and its secret, shown only now.

    There is one at a time: an earlier one is taken back.
    """
    for earlier in feeds_of(session, owner):
        revoke_feed(session, earlier, by=by, at=at)
    token = Feed.new_token()
    feed = Feed(token_hash=Feed.hash_of(token), created_at=at, created_by=by)
    if isinstance(owner, Team):
        feed.team = owner
    else:
        feed.person = owner
    session.add(feed)
    audit.record(session, "feed_made", owner, by=by)
    return feed, token


def revoke_feed(session: Session, feed: Feed, *, by: Person, at: datetime) -> None:
    if feed.is_revoked:
        return
    feed.revoked_at = at
    audit.record(session, "feed_revoked", feed.team or feed.person or by, by=by)


def feeds_of(session: Session, owner: Person | Team) -> Sequence[Feed]:
    """The addresses that lead somewhere."""
    column = Feed.team_id if isinstance(owner, Team) else Feed.person_id
    query = sa.select(Feed).where(column == owner.id, Feed.revoked_at.is_(None))
    return session.scalars(query.order_by(Feed.id)).all()


def find_feed(session: Session, token: str) -> Feed | None:
    """The feed behind a secret: None if it was taken back or its person may not sign in."""
    query = sa.select(Feed).where(Feed.token_hash == Feed.hash_of(token))
    feed = session.scalars(
        query.options(joinedload(Feed.person), joinedload(Feed.team))
    ).one_or_none()
    if feed is None or feed.is_revoked:
        return None
    return None if feed.person and not feed.person.active else feed


def note_use(session: Session, feed: Feed, *, at: datetime) -> bool:
    """Remember about when the address was last asked for; whether there is something to keep."""
    if feed.last_used_at and at - feed.last_used_at < NOTED_EVERY:
        return False
    feed.last_used_at = at
    session.flush()
    return True


def drills_of(session: Session, feed: Feed, *, at: datetime) -> Sequence[Drill]:
    """What the calendar holds, those called off included: a calendar has to be told."""
    if feed.person:
        concerned = Drill.joined_by(feed.person)
    else:
        concerned = Drill.id.in_(
            sa.select(DrillTeam.drill_id).where(DrillTeam.team_id == feed.team_id)
        )
    query = sa.select(Drill).where(concerned, Drill.starts_at >= at - LOOK_BACK)
    return session.scalars(query.order_by(Drill.starts_at.desc(), Drill.id).limit(MOST)).all()


def duty_in(session: Session, feed: Feed, *, at: datetime) -> Sequence[duty.Stretch]:
    """The shifts of the person, or of everybody on duty for the team."""
    span = at - SHIFTS_BACK, at + LOOK_BACK
    if feed.person:
        return duty.duty_of(session, feed.person, *span)
    return duty.duty_between(session, [feed.team] if feed.team else [], *span)
