"""Home, the figures of a year, and search: pages that only read."""

from typing import Any

from flask import abort, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.extensions import db
from drills.obligations import fresh
from drills.reports import home as home_page
from drills.reports import search as finding
from drills.reports import year as year_page
from drills.reports.views.blueprint import bp
from drills.web.access import requires
from drills.web.session import current_person


@bp.get("/")
@requires(Permission.HOME_VIEW)
def home() -> ResponseReturnValue:
    fresh.refresh()
    year = request.args.get("year", type=int)
    page = home_page.gather(db.session, current_person(), clock.now(), get_timezone(), year)
    return render_template("reports/home.html", page=page)


@bp.get("/reports/<int:year>/")
@requires(Permission.SYSTEM_VIEW)
def year(year: int) -> ResponseReturnValue:
    if not 1990 <= year <= 2200:
        abort(404)
    page = year_page.gather(db.session, current_person(), clock.now(), get_timezone(), year)
    return render_template("reports/year.html", page=page)


@bp.get("/search")
@requires(Permission.SEARCH)
def search() -> ResponseReturnValue:
    """Everything found; the exact code of one thing leads straight to it."""
    words = request.args.get("q", "").strip()
    groups = finding.find(db.session, current_person(), words, limit=20)
    exact = finding.exact(groups, words)
    if exact:
        return redirect(exact.href)
    shown: dict[str, Any] = {"words": words, "groups": groups}
    return render_template("search/results.html", **shown)


@bp.get("/search.json")
@requires(Permission.SEARCH)
def search_json() -> ResponseReturnValue:
    """``{"groups": [{"label": "Systems", "items": [{"label": …, "hint": …, "href": …}]}]}``."""
    groups = finding.find(db.session, current_person(), request.args.get("q", ""), limit=5)
    return jsonify(
        groups=[
            {
                "label": group.label,
                "items": [
                    {"label": f.label, "hint": f.hint, "href": f.href} for f in group.items_found
                ],
            }
            for group in groups
            if group.items_found
        ]
    )
