"""One change of the rows ticked in the list, or of the whole list."""

from dataclasses import replace

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.validators import Optional

from drills.accounts.permissions import Permission, visible
from drills.extensions import db
from drills.systems import services
from drills.systems.models import Filters, InformationSystem, loaded, ordered
from drills.systems.services import Outcome
from drills.systems.views import address
from drills.systems.views.blueprint import bp
from drills.systems.views.exports import sheet_of
from drills.web.access import requires
from drills.web.fields import DayField, PersonField
from drills.web.forms import Form
from drills.web.session import current_person

TOGETHER_MAX = 5000
"""So many systems are changed by one click; who wants more narrows the list."""


class BulkForm(Form):
    responsible_id = PersonField("", [Optional()])
    review_due_on = DayField("", [Optional()])


def _filters() -> Filters:
    """The list in the address, or of it the ticked rows."""
    filters = address.filters()
    if "every" in request.form:
        return filters
    ids = sorted({int(text) for text in request.form.getlist("id") if text.isdecimal()})
    return replace(filters, ids=tuple(ids[:TOGETHER_MAX]) or (0,))


def _ticked() -> list[InformationSystem]:
    """What the person may see of it; the rest does not exist for them."""
    person, filters = current_person(), _filters()
    if filters.ids:
        query = visible(InformationSystem, person).where(InformationSystem.id.in_(filters.ids))
        return list(db.session.scalars(query.order_by(*filters.ordering())))
    return loaded(db.session, ordered(db.session, filters, person)[:TOGETHER_MAX])


@bp.post("/assign/")
@requires(Permission.SYSTEM_EDIT)
def assign() -> ResponseReturnValue:
    form = BulkForm()
    if not form.validate() or not form.responsible_id.data:
        return _again(_("Choose who is to be responsible."))
    outcomes = services.assign(db.session, _ticked(), form.responsible_id.data, by=current_person())
    return _done(outcomes)


@bp.post("/review/")
@requires(Permission.SYSTEM_EDIT)
def set_review() -> ResponseReturnValue:
    form = BulkForm()
    if not form.validate() or not form.review_due_on.data:
        return _again(_("Write the review day as 23/11/2026."))
    outcomes = services.set_review(
        db.session, _ticked(), form.review_due_on.data, by=current_person()
    )
    return _done(outcomes)


@bp.post("/selection.xlsx")
@requires(Permission.SYSTEM_VIEW)
def export_ticked() -> ResponseReturnValue:
    return sheet_of(_filters(), "xlsx")


def _again(message: str) -> ResponseReturnValue:
    db.session.rollback()
    flash(message, "warning")
    return redirect(address.listed(page=request.args.get("page")))


def _done(outcomes: list[Outcome]) -> ResponseReturnValue:
    """Back to the list if all went well, else a page that names what was left out and why."""
    db.session.commit()
    left = [outcome for outcome in outcomes if outcome.reason]
    changed = sum(outcome.is_changed for outcome in outcomes)
    back = address.listed(page=request.args.get("page"))
    if not outcomes:
        return _again(_("Tick the systems first."))
    if not left:
        flash(_("%(count)s systems have been changed.", count=changed), "success")
        return redirect(back)
    return render_template(
        "systems/bulk_done.html", left=left, changed=changed, total=len(outcomes), back=back
    )
