"""The figures on security levels as of a day, and the systems behind each of them."""

import tempfile
from collections.abc import Callable
from datetime import date
from typing import IO

from flask import render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core import clock, tabular
from drills.core.days import read_day
from drills.extensions import db
from drills.obligations import fresh
from drills.reports import levels as page_of
from drills.reports.models.levels import SHARES, Narrowed
from drills.reports.views.blueprint import bp
from drills.systems.models import STANDINGS, SystemStatus
from drills.web import filters
from drills.web.access import requires
from drills.web.pages import PAGE_SIZE, Page
from drills.web.session import current_person

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def asked_day() -> date:
    """The day in the address, today for none, for one ahead and for what is no day."""
    today = clock.today(get_timezone())
    asked = read_day(request.args.get("on", ""), today)
    return min(asked, today) if asked else today


@bp.get("/reports/levels/")
@requires(Permission.SYSTEM_VIEW)
def levels() -> ResponseReturnValue:
    fresh.refresh()
    zone = get_timezone()
    today = clock.today(zone)
    page = page_of.gather(db.session, current_person(), asked_day(), today, zone)
    return render_template("reports/levels.html", page=page)


@bp.get("/reports/levels/list/")
@requires(Permission.SYSTEM_VIEW)
def level_list() -> ResponseReturnValue:
    found = _behind()
    last = max(1, -(-len(found.rows) // PAGE_SIZE))
    number = min(max(request.args.get("page", 1, type=int), 1), last)
    rows = found.rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    query = request.args.to_dict(flat=False)
    page = Page(rows, len(found.rows), number, query=query)
    return render_template(
        "reports/level_list.html", found=found, page=page, standings=STANDINGS, query=query
    )


@bp.get("/reports/levels/list.xlsx")
@requires(Permission.SYSTEM_VIEW)
def level_list_xlsx() -> ResponseReturnValue:
    found = _behind()
    notes = [
        (_("As of"), filters.day(found.on)),
        (_("Filter"), found.words or _("all systems in use")),
        (_("Scope"), current_person().scope.name),
        (_("Made"), f"{filters.moment(clock.now())}, {current_person().name}"),
    ]
    return sent(
        lambda target: tabular.write_xlsx(
            target,
            page_of.headings(),
            page_of.lines(found),
            sheet=_("Systems"),
            notes=notes,
            notes_sheet=_("About this list"),
        ),
        f"{_('systems')}-{found.on:%Y-%m-%d}.xlsx",
    )


def _behind() -> page_of.ListPage:
    return page_of.behind(db.session, current_person(), asked_day(), get_timezone(), _narrowed())


def _narrowed() -> Narrowed:
    """What the address asks for; anything it cannot mean is passed over."""
    given = request.args
    share, status = given.get("share", ""), given.get("status", "")
    return Narrowed(
        level=given.get("level", type=int),
        standings=tuple(s for s in given.getlist("standing") if s in STANDINGS),
        share=share if share in SHARES else "",
        status=status if status in set(SystemStatus) else "",
        unit_id=given.get("unit", type=int),
        tier_id=given.get("tier", type=int),
        is_fully=given.get("plan") == "fully",
    )


def sent(write: Callable[[IO[bytes]], None], name: str) -> ResponseReturnValue:
    """A workbook written to the disk and streamed from there, whatever its size."""
    target = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the response
    write(target)
    target.seek(0)
    return send_file(target, XLSX, as_attachment=True, download_name=name)
