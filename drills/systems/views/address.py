"""The list in the address: its filters read from the query, and addresses of other lists."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import request, url_for
from flask_babel import get_timezone
from flask_babel import gettext as _

from drills.core import clock
from drills.extensions import db
from drills.systems.models import (
    CONDITIONS,
    LEVELS,
    PLAN_STATES,
    REVIEWS,
    SORTS,
    STANDINGS,
    SYSTEM_KINDS,
    SYSTEM_STATUSES,
    Approval,
    Filters,
    PlanState,
    SystemKind,
    SystemStatus,
    remembered,
)
from drills.units.models import Tier
from drills.web.language import spoken

KEYS = (
    "q",
    "level",
    "approval",
    "condition",
    "status",
    "kind",
    "tier",
    "plan",
    "unit",
    "unit-text",
    "owner",
    "review",
)
Query = dict[str, Any]


def filters() -> Filters:
    """What the address asks for; anything it cannot mean is passed over."""
    given = request.args
    sort = given.get("sort", "")
    levels = [int(v) for v in values("level") if v.isdecimal() and int(v) in (0, *LEVELS)]
    return Filters(
        on=clock.today(get_timezone()),
        words=given.get("q", "").strip()[:200],
        levels=tuple(levels),
        approvals=_known("approval", {*STANDINGS, *Approval}),
        statuses=_known("status", set(SystemStatus)),
        kinds=_known("kind", set(SystemKind)),
        unit_id=given.get("unit", type=int),
        unit_words=given.get("unit-text", "").strip()[:200],
        owner_id=given.get("owner", type=int),
        tiers=tuple(sorted(set(values("tier"))))[:20],
        plans=_known("plan", {*PlanState, "none"}),
        conditions=_known("condition", set(CONDITIONS)),
        review=given.get("review", "") if given.get("review", "") in REVIEWS else "",
        sort=sort if sort.removeprefix("-") in SORTS else "due",
    )


def values(key: str) -> list[str]:
    """``?level=3&level=4`` and ``?level=3,4`` alike."""
    return [part for text in request.args.getlist(key) for part in text.split(",")]


def _known(key: str, known: set[Any]) -> tuple[str, ...]:
    return tuple(value for value in values(key) if value in known)


def options() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The filters of several values: name, label, and what may be chosen."""
    levels = [(str(n), _("Level %(number)s", number=n)) for n in reversed(LEVELS)]
    return [
        ("level", _("Level"), [*levels, ("0", _("not determined"))]),
        ("approval", _("Approval"), _named(STANDINGS)),
        ("condition", _("State of the decision"), _named(CONDITIONS)),
        ("status", _("Operating status"), _named(SYSTEM_STATUSES)),
        ("kind", _("Type"), _named(SYSTEM_KINDS)),
        ("tier", _("Tier"), _tiers()),
        ("plan", _("Security plan"), [*_named(PLAN_STATES), ("none", _("not told"))]),
        ("review", _("Review due"), _named(REVIEWS)),
    ]


def _named(labels: Any) -> list[tuple[str, str]]:
    return [(str(key), _(label)) for key, label in labels.items()]


def _tiers() -> list[tuple[str, str]]:
    """Read once for each state of the register."""
    query = sa.select(Tier.code, Tier.name_vi, Tier.name_en).order_by(Tier.position)
    rows = remembered(db.session, "tiers", lambda: db.session.execute(query).all())
    is_english = spoken() == "en"
    return [(code, english if is_english else name) for code, name, english in rows]


def query(**changes: Any) -> Query:
    """The query of the list at hand, changed; None leaves a key out, any change the page."""
    kept: Query = request.args.to_dict(flat=False)
    if changes:
        kept.pop("page", None)
    kept |= changes
    return {key: value for key, value in kept.items() if value not in (None, "", [], [""])}


def saved() -> str:
    """The list at hand as a view keeps it: without the number of its page."""
    kept = {key: value for key, value in query().items() if key not in {"page", "view"}}
    return urlencode(kept, doseq=True)


def listed(**changes: Any) -> str:
    return url_for("systems.index", **query(**changes))


def bare() -> str:
    """The list without a filter, in the same order."""
    return listed(**dict.fromkeys(KEYS), sort=request.args.get("sort", "due"))


VIEWS: dict[str, Query] = {
    "all": {},
    "high": {"level": ["3", "4", "5"]},
    "appraised": {"approval": ["appraised"]},
    "sent": {"approval": ["sent"]},
    "soon": {"review": ["30"]},
    "changed": {"condition": ["changed"]},
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
