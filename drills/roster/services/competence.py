"""Assessing how far people have come. The trail keeps it under the person it is about."""

from collections.abc import Mapping
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.days import add_months
from drills.core.errors import Conflict, DomainError
from drills.core.text import N_
from drills.files.models import StoredFile
from drills.roster.models import LEVELS, Competence, CompetenceDetails, LevelChange, Skill


def assess(
    session: Session,
    person: Person,
    skill: Skill,
    details: CompetenceDetails,
    *,
    by: Person | None,
    file: StoredFile | None = None,
) -> Competence:
    """Note what was found; a file that was handed in before stays unless there is a new one."""
    if details.expires_on and details.expires_on < details.assessed_on:
        raise DomainError(N_("It ends before it was assessed. Mend one of the two days."))
    found = competence_of(session, person, skill)
    before = _text(found)
    competence = found or Competence(person=person, skill=skill)
    competence.level, competence.evidence = details.level, details.evidence
    competence.assessed_on, competence.expires_on = details.assessed_on, details.expires_on
    competence.assessed_by, competence.file = by, file or competence.file
    session.add(competence)
    _note(session, person, {skill.code: [before, _text(competence)]}, by)
    return competence


def set_level(
    session: Session,
    person: Person,
    skill: Skill,
    change: LevelChange,
    *,
    by: Person | None,
    on: date,
) -> Competence | None:
    """One cell of the matrix: set its level, or take the assessment back.

    Conflict if somebody else has changed it since.
    """
    found, level = competence_of(session, person, skill), change.level
    if (found.level if found else None) != change.was:
        raise Conflict(
            N_("Somebody else has changed this to %(level)s meanwhile. Look at the page again."),
            level=str(found.level) if found else "—",
        )
    if level == change.was:
        return found
    if level is None:
        assert found is not None
        session.delete(found)
        _note(session, person, {skill.code: [_text(found), ""]}, by)
        return None
    if level not in LEVELS:
        raise DomainError(N_("A level is a number from 0 to 4."))
    return assess(session, person, skill, _afresh(found, skill, level, on), by=by)


def assess_all(
    session: Session,
    person: Person,
    levels: Mapping[int, int | None],
    *,
    by: Person | None,
    on: date,
) -> int:
    """Set the levels of a person by the id of the skill; how many of them changed."""
    skills = session.scalars(sa.select(Skill).where(Skill.id.in_(levels)))
    stands = {
        one.skill_id: one.level
        for one in session.scalars(sa.select(Competence).where(Competence.person_id == person.id))
    }
    changed = [skill for skill in skills if levels[skill.id] != stands.get(skill.id)]
    for skill in changed:
        change = LevelChange(stands.get(skill.id), levels[skill.id])
        set_level(session, person, skill, change, by=by, on=on)
    return len(changed)


def competence_of(session: Session, person: Person, skill: Skill) -> Competence | None:
    return session.scalars(
        sa.select(Competence).where(
            Competence.person_id == person.id, Competence.skill_id == skill.id
        )
    ).one_or_none()


def expiry(skill: Skill, assessed_on: date) -> date | None:
    """Until when an assessment of that day holds."""
    return add_months(assessed_on, skill.valid_months) if skill.valid_months else None


def _afresh(found: Competence | None, skill: Skill, level: int, on: date) -> CompetenceDetails:
    return CompetenceDetails(
        level=level,
        evidence=found.evidence if found else "",
        assessed_on=on,
        expires_on=expiry(skill, on),
    )


def _text(competence: Competence | None) -> str:
    if competence is None:
        return ""
    until = competence.expires_on
    return f"{competence.level} ({until.isoformat()})" if until else str(competence.level)


def _note(
    session: Session, person: Person, changes: dict[str, list[str]], by: Person | None
) -> None:
    audit.record(session, "skill_assessed", person, by=by, changes=changes)
