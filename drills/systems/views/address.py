"""The list in the address: its filters read from the query, and addresses of other lists."""

from dataclasses import replace
from typing import Any

from flask import request, url_for
from flask_babel import get_timezone

from drills.core import clock
from drills.systems.models import (
    LEVELS,
    REVIEWS,
    SORTS,
    STANDINGS,
    Approval,
    Filters,
    SystemKind,
    SystemStatus,
)

KEYS = ("q", "level", "approval", "status", "kind", "unit", "unit-text", "review")
Query = dict[str, Any]


def filters() -> Filters:
    """What the address asks for; anything it cannot mean is passed over."""
    given = request.args
    sort = given.get("sort", "")
    levels = [int(v) for v in _values("level") if v.isdecimal() and int(v) in (0, *LEVELS)]
    return Filters(
        on=clock.today(get_timezone()),
        words=given.get("q", "").strip()[:200],
        levels=tuple(levels),
        approvals=_known("approval", {*STANDINGS, *Approval}),
        statuses=_known("status", set(SystemStatus)),
        kinds=_known("kind", set(SystemKind)),
        unit_id=given.get("unit", type=int),
        unit_words=given.get("unit-text", "").strip()[:200],
        review=given.get("review", "") if given.get("review", "") in REVIEWS else "",
        sort=sort if sort.removeprefix("-") in SORTS else "due",
    )


def _values(key: str) -> list[str]:
    """``?level=3&level=4`` and ``?level=3,4`` alike."""
    return [part for text in request.args.getlist(key) for part in text.split(",")]


def _known(key: str, known: set[Any]) -> tuple[str, ...]:
    return tuple(value for value in _values(key) if value in known)


def query(**changes: Any) -> Query:
    """The query of the list at hand, changed; None leaves a key out, any change the page."""
    kept: Query = request.args.to_dict(flat=False)
    if changes:
        kept.pop("page", None)
    kept |= changes
    return {key: value for key, value in kept.items() if value not in (None, "", [], [""])}


def listed(**changes: Any) -> str:
    return url_for("systems.index", **query(**changes))


def bare() -> str:
    """The list without a filter, in the same order."""
    return listed(**dict.fromkeys(KEYS))


VIEWS: dict[str, Query] = {
    "all": {},
    "high": {"level": ["3", "4", "5"]},
    "appraised": {"approval": ["appraised"]},
    "sent": {"approval": ["sent"]},
    "soon": {"review": ["30"]},
}


def current_view() -> str:
    """The key of the ready-made view whose filters the address has, no more and no fewer."""
    here = {key: value for key, value in query().items() if key in KEYS}
    return next((key for key, view in VIEWS.items() if view == here), "")


def sorted_by(key: str, now: Filters) -> tuple[str, str | None]:
    """Where the head of a column leads, and how the list is ordered by it."""
    if now.order != key:
        return listed(sort=key), None
    other = replace(now, sort=key if now.is_descending else f"-{key}")
    return listed(sort=other.sort), "descending" if now.is_descending else "ascending"
