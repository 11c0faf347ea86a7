"""How often a team confirms its numbers, which were right, and which mail came back from."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.text import normal
from drills.roster.models import EMAILS, ChannelKind, ContactChannel, Team
from drills.roster.services.channels import channel_for, note_verified, ways_of


def set_rhythm(session: Session, team: Team, months: int | None, *, by: Person | None) -> None:
    """Every how many months the members of ``team`` confirm; None: as the rule says."""
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
