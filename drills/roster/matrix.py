"""The competence matrix: people by skills, and which skills hang on one person."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload

from drills.accounts.models import Person
from drills.roster.lists import Wanted
from drills.roster.models import Competence, ExpertGroup, Member, Skill

GROUPS = list(ExpertGroup)


@dataclass(frozen=True, slots=True)
class Column:
    """A skill and how many of the people asked for hold it; ``holder`` is a name if one does."""

    skill: Skill
    holders: int
    holder: str | None

    @property
    def is_thin(self) -> bool:
        """Whether the skill is lost when one person is ill."""
        return self.holders < 2


def assessed(wanted: Wanted, viewer: Person) -> sa.Select[Any]:
    """Those asked for who are in a team, or whose skills were assessed."""
    members = sa.select(Member.person_id).where(Member.current(wanted.on))
    known = sa.select(Competence.person_id)
    return wanted.matching(viewer).where(sa.or_(Person.id.in_(members), Person.id.in_(known)))


def rows(wanted: Wanted, viewer: Person) -> sa.Select[Any]:
    query = assessed(wanted, viewer).options(joinedload(Person.unit), lazyload(Person.grants))
    return query.order_by(Person.sort, Person.id)


def columns(
    session: Session, wanted: Wanted, viewer: Person, group: ExpertGroup | None
) -> tuple[list[Column], int]:
    """The skills in the order of their groups, counted over everybody asked for; and how many
    these are, 0 if there is no skill to ask them for.
    """
    people = assessed(wanted, viewer).with_only_columns(Person.id)
    held = (
        sa.select(
            Competence.skill_id,
            sa.func.count().label("holders"),
            sa.func.min(Person.name).label("holder"),
        )
        .join(Person, Person.id == Competence.person_id)
        .where(Competence.held(wanted.on), Competence.person_id.in_(people))
        .group_by(Competence.skill_id)
        .subquery()
    )
    everybody = sa.select(sa.func.count()).select_from(people.subquery())
    query = (
        sa.select(Skill, held.c.holders, held.c.holder, everybody.scalar_subquery())
        .outerjoin(held, held.c.skill_id == Skill.id)
        .where(Skill.is_active, Skill.expert_group == group if group else sa.true())
        .order_by(Skill.sort, Skill.id)
    )
    found, total = [], 0
    for skill, holders, holder, total in session.execute(query):  # noqa: B007 - the same in each
        found.append(Column(skill, holders or 0, holder if holders == 1 else None))
    return sorted(found, key=lambda column: GROUPS.index(column.skill.expert_group)), total


def levels(session: Session, people: Collection[int]) -> dict[int, dict[int, Competence]]:
    """What was assessed of these people: by person, by skill."""
    query = sa.select(Competence).where(Competence.person_id.in_(people))
    found: dict[int, dict[int, Competence]] = defaultdict(dict)
    for competence in session.scalars(query):
        found[competence.person_id][competence.skill_id] = competence
    return found


def spans(found: Sequence[Column]) -> list[tuple[ExpertGroup, int]]:
    """The groups over the columns, and how many columns each stands over."""
    return [
        (group, count)
        for group in GROUPS
        if (count := sum(column.skill.expert_group is group for column in found))
    ]


def expiring(viewer: Person, until: date) -> sa.Select[Any]:
    """Competences that end by that day, of people whose data are still kept; the first first."""
    return (
        sa.select(Competence)
        .join(Person, Person.id == Competence.person_id)
        .where(
            Competence.visible_to(viewer),
            Competence.expires_on <= until,
            Person.removed_at.is_(None),
        )
        .options(joinedload(Competence.person).joinedload(Person.unit))
        .options(joinedload(Competence.skill))
        .order_by(Competence.expires_on, Person.sort, Competence.id)
    )
