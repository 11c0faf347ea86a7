"""Form 08: what it will say, what it still lacks, and the workbook."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.extensions import db
from drills.reports import form_08 as workbook
from drills.reports.models import form_08 as model
from drills.reports.models.levels import statutory_year, window
from drills.reports.views.blueprint import bp
from drills.reports.views.levels import sent
from drills.web.access import requires
from drills.web.pages import PAGE_SIZE, Page
from drills.web.session import current_person

YEARS = range(2000, 2201)
"""A register has decisions from 2016 on; what lies far from that is a slip of the address."""


def _form() -> model.Form:
    """The form of the year asked for, of the running statutory year if none is."""
    zone = get_timezone()
    today = clock.today(zone)
    year = request.args.get("year", statutory_year(today)[1].year, type=int)
    if year not in YEARS or window(year)[0] > today:
        abort(404)
    return model.form(db.session, current_person(), year, today, zone)


@bp.get("/reports/form-08/")
@requires(Permission.SYSTEM_VIEW)
def form_08() -> ResponseReturnValue:
    form = _form()
    wanted = request.args.get("missing", "")
    rows = [line for line in form.lines if line.missing]
    if wanted in model.MISSING:
        rows = [line for line in rows if wanted in line.missing]
    number = min(max(request.args.get("page", 1, type=int), 1), max(1, -(-len(rows) // PAGE_SIZE)))
    shown = rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    page = Page(shown, len(rows), number, query=request.args.to_dict(flat=False))
    return render_template(
        "reports/form_08.html",
        form=form,
        totals=form.totals,
        page=page,
        wanted=wanted,
        labels=model.MISSING,
        words=(model.APPROVAL_WORDS, model.PLAN_WORDS),
        today=clock.today(get_timezone()),
    )


@bp.get("/reports/form-08.xlsx")
@requires(Permission.SYSTEM_VIEW)
def form_08_xlsx() -> ResponseReturnValue:
    form = _form()
    name = _("form-08")
    return sent(lambda target: workbook.write(target, form), f"{name}-{form.year}.xlsx")
