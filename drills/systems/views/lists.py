"""The register's list and its export."""

from collections.abc import Sequence
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, permits
from drills.extensions import db
from drills.systems.models import (
    PLAN_STATES,
    REVIEWS,
    STANDINGS,
    SYSTEM_KINDS,
    SYSTEM_STATUSES,
    Filters,
    SavedView,
    Tally,
    standing,
    tally,
    views_of,
)
from drills.systems.models import page as cut
from drills.systems.views import address, shown
from drills.systems.views.blueprint import bp
from drills.web.access import requires
from drills.web.pages import PAGE_SIZE, PAGE_SIZE_MAX, Page
from drills.web.session import current_person

SWAP = "#register"
VIEW_LABELS = {
    "all": _l("All"),
    "high": _l("Level 3 and above"),
    "appraised": _l("Awaiting approval"),
    "sent": _l("Being appraised"),
    "soon": _l("Review within 30 days"),
    "changed": _l("Changed since the decision"),
}
STRIP = {"none": "", "drafting": "", "sent": "w", "appraised": "n", "valid": "d", "overdue": "x"}
STATES = {
    "none": "idle",
    "drafting": "idle",
    "sent": "work",
    "appraised": "turn",
    "valid": "done",
    "overdue": "late",
}
STEPS = {
    "none": "----",
    "drafting": "n---",
    "sent": "dn--",
    "appraised": "ddn-",
    "valid": "dddd",
    "overdue": "dddx",
}


@bp.get("/")
@requires(Permission.SYSTEM_VIEW)
def index() -> ResponseReturnValue:
    person = current_person()
    views = views_of(db.session, person)
    if not request.query_string and (href := _default(views, person)):
        return redirect(href)
    filters = address.filters()
    found = tally(db.session, filters, person)
    page = _page(found.total)
    skip = (page.number - 1) * page.size
    page.items[:] = cut(db.session, filters, person, found, size=page.size, skip=skip)
    around = _around(filters, found) | {"saved": _saved(views)}
    response = make_response(
        render_template("systems/index.html", page=page, filters=filters, found=found, **around)
    )
    shown.remember(response)
    return response


def _default(views: Sequence[SavedView], person: Person) -> str:
    """The list that this person wants to see first, if they have saved one."""
    found = [view for view in views if view.is_default and view.owner_id == person.id]
    return f"{url_for('systems.index')}?{found[0].query}" if found and found[0].query else ""


def _page(total: int) -> Page[Any]:
    size = min(max(request.args.get("size", PAGE_SIZE, type=int), 1), PAGE_SIZE_MAX)
    number = min(max(request.args.get("page", 1, type=int), 1), max(1, -(-total // size)))
    return Page([], total, number, size, request.args.to_dict(flat=False))


def _around(filters: Filters, found: Tally) -> dict[str, Any]:
    """What stands around the table: views, facets, the strip, the heads of its columns."""
    here = address.current_view()
    has_ticks = permits(current_person(), Permission.SYSTEM_EDIT) and found.total > 0
    return {
        "views": [
            (
                label,
                url_for("systems.index", **(address.VIEWS[key] or {"sort": "due"})),
                found.views[key],
                key == here,
            )
            for key, label in VIEW_LABELS.items()
        ],
        "facets": _facets(),
        "reviews": [("", _("Review due")), *((key, _(text)) for key, text in REVIEWS.items())],
        "strip": _strip(filters, found),
        "columns": shown.table_heads(filters, swap=SWAP, has_ticks=has_ticks),
        "chosen": shown.chosen(),
        "heads": shown.HEADS,
        "kinds": SYSTEM_KINDS,
        "statuses": SYSTEM_STATUSES,
        "plans": PLAN_STATES,
        "has_ticks": has_ticks,
        "saved_query": address.saved(),
        "export_all": url_for("systems.export", ending="xlsx", **address.query(columns=shown.ALL)),
        "clear": address.bare() if address.query().keys() & set(address.KEYS) else None,
        "query": address.query(),
        "standing": standing,
        "standings": STANDINGS,
        "states": STATES,
        "steps": STEPS,
        "swap": SWAP,
    }


def _facets() -> list[dict[str, Any]]:
    return [
        _facet(name, label, options, address.values(name))
        for name, label, options in address.options()
        if name != "review"
    ]


def _facet(
    name: str, label: str, options: Sequence[tuple[str, str]], chosen: Sequence[str]
) -> dict[str, Any]:
    texts = [text for value, text in options if value in chosen]
    short = ", ".join(v for v, _text in reversed(options) if v in chosen and v != "0")
    words = short if name == "level" and "0" not in chosen else ", ".join(texts)
    return {
        "name": name,
        "label": label,
        "options": [(value, text, None, value in chosen) for value, text in options],
        "chosen": words or None,
        "clear": address.listed(**{name: None}),
    }


def _saved(views: Sequence[SavedView]) -> list[dict[str, Any]]:
    person = current_person()
    return [
        {
            "view": view,
            "href": f"{url_for('systems.index')}?{view.query or 'sort=due'}",
            "is_own": view.owner_id == person.id,
            "is_current": view.query == address.saved(),
        }
        for view in views
    ]


def _strip(filters: Filters, found: Tally) -> list[dict[str, Any]]:
    """A segment that is chosen already leads back to all of them."""
    return [
        {
            "count": found.by_standing[key],
            "label": _(label),
            "kind": STRIP[key],
            "href": address.listed(approval=None if filters.approvals == (key,) else [key]),
            "is_current": filters.approvals == (key,),
        }
        for key, label in STANDINGS.items()
    ]
