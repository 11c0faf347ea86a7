"""What the pages of units show, each in a number of queries that does not grow."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.core.orm import contains, under
from drills.core.text import fold
from drills.units.models import Ranking, Succession, Tier, Unit

ACTIVE, ENDED, ANY = "active", "ended", "any"


@dataclass(frozen=True, slots=True)
class Filters:
    """``at`` is the unit looked into.

    Without words and tiers its own sub-units are meant, with them all that lies under it.
    """

    at: Unit
    words: str = ""
    tiers: tuple[str, ...] = ()
    state: str = ACTIVE

    @property
    def is_search(self) -> bool:
        return bool(self.words or self.tiers)


def found(person: Person, filters: Filters, on: date) -> sa.Select[Any]:
    """The units that ``filters`` mean, each with its tier and its parent."""
    above = aliased(Unit)
    query = (
        visible(Unit, person)
        .join(Unit.tier)
        .outerjoin(above, Unit.parent_id == above.id)
        .options(
            contains_eager(Unit.tier),
            contains_eager(Unit.parent.of_type(above)).lazyload(above.tier),
        )
        .where(state_is(filters.state, on))
    )
    if not filters.is_search:
        own = query.where(Unit.parent_id == filters.at.id)
        return own.order_by(Tier.position, Unit.sort, Unit.id)
    query = query.where(under(Unit.path, filters.at.path))
    query = query.where(contains(Unit.search, fold(filters.words)))
    if filters.tiers:
        query = query.where(Tier.code.in_(filters.tiers))
    return query.order_by(Unit.sort, Unit.id)


def state_is(state: str, on: date) -> sa.ColumnElement[bool]:
    if state == ENDED:
        return sa.and_(Unit.active_to.is_not(None), Unit.active_to < on)
    if state == ACTIVE:
        return sa.or_(Unit.active_to.is_(None), Unit.active_to >= on)
    return sa.true()


def sub_unit_counts(
    session: Session, units: Iterable[Unit], state: str, on: date
) -> dict[int, int]:
    """How many sub-units each of ``units`` has, those in ``state`` only."""
    query = (
        sa.select(Unit.parent_id, sa.func.count())
        .where(Unit.parent_id.in_([unit.id for unit in units]), state_is(state, on))
        .group_by(Unit.parent_id)
    )
    return {unit_id: count for unit_id, count in session.execute(query) if unit_id}


def chain(session: Session, unit: Unit, person: Person) -> Sequence[Unit]:
    """The units from the top of what ``person`` sees down to ``unit``."""
    ids = [int(part) for part in unit.path.split(".") if part]
    rows = visible(Unit, person).where(Unit.id.in_(ids)).order_by(sa.func.length(Unit.path))
    found: Sequence[Any] = session.scalars(rows).all()
    return found


def tiers(session: Session) -> Sequence[Tier]:
    return session.scalars(sa.select(Tier).order_by(Tier.position, Tier.id)).all()


@dataclass(frozen=True, slots=True)
class Portrait:
    """What a unit's page tells besides its own columns."""

    chain: Sequence[Unit]
    predecessors: Sequence[Succession]
    successors: Sequence[Succession]
    rankings: Sequence[Ranking]
    people: int
    """Those who work in the unit itself or in one under it."""


def portrait(session: Session, unit: Unit, person: Person) -> Portrait:
    both = (joinedload(Succession.predecessor), joinedload(Succession.successor))
    query = sa.select(Succession).options(*both).order_by(Succession.on.desc(), Succession.id)
    mine = sa.or_(Succession.successor_id == unit.id, Succession.predecessor_id == unit.id)
    successions = session.scalars(query.where(mine)).all()
    rankings = sa.select(Ranking).where(Ranking.unit_id == unit.id)
    people = sa.select(sa.func.count(Person.id)).where(
        Person.unit_id.in_(Unit.ids_under(unit.path))
    )
    return Portrait(
        chain=chain(session, unit, person),
        predecessors=[one for one in successions if one.successor_id == unit.id],
        successors=[one for one in successions if one.predecessor_id == unit.id],
        rankings=session.scalars(rankings.order_by(Ranking.as_of.desc(), Ranking.id)).all(),
        people=session.scalar(people) or 0,
    )
