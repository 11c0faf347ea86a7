"""Competences: a row for each person and skill."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.core.tabular import Column, Sheet
from drills.core.text import N_, fold
from drills.roster import matrix
from drills.roster.lists import Wanted
from drills.roster.models import LEVELS, Competence, CompetenceDetails, Skill
from drills.roster.services import competence as services
from drills.roster.sheets.reading import (
    EMAIL,
    NAME,
    Line,
    Plan,
    importing,
    opened,
    people_of,
    skills_of,
)

COLUMNS = (
    EMAIL,
    NAME,
    Column("unit", "Đơn vị", "Unit", ("don vi cong tac",)),
    Column("skill", "Mã kỹ năng", "Skill code", ()),
    Column("skill_name", "Kỹ năng", "Skill", ("ten ky nang",)),
    Column("level", "Mức", "Level", ("muc do", "cap do", "bac"), required=True),
    Column("assessed_on", "Ngày đánh giá", "Assessed on", ("danh gia ngay",)),
    Column("expires_on", "Có giá trị đến", "Holds until", ("het han", "ngay het han")),
    Column("evidence", "Minh chứng", "Evidence", ("can cu", "what shows it")),
)


@dataclass(frozen=True, slots=True)
class Assessment:
    """A row that sets something; ``before`` is what stands."""

    row: int
    person: Person
    skill: Skill
    details: CompetenceDetails
    before: Competence | None


def plan(session: Session, sheet: Sheet, *, by: Person, on: date) -> Plan[Assessment]:
    """``on`` is the day of the assessment where the file names none."""
    result: Plan[Assessment] = Plan()
    lines = opened(sheet, COLUMNS, result)
    people, skills = people_of(session, lines, by), skills_of(session)
    stands = _standing(session, [person.id for person in people.by_email.values()])
    seen: set[tuple[int, int]] = set()
    for line in lines:
        person, skill = line.person(people), skills.get(fold(line["skill"] or line["skill_name"]))
        if skill is None:
            line.wrong("skill", N_("There is no such skill."), N_("Write its code as in the list."))
        if person and skill and (person.id, skill.id) in seen:
            line.wrong(
                "skill",
                N_("The same person and skill stand in an earlier row too."),
                N_("Keep one row for each."),
            )
        before = stands.get((person.id, skill.id)) if person and skill else None
        details = _details(line, skill, before, on)
        result.problems += line.problems
        if person and skill and details and not line.problems:
            seen.add((person.id, skill.id))
            _place(result, Assessment(line.number, person, skill, details, before))
    return result


def _place(result: Plan[Assessment], one: Assessment) -> None:
    if one.before and all(
        getattr(one.before, name) == getattr(one.details, name)
        for name in ("level", "evidence", "assessed_on", "expires_on")
    ):
        result.unchanged += 1
    else:
        result.entries.append(one)


def carry_out(session: Session, plan: Plan[Assessment], *, by: Person) -> int:
    """How many were set. DomainError if a row is wrong: then none."""
    plan.refuse_mistakes()
    with importing():
        for one in plan.entries:
            services.assess(session, one.person, one.skill, one.details, by=by)
    return len(plan.entries)


def exported(
    session: Session, wanted: Wanted, viewer: Person, language: str
) -> Iterator[list[Any]]:
    """The rows of our own file: those asked for, by name and skill."""
    people = matrix.assessed(wanted, viewer).with_only_columns(Person.id)
    query = (
        sa.select(Competence)
        .join(Person, Person.id == Competence.person_id)
        .join(Skill, Skill.id == Competence.skill_id)
        .where(Competence.person_id.in_(people))
        .options(joinedload(Competence.person).joinedload(Person.unit))
        .options(joinedload(Competence.skill))
        .order_by(Person.sort, Person.id, Skill.sort)
    )
    for one in session.scalars(query):
        yield [
            one.person.email or "",
            one.person.name,
            one.person.unit.title(language),
            one.skill.code,
            one.skill.title(language),
            one.level,
            one.assessed_on,
            one.expires_on,
            one.evidence,
        ]


def _standing(session: Session, people: list[int]) -> dict[tuple[int, int], Competence]:
    query = sa.select(Competence).where(Competence.person_id.in_(people))
    return {(one.person_id, one.skill_id): one for one in session.scalars(query)}


def _details(
    line: Line, skill: Skill | None, before: Competence | None, on: date
) -> CompetenceDetails | None:
    """Without an end in the file the one that stands is kept, or follows from the skill."""
    assessed_on = line.day("assessed_on", on) or on
    expires_on = line.day("expires_on", on)
    if line["level"] not in {str(level) for level in LEVELS}:
        line.wrong("level", N_("A level is a number from 0 to 4."), N_("Write 0, 1, 2, 3 or 4."))
        return None
    if expires_on and expires_on < assessed_on:
        line.wrong("expires_on", N_("It ends before it was assessed."), N_("Mend one of the days."))
    if expires_on is None and before and before.assessed_on == assessed_on:
        expires_on = before.expires_on
    elif expires_on is None and skill:
        expires_on = services.expiry(skill, assessed_on)
    return CompetenceDetails(
        level=int(line["level"]),
        evidence=line["evidence"],
        assessed_on=assessed_on,
        expires_on=expires_on,
    )
