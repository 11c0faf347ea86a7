"""One unit takes over from others: what belongs to them moves, what happened stays theirs."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core import clock
from drills.core.errors import DomainError, NotAllowedNow
from drills.core.orm import Base
from drills.core.text import N_
from drills.units.models import Merger, Succession, Unit
from drills.units.services.tree import place

SUB_UNITS = "unit.parent_id"


def merge(
    session: Session, successor: Unit, merger: Merger, *, by: Person | None
) -> list[Succession]:
    """Let ``successor`` take over on ``merger.on`` from each predecessor.

    Rows that belong to a unit (people, systems, teams: every column marked as moving with its
    unit) and sub-units still active go over; each succession lists which. Drills and
    everything else that happened stay under the old name, which ends the day before.
    """
    query = sa.select(Unit).where(Unit.id.in_(merger.predecessor_ids)).order_by(Unit.id)
    predecessors = session.scalars(query).all()
    if not predecessors:
        raise DomainError(N_("Choose at least one unit to take over from."))
    if not successor.is_active(merger.on):
        raise NotAllowedNow(
            N_("“%(unit)s” is not active on that day. Choose another day or unit."),
            unit=successor.name,
        )
    for predecessor in predecessors:
        _check(predecessor, successor, merger)
        _refuse_twice(session, predecessor, successor)
    return [_take_over(session, one, successor, merger, by) for one in predecessors]


def _check(predecessor: Unit, successor: Unit, merger: Merger) -> None:
    name = predecessor.name
    if predecessor.id == successor.id:
        raise DomainError(N_("“%(unit)s” cannot take over from itself."), unit=name)
    if predecessor.parent_id is None:
        raise DomainError(N_("“%(unit)s” is the organisation itself and cannot end."), unit=name)
    if successor.lies_under(predecessor.path):
        raise DomainError(
            N_("“%(successor)s” lies under “%(unit)s”. Move it to another unit first, then merge."),
            unit=name,
            successor=successor.name,
        )
    if not predecessor.is_active(merger.on - timedelta(days=1)):
        raise NotAllowedNow(
            N_("“%(unit)s” is not active on the day before. Look at its dates."), unit=name
        )


def _refuse_twice(session: Session, predecessor: Unit, successor: Unit) -> None:
    """A unit that was brought back to life by its dates still is the one that was merged."""
    pair = Succession.predecessor_id == predecessor.id, Succession.successor_id == successor.id
    if session.scalar(sa.select(Succession.id).where(*pair)):
        raise NotAllowedNow(
            N_("“%(unit)s” was merged into “%(successor)s” before. Undo that merger first."),
            unit=predecessor.name,
            successor=successor.name,
        )


def _take_over(
    session: Session, predecessor: Unit, successor: Unit, merger: Merger, by: Person | None
) -> Succession:
    last = merger.on - timedelta(days=1)
    session.flush()
    moved = _move_rows(session, predecessor.id, successor.id)
    if children := _move_sub_units(session, predecessor, successor, merger):
        moved[SUB_UNITS] = children
    until, predecessor.active_to = predecessor.active_to, last
    succession = Succession(
        predecessor_id=predecessor.id,
        successor_id=successor.id,
        on=merger.on,
        decision=merger.decision,
        moved=moved,
        merged_at=clock.now(),
        predecessor_until=until,
    )
    session.add(succession)
    _note(session, predecessor, successor, succession, by)
    return succession


def _move_rows(session: Session, old: int, new: int) -> dict[str, Any]:
    """Every marked column of every table; whoever has such a row open is told it has changed."""
    moved: dict[str, Any] = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if not column.info.get("moves_with_unit"):
                continue
            query = sa.select(table.c.id).where(column == old).order_by(table.c.id)
            ids = list(session.scalars(query))
            if not ids:
                continue
            values: dict[str, Any] = {column.name: new}
            if "version" in table.c:
                values["version"] = table.c.version + 1
            session.execute(sa.update(table).where(column == old).values(values))
            moved[f"{table.name}.{column.name}"] = ids
    session.expire_all()
    return moved


def _move_sub_units(
    session: Session, predecessor: Unit, successor: Unit, merger: Merger
) -> list[int]:
    """Those still active go over; those that ended before remain part of the old tree."""
    still = sa.or_(Unit.active_to.is_(None), Unit.active_to >= merger.on)
    query = sa.select(Unit).where(Unit.parent_id == predecessor.id, still).order_by(Unit.id)
    children = session.scalars(query).all()
    for child in children:
        place(session, child, successor.id)
    session.flush()
    return [child.id for child in children]


def _note(
    session: Session,
    predecessor: Unit,
    successor: Unit,
    succession: Succession,
    by: Person | None,
) -> None:
    counts = {name: ["", str(len(ids))] for name, ids in succession.moved.items()}
    terms = {"on": ["", succession.on.isoformat()], "decision": ["", succession.decision]}
    after = {"successor": ["", audit.label(successor)], **terms, **counts}
    before = {"predecessor": ["", audit.label(predecessor)], **terms, **counts}
    audit.record(session, "merged", predecessor, by=by, changes=after)
    audit.record(session, "took over", successor, by=by, changes=before)
