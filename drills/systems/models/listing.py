"""The pages of the list, and what stands before and after a system in it.

The whole register in an order that an index has is walked along that index. Any other list is
put in order once, its ids remembered until the register changes, and its pages cut from them.
"""

from array import array
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, contains_eager

from drills.accounts.models import Person
from drills.systems.models.record import InformationSystem
from drills.systems.models.register import Filters
from drills.systems.models.remembered import remembered, was_asked
from drills.systems.models.tallies import Tally, scope_of
from drills.units.models import Unit

System = InformationSystem
_WALKED: dict[str, tuple[Any, ...]] = {
    "due": (System.review_due_on, System.sort, System.id),
    "name": (System.sort, System.id),
    "code": (System.code,),
}
"""The orders that an index has."""


def page(
    session: Session, filters: Filters, person: Person, found: Tally, *, size: int, skip: int
) -> list[InformationSystem]:
    """A page with its units and people, however deep it lies."""
    if _is_walked(filters, person):
        return _walk(session, filters, found, size=size, skip=skip)
    if was_asked(session, _key(filters, person)):
        return loaded(session, ordered(session, filters, person)[skip : skip + size])
    ids = filters.rows(person).with_only_columns(System.id).limit(size).offset(skip).subquery()
    query = _whole().join(ids, System.id == ids.c.id).order_by(*filters.ordering())
    return list(session.scalars(query).unique())


def loaded(session: Session, ids: Sequence[int]) -> list[InformationSystem]:
    """The systems of these ids, in their order, with units and people."""
    query = _whole().where(System.id.in_(ids))
    found = {system.id: system for system in session.scalars(query).unique()} if ids else {}
    return [found[identity] for identity in ids if identity in found]


def _whole() -> sa.Select[Any]:
    owner, operator, responsible = aliased(Unit), aliased(Unit), aliased(Person)
    return (
        sa.select(System)
        .join(owner, System.owner_id == owner.id)
        .join(operator, System.operator_id == operator.id)
        .outerjoin(responsible, System.responsible_id == responsible.id)
        .options(
            contains_eager(System.owner.of_type(owner)).lazyload(owner.tier),
            contains_eager(System.operator.of_type(operator)).lazyload(operator.tier),
            contains_eager(System.responsible.of_type(responsible)).lazyload(responsible.grants),
        )
    )


def ordered(session: Session, filters: Filters, person: Person) -> "array[int]":
    """The ids of the whole list, in its order."""

    def read() -> "array[int]":
        query = filters.rows(person).with_only_columns(System.id)
        return array("q", session.scalars(query))

    return remembered(session, _key(filters, person), read, lambda ids: len(ids) + 50)


def _key(filters: Filters, person: Person) -> tuple[Any, ...]:
    return "ids", scope_of(person), filters


def _is_walked(filters: Filters, person: Person) -> bool:
    return person.sees_all and filters.sort in _WALKED and not filters.is_narrowed


def _walk(
    session: Session, filters: Filters, found: Tally, *, size: int, skip: int
) -> list[InformationSystem]:
    """Along the index from its nearer end; what has no review day comes after what has one."""
    columns = _WALKED[filters.sort]
    if filters.sort != "due":
        cuts = [_cut(sa.true(), columns, found.views["all"], size=size, skip=skip)]
    else:
        due, dated = System.review_due_on, found.dated
        behind, left = max(skip - dated, 0), size - max(min(size, dated - skip), 0)
        undated = found.views["all"] - dated
        cuts = [
            _cut(due.is_not(None), columns, dated, size=size, skip=skip),
            _cut(due.is_(None), columns[1:], undated, size=left, skip=behind),
        ]
    wanted = [cut for cut in cuts if cut is not None]
    if not wanted:
        return []
    ids = sa.union_all(*(sa.select(cut.subquery()) for cut in wanted)).subquery()
    query = _whole().join(ids, System.id == ids.c.id).order_by(*filters.ordering())
    return list(session.scalars(query).unique())


def _cut(
    where: sa.ColumnElement[bool], columns: Sequence[Any], total: int, *, size: int, skip: int
) -> Any:
    """The ids from ``skip`` on, counted from the nearer end; None where there are none."""
    size = max(min(size, total - skip), 0)
    if not size:
        return None
    is_backwards = skip > total // 2
    order = [column.desc() for column in columns] if is_backwards else columns
    offset = total - skip - size if is_backwards else skip
    return sa.select(System.id).where(where).order_by(*order).limit(size).offset(offset)


def neighbours(
    session: Session, system: InformationSystem, filters: Filters, person: Person
) -> tuple[int | None, int | None]:
    """The ids before and after ``system`` in the list that ``filters`` describe."""
    if _is_walked(filters, person):
        query = sa.select(
            _next(system, filters.sort, is_backwards=True), _next(system, filters.sort)
        )
        before, after = session.execute(query).one()
        return before, after
    ids = ordered(session, filters, person)
    if system.id not in ids:
        return None, None
    place = ids.index(system.id)
    return (ids[place - 1] if place else None), (ids[place + 1] if place + 1 < len(ids) else None)


def _next(system: InformationSystem, sort: str, *, is_backwards: bool = False) -> Any:
    """The id beside ``system`` along the index, each way."""
    columns = _WALKED[sort]
    if sort != "due":
        return _beside(system, sa.true(), columns, is_backwards=is_backwards)
    due = System.review_due_on
    if system.review_due_on is None:
        beside = _beside(system, due.is_(None), columns[1:], is_backwards=is_backwards)
        last = sa.select(System.id).where(due.is_not(None))
        last = last.order_by(*(column.desc() for column in columns)).limit(1)
        return sa.func.coalesce(beside, last.scalar_subquery()) if is_backwards else beside
    beside = _beside(system, due.is_not(None), columns, is_backwards=is_backwards)
    first = sa.select(System.id).where(due.is_(None)).order_by(*columns[1:]).limit(1)
    return beside if is_backwards else sa.func.coalesce(beside, first.scalar_subquery())


def _beside(
    system: InformationSystem,
    where: sa.ColumnElement[bool],
    columns: Sequence[Any],
    *,
    is_backwards: bool,
) -> Any:
    here = sa.tuple_(*(sa.literal(getattr(system, c.key), c.type) for c in columns))
    row = sa.tuple_(*columns)
    beyond = row < here if is_backwards else row > here
    order = [column.desc() for column in columns] if is_backwards else columns
    return sa.select(System.id).where(where, beyond).order_by(*order).limit(1).scalar_subquery()
