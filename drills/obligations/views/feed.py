"""The days something is due, for the private calendars of people and teams."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from icalendar import Event
from sqlalchemy.orm import joinedload

from drills.exercises.models import Feed
from drills.extensions import db
from drills.obligations import fresh
from drills.obligations.models import Obligation, Standing, SubjectKind, responsible
from drills.obligations.models.names import names
from drills.obligations.views import places

STAMP = {"vi": "[ĐẾN HẠN]", "en": "[DUE]"}
WORDS = {
    "vi": "Ngày làm việc cuối cùng đúng hạn: %s.",
    "en": "The last working day in time: %s.",
}
MOST = 500


def due_days(feed: Feed, *, at: datetime, root: str, language: str) -> Iterator[Event]:
    """One whole day for each thing that the person has to see to, or that the team owes."""
    owner = feed.person_id, feed.team_id
    fresh.refresh()
    found = db.session.scalars(
        _owed(*owner, at)
        .where(Obligation.next_due_on.is_not(None), Obligation.state != Standing.EXEMPT)
        .options(joinedload(Obligation.rule))
        .order_by(Obligation.next_due_on, Obligation.id)
        .limit(MOST)
    ).all()
    wanted: dict[SubjectKind, set[int]] = defaultdict(set)
    for one in found:
        wanted[one.subject_kind].add(one.subject_id)
    named = names(db.session, wanted)
    for one in found:
        yield _entry(one, named[one.subject_kind, one.subject_id][0], root, language)


def _owed(person_id: int | None, team_id: int | None, at: datetime) -> sa.Select[Obligation]:
    query = sa.select(Obligation)
    if person_id is None:
        kind = Obligation.subject_kind == SubjectKind.TEAM
        return query.where(kind, Obligation.subject_id == team_id)
    who = responsible(at.astimezone(fresh.zone()).date()).subquery()
    mine = sa.select(who.c.obligation_id).where(who.c.person_id == person_id)
    return query.where(Obligation.id.in_(mine))


def _entry(one: Obligation, name: str, root: str, language: str) -> Event:
    host, entry = urlsplit(root).hostname or "localhost", Event()
    assert one.next_due_on
    assert one.last_working_day
    entry.add("uid", f"obligation-{one.rule_id}-{one.subject_id}@{host}")
    entry.add("dtstamp", one.updated_at.astimezone(UTC))
    entry.add("summary", f"{STAMP[language]} {one.rule.title_in(language)}: {name}")
    entry.add("dtstart", one.next_due_on)
    entry.add("dtend", one.next_due_on + timedelta(days=1))
    entry.add("transp", "TRANSPARENT")
    entry.add("description", WORDS[language] % f"{one.last_working_day:%d/%m/%Y}")
    entry.add("url", root + places.subject(one.subject_kind, one.subject_id))
    return entry
