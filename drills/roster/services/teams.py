"""What people do to response teams. A member who leaves stays in the record, with the day."""

from dataclasses import asdict
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError, NotAllowedNow
from drills.core.text import N_
from drills.roster.models import Member, MemberDetails, NewPerson, Team, TeamDetails


def create_team(session: Session, details: TeamDetails, *, by: Person | None) -> Team:
    _refuse_taken(session, details.name, None)
    team = Team(**asdict(details))
    session.add(team)
    audit.record(session, "created", team, by=by)
    return team


def revise_team(session: Session, team: Team, details: TeamDetails, *, by: Person | None) -> None:
    _refuse_taken(session, details.name, team.id)
    with audit.changing(session, "revised", team, by=by):
        for name, value in asdict(details).items():
            setattr(team, name, value)


def add_person(session: Session, new: NewPerson, *, by: Person | None) -> Person:
    """Record somebody who is reached by mail but does not sign in."""
    email = new.email.strip().lower()
    if email and session.scalar(sa.select(Person.id).where(Person.email == email)):
        raise DomainError(
            N_("Somebody with the address %(email)s is known already: choose them by name."),
            email=email,
        )
    person = Person(**asdict(new))
    session.add(person)
    audit.record(session, "created", person, by=by)
    return person


def add_member(
    session: Session, team: Team, person: Person, details: MemberDetails, *, by: Person | None
) -> Member:
    """Begin a person's time in a team; NotAllowedNow while they are in it already."""
    if details.ends_on and details.ends_on < details.starts_on:
        raise DomainError(N_("The last day is before the first."))
    _refuse_overlap(session, team, person, details.starts_on)
    member = Member(team=team, person=person, **asdict(details))
    session.add(member)
    audit.record(session, "member added", team, by=by, changes={"member": ["", person.name]})
    return member


def end_member(session: Session, member: Member, on: date, *, by: Person | None) -> None:
    """``on`` is the last day in the team."""
    if on < member.starts_on:
        raise DomainError(N_("The last day is before the first."))
    member.ends_on = on
    change = {"member": [member.name, ""], "ends_on": ["", on.isoformat()]}
    audit.record(session, "member ended", member.team, by=by, changes=change)


def _refuse_overlap(session: Session, team: Team, person: Person, starts_on: date) -> None:
    there = sa.select(Member.id).where(
        Member.team_id == team.id,
        Member.person_id == person.id,
        sa.or_(Member.ends_on.is_(None), Member.ends_on >= starts_on),
    )
    if session.scalar(there.limit(1)):
        raise NotAllowedNow(N_("%(person)s is in this team already."), person=person.name)


def _refuse_taken(session: Session, name: str, own: int | None) -> None:
    taken = session.scalar(sa.select(Team.id).where(Team.name == name))
    if taken not in {None, own}:
        raise DomainError(N_("There is a team called “%(name)s” already."), name=name)
