"""What the pickers of forms offer: the rows a person may see, few at once or by searching."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Flask, abort, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, permits, visible
from drills.core import clock
from drills.core.orm import contains
from drills.core.text import fold
from drills.extensions import db
from drills.units.models import Unit
from drills.web.access import requires
from drills.web.session import current_person

bp = Blueprint("pick", __name__)

FEW = 300
"""More rows than this are not sent with every form but searched for."""
FOUND_MAX = 50
BETWEEN = " · "


def _all(_on: date) -> sa.ColumnElement[bool]:
    return sa.true()


@dataclass(frozen=True, eq=False)
class Source:
    """Rows of ``model`` to pick from, each reading ``name · note``.

    ``key`` is the last part of the address ``/pick/<key>``; empty: the rows are always few.
    """

    key: str
    model: Any
    name: Any
    note: Any
    order: Any
    search: Any
    code: Any
    """What a row is also known by when it is typed instead of chosen."""
    offered: Callable[[date], sa.ColumnElement[bool]] = _all
    """Which rows may be chosen anew on a day; those already chosen stay."""
    joins: Any = None
    permission: Permission = Permission.HOME_VIEW
    """What those who search these rows must be permitted."""

    def rows(self) -> sa.Select[Any]:
        """Id, name, note and code of what the person at hand may see and choose today."""
        seen = visible(self.model, current_person()).where(
            self.offered(clock.today(get_timezone()))
        )
        return self._narrow(seen).order_by(self.order, self.model.id)

    def _narrow(self, query: sa.Select[Any]) -> sa.Select[Any]:
        narrowed: Any = query.with_only_columns(self.model.id, self.name, self.note, self.code)
        joined: sa.Select[Any] = narrowed.join(self.joins) if self.joins is not None else narrowed
        return joined

    def few(self) -> Mapping[int, str] | None:
        """All rows by id, or None if they are too many. Asked for once per request."""
        known: dict[Any, Any] = g.setdefault("pick", {})
        if self not in known:
            query = self.rows() if not self.key else self.rows().limit(FEW + 1)
            rows = {row[0]: _label(row) for row in db.session.execute(query)}
            known[self] = None if self.key and len(rows) > FEW else rows
        found: Mapping[int, str] | None = known[self]
        return found

    def labels(self, ids: Collection[int]) -> dict[int, str]:
        """The rows already chosen, whether or not they may be chosen anew."""
        if not ids:
            return {}
        query = self._narrow(sa.select(self.model)).where(self.model.id.in_(ids))
        return {row[0]: _label(row) for row in db.session.execute(query)}

    def allowed(self, ids: Collection[int]) -> set[int]:
        """Those of ``ids`` that the person at hand may choose."""
        rows = self.rows().where(self.model.id.in_(ids))
        return {row[0] for row in db.session.execute(rows)} if ids else set()

    def named(self, text: str) -> list[int]:
        """The rows whose code, name or whole label is ``text``; accents and case do not matter."""
        wanted = fold(text)
        name = wanted.partition(BETWEEN)[0]
        query = self.rows().where(contains(self.search, name)).order_by(None)
        rows = db.session.execute(query.order_by(sa.func.length(self.name)).limit(200)).all()
        return [
            row[0]
            for row in rows
            if wanted in {fold(row[1]), fold(_label(row)), fold(row[3] or "")}
        ]


def _label(row: Any) -> str:
    return f"{row[1]}{BETWEEN}{row[2]}" if row[2] else str(row[1])


def still_there(on: date) -> sa.ColumnElement[bool]:
    return sa.or_(Unit.active_to.is_(None), Unit.active_to >= on)


UNITS = Source("units", Unit, Unit.name, Unit.code, Unit.sort, Unit.search, Unit.code, still_there)


def _kept(_on: date) -> sa.ColumnElement[bool]:
    return Person.removed_at.is_(None)


PEOPLE = Source(
    "people",
    Person,
    Person.name,
    Unit.name,
    Person.sort,
    Person.search,
    Person.email,
    offered=_kept,
    joins=Person.unit,
)
SOURCES = (UNITS, PEOPLE)


def offer(app: Flask, *sources: Source) -> None:
    """Answer searches in ``sources``, besides those known here."""
    app.extensions["pick"] = {source.key: source for source in (*SOURCES, *sources)}


@bp.get("/pick/<key>")
@requires(Permission.HOME_VIEW)
def find(key: str) -> ResponseReturnValue:
    """``{"items": [{"id": 7, "text": "Sở Y tế · SYT"}]}`` for ``?q=``."""
    source: Source = current_app.extensions["pick"].get(key) or abort(404)
    if not permits(current_person(), source.permission):
        abort(403)
    query = source.rows().where(contains(source.search, fold(request.args.get("q", ""))))
    rows = db.session.execute(query.limit(FOUND_MAX))
    return jsonify(items=[{"id": row[0], "text": _label(row)} for row in rows])
