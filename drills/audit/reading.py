"""What entries say was changed, in the reader's words: names instead of numbers and codes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from drills.audit import words
from drills.audit.models import Entry
from drills.audit.services import label
from drills.core.orm import Base, UtcDateTime
from drills.core.text import name_of
from drills.web.filters import day, moment

Change = tuple[str, str, str]
"""Field, before, after: for ``ui.changes``."""
NAMED = frozenset({"person", "unit", "system", "team", "drill", "reminder_rule", "regime"})
"""Tables whose rows are named where a field refers to them; what a row of another is called may
be what its reader must not know."""
CHUNK = 10_000
"""A statement takes only so many parameters; a file of the trail may name more rows."""


class Reading:
    """Reads ``entries``, each of which changed a thing of this table; a query for each table that
    their fields refer to. ``fields`` are names of columns that go before those of the trail.
    """

    def __init__(
        self, session: Session, entries: Iterable[Entry], fields: Mapping[str, str] | None = None
    ) -> None:
        self.fields = words.FIELDS | dict(fields or {})
        self.names = _names(session, entries)

    def changes(self, entry: Entry) -> list[Change]:
        found = []
        for name, value in entry.changes.items():
            pair = value if isinstance(value, list) and len(value) == 2 else ("", value)
            before, after = (self._said(entry.subject_kind, name, one) for one in pair)
            found.append((_(self.fields.get(name, name)), before, after))
        return found

    def _said(self, kind: str, name: str, value: Any) -> str:
        text = "" if value is None else str(value)
        column = _column(kind, name)
        if not text or column is None:
            return _word(name, text)
        if target := _target(column):
            return self.names.get((target, text), text)
        if isinstance(column.type, sa.Enum) and column.type.enum_class:
            known = name_of(column.type.enum_class, text)
            return _(known) if known else _word(name, text)
        return _day_or_moment(column, text) or _word(name, text)


def _column(kind: str, name: str) -> sa.Column[Any] | None:
    table = Base.metadata.tables.get(kind)
    return table.columns.get(name) if table is not None else None


def _target(column: sa.Column[Any]) -> str:
    """The table a column refers to, if its rows are named."""
    tables = {key.column.table.name for key in column.foreign_keys}
    return next(iter(tables & NAMED), "")


def _names(session: Session, entries: Iterable[Entry]) -> dict[tuple[str, str], str]:
    ids: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        for name, value in entry.changes.items():
            column = _column(entry.subject_kind, name)
            if column is not None and (target := _target(column)):
                numbers = value if isinstance(value, list) else [value]
                ids[target] |= {int(one) for one in map(str, numbers) if one.isdecimal()}
    found: dict[tuple[str, str], str] = {}
    for target, wanted in ids.items():
        table, every = Base.metadata.tables[target], sorted(wanted)
        columns = [table.c[name] for name in ("id", "code", "title", "name") if name in table.c]
        for first in range(0, len(every), CHUNK):
            some = table.c.id.in_(every[first : first + CHUNK])
            rows = session.execute(sa.select(*columns).where(some))
            found |= {(target, str(row.id)): label(row) for row in rows}
    return found


def _word(name: str, text: str) -> str:
    is_known = text in words.VALUES and (name in words.CHOSEN or text in {"True", "False"})
    return _(words.VALUES[text]) if is_known else text


def _day_or_moment(column: sa.Column[Any], text: str) -> str:
    try:
        if isinstance(column.type, UtcDateTime):
            return moment(datetime.fromisoformat(text))
        return day(date.fromisoformat(text)) if isinstance(column.type, sa.Date) else ""
    except ValueError:
        return ""
