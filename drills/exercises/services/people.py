"""People of a drill: their parts, who is invited and answers, who came."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError, NotAllowedNow
from drills.core.text import N_
from drills.exercises.models import (
    ANSWERS,
    PARTS,
    PRESENCES,
    Answer,
    Attendance,
    Drill,
    DrillPerson,
    DrillTeam,
    DrillUnit,
    Invitation,
    Part,
    Presence,
)
from drills.exercises.services.apart import kept_apart
from drills.exercises.services.drills import participants, refuse_closed
from drills.roster.models import Team
from drills.units.models import Unit


@dataclass(frozen=True, slots=True)
class Parts:
    """Who is what in a drill: by the ids of units, teams and people. No part is None."""

    units: Mapping[int, Part | None]
    teams: Mapping[int, Part | None]
    people: Mapping[int, Part]
    sides: Mapping[int, int | None]


def named(session: Session, drill: Drill) -> Sequence[DrillPerson]:
    query = sa.select(DrillPerson).where(DrillPerson.drill_id == drill.id)
    people = query.join(DrillPerson.person).order_by(Person.sort, Person.id)
    loaded = people.options(
        joinedload(DrillPerson.person).joinedload(Person.unit), joinedload(DrillPerson.side)
    )
    return session.scalars(loaded).all()


def teams(session: Session, drill: Drill) -> Sequence[DrillTeam]:
    query = sa.select(DrillTeam).where(DrillTeam.drill_id == drill.id)
    return session.scalars(
        query.options(joinedload(DrillTeam.team).joinedload(Team.unit).lazyload(Unit.tier))
    ).all()


def units(session: Session, drill: Drill) -> Sequence[DrillUnit]:
    query = sa.select(DrillUnit).where(DrillUnit.drill_id == drill.id)
    return session.scalars(query.options(joinedload(DrillUnit.unit))).all()


def give_parts(session: Session, drill: Drill, parts: Parts, *, by: Person | None) -> None:
    """Say what units, teams and people are in the drill; who is not named keeps their part."""
    refuse_closed(drill)
    with kept_apart(session, drill, by):
        changes = _given(session, drill, parts)
    if changes:
        audit.record(session, "parts_given", drill, by=by, changes=changes)


def _given(session: Session, drill: Drill, parts: Parts) -> dict[str, list[str]]:
    changes: dict[str, list[str]] = {}
    for link in units(session, drill):
        _give(link, parts.units.get(link.unit_id, link.part), link.unit.name, changes)
    for member in teams(session, drill):
        _give(member, parts.teams.get(member.team_id, member.part), member.team.name, changes)
    known = {side.id for side in drill.sides}
    for person in named(session, drill):
        _give(person, parts.people.get(person.person_id, person.part), person.person.name, changes)
        side = parts.sides.get(person.person_id, person.side_id)
        if side != person.side_id and (side is None or side in known):
            changes.setdefault(person.person.name, [person.part.value, person.part.value])
            person.side_id = side
    return changes


def _give(
    link: DrillUnit | DrillTeam | DrillPerson,
    part: Part | None,
    name: str,
    changes: dict[str, list[str]],
) -> None:
    if part == link.part:
        return
    changes[name] = [_word(link.part), _word(part)]
    link.part = part


def _word(part: Part | None) -> str:
    return PARTS[part] if part else ""


def invitations(session: Session, drill: Drill) -> Sequence[Invitation]:
    """Everybody who was asked, by name; those taken back as well."""
    query = sa.select(Invitation).where(Invitation.drill_id == drill.id)
    people = query.join(Invitation.person).order_by(Person.sort, Person.id)
    return session.scalars(
        people.options(joinedload(Invitation.person).joinedload(Person.unit))
    ).all()


def uninvited(session: Session, drill: Drill) -> list[Person]:
    """Those who take part and have not been asked."""
    asked = {one.person_id for one in invitations(session, drill)}
    return [p for p in participants(session, drill, drill.day) if p.id not in asked]


def invite(
    session: Session, drill: Drill, people: Iterable[Person], *, by: Person | None, at: datetime
) -> int:
    """Ask people to take part; whom the drill does not name yet becomes a player. How many.

    Who was asked before is asked anew: earlier links become void.
    """
    refuse_past(drill, at)
    asked = {one.person_id: one for one in invitations(session, drill)}
    there = {person.id for person in participants(session, drill, drill.day)}
    invited = []
    for person in people:
        invitation = asked.get(person.id)
        if invitation is None:
            invitation = Invitation(drill=drill, person=person)
            session.add(invitation)
        else:
            invitation.renew()
        invitation.invited_at, invitation.invited_by = at, by
        invitation.revoked_at = None
        if person.id not in there:
            drill.people.append(DrillPerson(person_id=person.id, person=person))
        invited.append(person.name)
    if invited:
        audit.record(session, "invited", drill, by=by, changes=_names(invited))
    return len(invited)


def refuse_past(drill: Drill, at: datetime) -> None:
    if drill.is_closed or drill.is_done or drill.starts_at <= at:
        raise NotAllowedNow(N_("The drill has begun: nobody can be invited any more."))


def revoke(session: Session, invitation: Invitation, *, by: Person | None, at: datetime) -> None:
    """Take an invitation back: its link leads nowhere from now on."""
    if invitation.is_revoked:
        return
    invitation.renew()
    invitation.revoked_at = at
    audit.record(session, "invitation_revoked", invitation.drill, by=by, changes=_gone(invitation))


def answer(
    session: Session,
    invitation: Invitation,
    what: Answer,
    note: str,
    *,
    by: Person | None,
    at: datetime,
) -> None:
    """Note what the invited person says; ``by`` is who noted it, they themselves or another."""
    if invitation.is_revoked:
        raise NotAllowedNow(N_("This invitation has been taken back."))
    drill, person = invitation.drill, invitation.person
    before = ANSWERS[invitation.answer] if invitation.answer else ""
    invitation.answer, invitation.note = what, note
    invitation.answered_at, invitation.answered_for = at, drill.starts_at
    audit.record(session, "answered", drill, by=by, changes={person.name: [before, ANSWERS[what]]})


def attendance(session: Session, drill: Drill) -> dict[int, Presence]:
    """Who came, by the id of the person."""
    query = sa.select(Attendance.person_id, Attendance.presence)
    rows = session.execute(query.where(Attendance.drill_id == drill.id))
    return {row.person_id: row.presence for row in rows}


@dataclass(frozen=True, slots=True)
class Went:
    """Somebody of ours in a drill; ``presence`` is None where nobody noted it."""

    person: Person
    part: Part | None
    presence: Presence | None


def went(session: Session, drill: Drill) -> list[Went]:
    """Who took part, by name; who was noted as absent comes last."""
    parts = {link.person_id: link.part for link in named(session, drill)}
    noted = attendance(session, drill)
    rows = [
        Went(person, parts.get(person.id), noted.get(person.id))
        for person in participants(session, drill, drill.day)
    ]
    return sorted(rows, key=lambda row: row.presence is Presence.ABSENT)


def note_attendance(
    session: Session,
    drill: Drill,
    present: Mapping[int, Presence | None],
    *,
    by: Person | None,
    at: datetime,
) -> int:
    """Note who came; None takes a note back. How many notes have changed."""
    query = sa.select(Attendance).where(Attendance.drill_id == drill.id)
    known = {one.person_id: one for one in session.scalars(query)}
    allowed = {person.id: person.name for person in participants(session, drill, drill.day)}
    changes: dict[str, list[str]] = {}
    for person_id, presence in present.items():
        if person_id not in allowed and person_id not in known:
            raise DomainError(N_("Only those who take part can be noted as present."))
        before = known[person_id].presence if person_id in known else None
        if before == presence:
            continue
        name = allowed.get(person_id, str(person_id))
        changes[name] = [_came(before), _came(presence)]
        row = known.get(person_id) or Attendance(drill_id=drill.id, person_id=person_id)
        if presence is None:
            session.delete(row)
        else:
            row.presence, row.noted_at, row.noted_by_id = presence, at, by.id if by else None
            session.add(row)
    if changes:
        audit.record(session, "attendance_noted", drill, by=by, changes=changes)
    return len(changes)


def _came(presence: Presence | None) -> str:
    return PRESENCES[presence] if presence else ""


def _names(names: Iterable[str]) -> dict[str, list[str]]:
    return {"people": ["", "; ".join(sorted(names))]}


def _gone(invitation: Invitation) -> dict[str, list[str]]:
    return {"people": [invitation.person.name, ""]}
