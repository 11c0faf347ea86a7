"""Slots as a table that queries join."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.core.orm import UtcDateTime
from drills.reminders.services.slots import Slot

_COLUMNS: dict[str, Any] = {
    "n": sa.Integer(),
    "subject_id": sa.Integer(),
    "rule_id": sa.Integer(),
    "anchor_at": UtcDateTime(),
    "anchor_on": sa.Date(),
    "due_at": UtcDateTime(),
    "useful_until": UtcDateTime(),
    "head": sa.String(),
    "tail": sa.String(),
    "unit_id": sa.Integer(),
}


def table_of(session: Session, some: Iterable[Slot], name: str = "slot") -> sa.CTE:
    """The slots as a table to join: one parameter, however many they are."""
    data = json.dumps([_written(n, slot) for n, slot in enumerate(some)])
    if session.get_bind().dialect.name == "sqlite":
        each = sa.func.json_each(sa.literal(data, sa.String)).table_valued("value")
        parts: Iterable[Any] = (
            sa.func.json_extract(each.c.value, f"$[{n}]") for n in range(len(_COLUMNS))
        )
    else:
        given = sa.func.json_array_elements(sa.cast(sa.literal(data, sa.String), sa.JSON))
        each = given.table_valued(sa.column("value", sa.JSON))
        parts = (
            sa.cast(sa.func.json_extract_path_text(each.c.value, str(n)), type_)
            for n, type_ in enumerate(_COLUMNS.values())
        )
    columns = (
        sa.type_coerce(part, type_).label(column)
        for part, (column, type_) in zip(parts, _COLUMNS.items(), strict=True)
    )
    return sa.select(*columns).cte(name).prefix_with("MATERIALIZED")


def _written(n: int, slot: Slot) -> tuple[Any, ...]:
    """In the order of the columns."""
    subject_id, rule_id, anchor_at, anchor_on, due_at, useful_until, *rest = slot
    day = anchor_on.isoformat() if anchor_on else None
    moments = _moment(due_at), _moment(useful_until)
    return (n, subject_id, rule_id, _moment(anchor_at), day, *moments, *rest)


def _moment(found: datetime | None) -> str | None:
    """As a database stores it."""
    if found is None:
        return None
    return found.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
