"""What people do to response teams. A member who leaves stays in the record, with the day."""

from dataclasses import asdict
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError, NotAllowedNow
from drills.core.text import N_
from drills.roster.models import (
    EndDetails,
    Member,
    MemberDetails,
    NewPerson,
    Reforming,
    Team,
    TeamDetails,
)


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


def revise_member(
    session: Session, member: Member, details: MemberDetails, *, by: Person | None
) -> None:
    """Change the role and what else is written of a person's time in a team."""
    if details.ends_on and details.ends_on < details.starts_on:
        raise DomainError(N_("The last day is before the first."))
    before = audit.columns(member)
    for name, value in asdict(details).items():
        setattr(member, name, value)
    after = audit.columns(member)
    changes = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    if changes:
        whose = {"member": [member.name, member.name]}
        audit.record(session, "member revised", member.team, by=by, changes=whose | changes)


def end_member(session: Session, member: Member, details: EndDetails, *, by: Person | None) -> None:
    _end(member, details)
    change = {"member": [member.name, ""], "ends_on": ["", details.ends_on.isoformat()]}
    audit.record(session, "member ended", member.team, by=by, changes=change)


def reform(session: Session, team: Team, terms: Reforming, *, by: Person | None) -> Team:
    """Re-form the team by a new decision, in one act; the team it is from then on.

    Who is kept has a second row from that day on, so that each row names the decision it rests
    on. NotAllowedNow if somebody joined on that day or later.
    """
    members = [member for member in team.members if not member.has_left(terms.on)]
    late = next((member for member in members if member.starts_on >= terms.on), None)
    if late:
        raise NotAllowedNow(
            N_("%(person)s joined on that day or later. Choose a later day."), person=late.name
        )
    target = _successor(session, team, terms, by) if terms.name else team
    last = EndDetails(terms.on - timedelta(days=1), terms.decision_number, terms.decision_date)
    for member in members:
        _end(member, last)
        if member.id in terms.kept:
            session.add(_again(member, target, terms))
    _note_reform(session, team, target, terms, members, by)
    session.expire(team, ["members"])
    return target


def _end(member: Member, details: EndDetails) -> None:
    if details.ends_on < member.starts_on:
        raise DomainError(N_("The last day is before the first."))
    for name, value in asdict(details).items():
        setattr(member, name, value)


def _again(member: Member, target: Team, terms: Reforming) -> Member:
    """The same person in the same role, by the new decision."""
    kept = ("person_id", "role", "is_core", "is_full_time")
    return Member(
        team_id=target.id,
        starts_on=terms.on,
        decision_number=terms.decision_number,
        decision_date=terms.decision_date,
        **{name: getattr(member, name) for name in kept},
    )


def _successor(session: Session, team: Team, terms: Reforming, by: Person | None) -> Team:
    last = terms.on - timedelta(days=1)
    if team.active_from and last < team.active_from:
        raise DomainError(N_("The last day is before the first."))
    kept = {name: getattr(team, name) for name in TeamDetails.__dataclass_fields__}
    details = TeamDetails(
        **kept
        | {
            "name": terms.name,
            "decision_number": terms.decision_number,
            "decision_date": terms.decision_date,
            "active_from": terms.on,
            "active_to": None,
            "description": "",
        }
    )
    new = create_team(session, details, by=by)
    team.successor_id, team.active_to = new.id, last
    return new


def _note_reform(
    session: Session,
    team: Team,
    target: Team,
    terms: Reforming,
    members: list[Member],
    by: Person | None,
) -> None:
    ended = [member.name for member in members if member.id not in terms.kept]
    decision = terms.decision_number
    change = {
        "decision_number": [team.decision_number, decision],
        "on": ["", terms.on.isoformat()],
        "members kept": ["", str(len(members) - len(ended))],
        "members ended": ["", ", ".join(ended)],
    }
    if target is team:
        team.decision_number, team.decision_date = decision, terms.decision_date
    else:
        change["successor"] = ["", target.name]
    audit.record(session, "re-formed", team, by=by, changes=change)


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
