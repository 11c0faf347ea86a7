"""Finding things by words without accents; what is written exactly so comes first."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.core.orm import contains
from drills.core.text import fold, normal
from drills.exercises.models import Drill
from drills.roster.models import Member, Team
from drills.systems.models import InformationSystem
from drills.units.models import Unit

WORDS_MAX = 100
System = InformationSystem


def systems(session: Session, person: Person, words: str, limit: int) -> Sequence[Any]:
    query = visible(System, person).join(Unit, System.operator_id == Unit.id)
    rows: Any = query.with_only_columns(System.id, System.code, System.name, Unit.name)
    return _answer(session, _best(rows, System, words, System.sort), limit)


def drills(session: Session, person: Person, words: str, limit: int) -> Sequence[Any]:
    """The newest first among equals."""
    query = visible(Drill, person)
    rows: Any = query.with_only_columns(Drill.id, Drill.code, Drill.title, Drill.starts_at)
    return _answer(session, _best(rows, Drill, words, Drill.starts_at.desc()), limit)


def units(session: Session, person: Person, words: str, limit: int) -> Sequence[Any]:
    query = visible(Unit, person)
    rows: Any = query.with_only_columns(Unit.id, Unit.code, Unit.name, Unit.active_to)
    return _answer(session, _best(rows, Unit, words, Unit.sort), limit)


def teams(session: Session, person: Person, words: str, limit: int) -> Sequence[Any]:
    query = visible(Team, person).join(Unit, Team.unit_id == Unit.id)
    rows: Any = query.with_only_columns(Team.id, sa.literal(""), Team.name, Unit.name)
    return _answer(session, _best(rows, Team, words, Team.sort), limit)


def people(session: Session, person: Person, words: str, limit: int) -> Sequence[Any]:
    """With the unit they work in, and a team they belong to, where there is one."""
    team = (
        sa.select(sa.func.min(Member.team_id))
        .where(Member.person_id == Person.id, Member.visible_to(person))
        .scalar_subquery()
    )
    query = visible(Person, person).join(Unit, Person.unit_id == Unit.id)
    rows: Any = query.with_only_columns(
        Person.id, Person.email, Person.name, Unit.name, Unit.id, team
    )
    return _answer(session, _best(rows, Person, words, Person.sort), limit)


def _best(query: sa.Select[Any], model: Any, words: str, order: Any) -> sa.Select[Any]:
    """``query`` (id, code, name, …) narrowed: the exact code first, then the exact accents."""
    exact = normal(words)[:WORDS_MAX]
    folded = fold(exact)
    _identity, code, name, *_rest = query.selected_columns
    is_written_so = (name.contains(word, autoescape=True) for word in exact.split())
    rank = sa.case(
        (sa.func.lower(code) == exact.lower(), 0),
        (sa.and_(sa.true(), *is_written_so), 1),
        else_=2,
    )
    found = query.where(contains(model.search, folded) if folded else sa.false())
    return found.order_by(rank, order, model.id)


def _answer(session: Session, query: sa.Select[Any], limit: int) -> Sequence[Any]:
    rows: Sequence[Any] = session.execute(query.limit(limit)).all()
    return rows
