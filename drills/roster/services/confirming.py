"""When a person was last known to be reachable, and until when that is good enough."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.days import add_months
from drills.core.text import normal
from drills.roster.models import EMAILS, USUAL_MONTHS, ChannelKind, ContactChannel, Member, Team
from drills.roster.services.channels import channel_for, note_verified, ways_of


@dataclass(frozen=True, slots=True)
class DueCheck:
    """A member whose numbers have to be confirmed. ``confirmed_on`` is None if they never were."""

    person_id: int
    name: str
    team_id: int
    confirmed_on: date | None
    due_on: date


def last_confirmed_at() -> sa.ScalarSelect[datetime | None]:
    """When a person last confirmed any way to reach them: a column for queries over people."""
    return (
        sa.select(sa.func.max(ContactChannel.verified_at))
        .where(ContactChannel.person_id == Person.id)
        .correlate(Person)
        .scalar_subquery()
    )


def last_confirmed_on(session: Session, person: Person) -> date | None:
    """The day, where the person is; None: never."""
    query = sa.select(last_confirmed_at()).select_from(Person).where(Person.id == person.id)
    at = session.scalar(query)
    return at.astimezone(person.zone).date() if at else None


def due_checks(session: Session, on: date, *, by: Person | None = None) -> list[DueCheck]:
    """The members whose confirmation is older than their team allows, the longest due first.

    ``by`` narrows it to the teams they see. Who never confirmed has been due since
    their first day in the team.
    """
    months = sa.func.coalesce(Team.contact_check_months, USUAL_MONTHS)
    of_person = (Person.id, Person.name, Person.time_zone, last_confirmed_at())
    members = (
        sa.select(*of_person, Member.team_id, Member.starts_on, months)
        .join(Member, Member.person_id == Person.id)
        .join(Member.team)
        .where(Member.current(on), Person.removed_at.is_(None))
    )
    if by is not None:
        members = members.where(Team.visible_to(by))
    found = []
    for person_id, name, zone, at, team_id, starts_on, every in session.execute(members):
        confirmed = at.astimezone(ZoneInfo(zone)).date() if at else None
        due_on = add_months(confirmed, every) if confirmed else starts_on
        if due_on <= on:
            found.append(DueCheck(person_id, name, team_id, confirmed, due_on))
    return sorted(found, key=lambda due: (due.due_on, due.person_id, due.team_id))


def set_rhythm(session: Session, team: Team, months: int | None, *, by: Person | None) -> None:
    """Every how many months the members of ``team`` confirm; None: as is usual."""
    with audit.changing(session, "contact.rhythm_set", team, by=by):
        team.contact_check_months = months


def confirm_ways(
    session: Session, person: Person, at: datetime, *, but: Collection[ChannelKind] = ()
) -> None:
    """Note for every way to reach the person, ``but`` those kinds, that it was right ``at``."""
    for way in ways_of(session, person):
        if way.kind not in but:
            note_verified(session, person, way.kind, way.value, at)


def mark_bounced(
    session: Session, address: str, reason: str, at: datetime, *, by: Person | None = None
) -> int:
    """Note that mail to ``address`` comes back; how many people of the roster have it.

    They are asked nothing more there until they confirm it or it is changed.
    """
    value = normal(address).lower()
    further = sa.select(ContactChannel.person_id).where(
        ContactChannel.value == value, ContactChannel.kind.in_(EMAILS)
    )
    people = session.scalars(
        sa.select(Person).where(sa.or_(Person.email == value, Person.id.in_(further)))
    ).all()
    for person in people:
        kind = ChannelKind.WORK_EMAIL if person.email == value else ChannelKind.PRIVATE_EMAIL
        channel = channel_for(session, person, kind, value)
        channel.bounced_at, channel.bounce_reason = at, reason[:200]
        session.add(channel)
        audit.record(session, "contact.bounced", person, by=by, changes={"reason": ["", reason]})
    return len(people)
