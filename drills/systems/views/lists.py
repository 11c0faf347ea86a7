"""The register's list and its export."""

import io
from collections.abc import Sequence
from typing import Any

from flask import render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from drills.accounts.permissions import Permission
from drills.core import tabular
from drills.extensions import db
from drills.systems import services
from drills.systems.models import (
    LEVELS,
    REVIEWS,
    STANDINGS,
    SYSTEM_KINDS,
    SYSTEM_STATUSES,
    Filters,
    Tally,
    standing,
    tally,
)
from drills.systems.models import page as cut
from drills.systems.views import address
from drills.systems.views.blueprint import bp
from drills.web.access import requires
from drills.web.language import spoken
from drills.web.pages import PAGE_SIZE, PAGE_SIZE_MAX, Page
from drills.web.session import current_person

SWAP = "#register"
VIEW_LABELS = {
    "all": _l("All"),
    "high": _l("Level 3 and above"),
    "appraised": _l("Awaiting approval"),
    "sent": _l("Being appraised"),
    "soon": _l("Review within 30 days"),
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
    filters, person = address.filters(), current_person()
    found = tally(db.session, filters, person)
    page = _page(found.total)
    skip = (page.number - 1) * page.size
    page.items[:] = cut(db.session, filters, person, found, size=page.size, skip=skip)
    return render_template(
        "systems/index.html", page=page, filters=filters, found=found, **_around(filters, found)
    )


def _page(total: int) -> Page[Any]:
    size = min(max(request.args.get("size", PAGE_SIZE, type=int), 1), PAGE_SIZE_MAX)
    number = min(max(request.args.get("page", 1, type=int), 1), max(1, -(-total // size)))
    return Page([], total, number, size, request.args.to_dict(flat=False))


def _around(filters: Filters, found: Tally) -> dict[str, Any]:
    """What stands around the table: views, facets, the strip, the heads of its columns."""
    here = address.current_view()
    return {
        "views": [
            (
                label,
                url_for("systems.index", **address.VIEWS[key]),
                found.views[key],
                key == here,
            )
            for key, label in VIEW_LABELS.items()
        ],
        "facets": _facets(filters),
        "reviews": [("", _("Review due")), *((key, _(text)) for key, text in REVIEWS.items())],
        "strip": _strip(filters, found),
        "columns": _columns(filters),
        "clear": address.bare() if address.query().keys() & set(address.KEYS) else None,
        "query": address.query(),
        "standing": standing,
        "standings": STANDINGS,
        "states": STATES,
        "steps": STEPS,
        "swap": SWAP,
    }


def _facets(filters: Filters) -> list[dict[str, Any]]:
    levels = [(str(n), _("Level %(number)s", number=n)) for n in reversed(LEVELS)]
    levels.append(("0", _("not determined")))
    chosen = [str(level) for level in filters.levels]
    return [
        _facet("level", _("Level"), levels, chosen),
        _facet("approval", _("Approval"), _named(STANDINGS), filters.approvals),
        _facet("status", _("Operating status"), _named(SYSTEM_STATUSES), filters.statuses),
        _facet("kind", _("Type"), _named(SYSTEM_KINDS), filters.kinds),
    ]


def _named(labels: Any) -> list[tuple[str, str]]:
    return [(str(key), _(label)) for key, label in labels.items()]


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


def _columns(filters: Filters) -> list[dict[str, Any]]:
    heads = (
        ("name", _("System"), ""),
        ("level", _("Level"), ""),
        ("approval", _("Approval"), "hide-n"),
        ("", _("Progress"), "hide-n"),
        ("", _("Decision"), "hide-n"),
        ("due", _("Review due"), "hide-n"),
        ("", _("Responsible"), "hide-n"),
    )
    return [_head(key, filters) | {"label": label, "class": narrow} for key, label, narrow in heads]


def _head(key: str, filters: Filters) -> dict[str, Any]:
    if not key:
        return {}
    href, direction = address.sorted_by(key, filters)
    return {"href": href, "sort": direction, "swap": SWAP}


TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@bp.get("/export.<any(xlsx,csv):ending>")
@requires(Permission.SYSTEM_VIEW)
def export(ending: str) -> ResponseReturnValue:
    filters, language = address.filters(), spoken()
    rows = services.export_rows(db.session, filters, current_person(), language)
    target = io.BytesIO()
    headers = tabular.labels(services.COLUMNS, language)
    if ending == "csv":
        tabular.write_csv(target, headers, rows)
    else:
        tabular.write_xlsx(target, headers, rows, sheet=_("Register of systems"))
    name = _("systems")
    return sent_file(target, f"{name}-{filters.on:%Y-%m-%d}.{ending}", ending)


@bp.get("/template.xlsx")
@requires(Permission.SYSTEM_IMPORT)
def template() -> ResponseReturnValue:
    """An empty list to fill in: the headings, and a second sheet that explains them."""
    target, language = io.BytesIO(), spoken()
    notes = [
        (column.label(language), f"{_(services.HINTS[column.key][0])} {_example(column.key)}")
        for column in services.COLUMNS
    ]
    headers = tabular.labels(services.COLUMNS, language)
    tabular.write_xlsx(
        target,
        headers,
        [],
        sheet=_("Register of systems"),
        notes=notes,
        notes_sheet=_("How to fill it in"),
    )
    return sent_file(target, _("systems-template") + ".xlsx", "xlsx")


def _example(key: str) -> str:
    return str(_("Example: %(text)s", text=services.HINTS[key][1]))


def sent_file(target: io.BytesIO, name: str, ending: str) -> ResponseReturnValue:
    target.seek(0)
    return send_file(target, TYPES[ending], as_attachment=True, download_name=name)
