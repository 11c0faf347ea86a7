"""Taking a merger back, as long as nothing new has been decided upon it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError, NotAllowedNow
from drills.core.orm import Base, Settles
from drills.core.text import N_
from drills.units.models import Succession, Unit
from drills.units.services.mergers import SUB_UNITS
from drills.units.services.tree import place

NAMES_SHOWN = 5
_AT_ONCE = 1000
"""Ids in one statement; SQLite takes some thirty thousand."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a merger stands. ``message`` is a msgid with a place for ``%(names)s``."""

    message: str
    names: str = ""


def obstacles(session: Session, succession: Succession) -> list[Obstacle]:
    """Everything that stands against undoing; none: it can be undone."""
    if succession.merged_at is None:
        return [Obstacle(N_("It was loaded as history: nothing was moved that could go back."))]
    found = [*_of_the_units(session, succession), *_moved_again(session, succession)]
    return found + [
        obstacle
        for model, attribute, target, what in _settling()
        for obstacle in _settled(session, succession, model, attribute, target, what)
    ]


def undo_merger(
    session: Session, succession: Succession, reason: str, *, by: Person | None
) -> None:
    """Everything that moved goes back, and the unit is active again.

    NotAllowedNow says the first thing that stands against it.
    """
    if not reason:
        raise DomainError(N_("Say why the merger is undone."))
    for obstacle in obstacles(session, succession):
        raise NotAllowedNow(obstacle.message, names=obstacle.names)
    predecessor, successor = succession.predecessor, succession.successor
    for name, ids in succession.moved.items():
        if name != SUB_UNITS:
            _move_back(session, name, ids, predecessor.id)
    session.expire_all()
    for child in _children(session, succession):
        place(session, child, predecessor.id)
        session.flush()
    predecessor.active_to = succession.predecessor_until
    changes = {key: [str(len(ids)), ""] for key, ids in succession.moved.items()}
    changes |= {"decision": [succession.decision, ""], "reason": ["", reason]}
    session.delete(succession)
    after = {"successor": [audit.label(successor), ""], **changes}
    before = {"predecessor": [audit.label(predecessor), ""], **changes}
    audit.record(session, "merger undone", predecessor, by=by, changes=after)
    audit.record(session, "merger undone", successor, by=by, changes=before)


def _of_the_units(session: Session, succession: Succession) -> Iterator[Obstacle]:
    predecessor, successor = succession.predecessor, succession.successor
    later = sa.select(Succession.id).where(Succession.predecessor_id == successor.id)
    if session.scalar(later.limit(1)):
        yield Obstacle(N_("“%(names)s” itself has been merged since."), successor.name)
    if predecessor.active_to != succession.on - timedelta(days=1):
        yield Obstacle(N_("The dates of “%(names)s” were changed since."), predecessor.name)


def _moved_again(session: Session, succession: Succession) -> Iterator[Obstacle]:
    """Rows that belong to somebody else by now; what was deleted since is no matter."""
    names: list[str] = []
    for name, ids in succession.moved.items():
        table, column = _column(name)
        for some in _parts(ids):
            gone = sa.and_(table.c.id.in_(some), column.is_distinct_from(succession.successor_id))
            names += _names(session, _models()[table.name], gone)
    if names:
        yield Obstacle(N_("Moved again since: %(names)s."), _listed(list(dict.fromkeys(names))))


def _settled(
    session: Session,
    succession: Succession,
    model: Any,
    attribute: Any,
    target: str,
    what: Settles,
) -> Iterator[Obstacle]:
    """Rows of ``model`` made since the merger that refer to the successor or to what moved."""
    is_new = getattr(model, what.since) > succession.merged_at
    names = []
    for some in _parts(_referred(succession, target)):
        names += _names(session, model, sa.and_(is_new, attribute.in_(some)), what)
    if names:
        yield Obstacle(what.message, _listed(names))


def _referred(succession: Succession, target: str) -> list[int]:
    if target == "unit":
        return [succession.successor_id]
    found: set[int] = set()
    for name, ids in succession.moved.items():
        if name.partition(".")[0] == target:
            found.update(ids)
    return sorted(found)


def _settling() -> list[tuple[Any, Any, str, Settles]]:
    """Model, attribute, table referred to and meaning of every column marked as settling."""
    return [
        (model, getattr(model, mapper.get_property_by_column(column).key), _target(column), what)
        for _name, model in sorted(_models().items())
        for mapper in [sa.inspect(model)]
        for column in mapper.local_table.columns
        if (what := column.info.get("settles"))
    ]


def _target(column: Any) -> str:
    (key,) = column.foreign_keys
    return str(key.column.table.name)


def _models() -> dict[str, Any]:
    return {str(m.local_table.name): m.class_ for m in Base.registry.mappers}  # type: ignore[attr-defined]


def _column(name: str) -> tuple[sa.Table, Any]:
    table_name, _dot, column_name = name.partition(".")
    table = Base.metadata.tables[table_name]
    return table, table.c[column_name]


def _names(session: Session, model: Any, condition: Any, what: Settles | None = None) -> list[str]:
    query = sa.select(model).where(condition).order_by(model.id).limit(NAMES_SHOWN + 1)
    rows = session.scalars(query).unique()
    return [what.name(row) if what and what.name else audit.label(row) for row in rows]


def _listed(names: list[str]) -> str:
    return ", ".join(names[:NAMES_SHOWN]) + (" …" if len(names) > NAMES_SHOWN else "")


def _move_back(session: Session, name: str, ids: list[int], unit_id: int) -> None:
    """Whoever has such a row open is told it has changed."""
    table, column = _column(name)
    values: dict[str, Any] = {column.name: unit_id}
    if "version" in table.c:
        values["version"] = table.c.version + 1
    for some in _parts(ids):
        session.execute(sa.update(table).where(table.c.id.in_(some)).values(values))


def _parts(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _children(session: Session, succession: Succession) -> list[Unit]:
    ids = succession.moved.get(SUB_UNITS, [])
    return list(session.scalars(sa.select(Unit).where(Unit.id.in_(ids)).order_by(Unit.id)))
