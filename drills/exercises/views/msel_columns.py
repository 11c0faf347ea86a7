"""The agency's own columns of the list: for this drill, or for every one."""

from typing import Any

import sqlalchemy as sa
from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission, permits
from drills.exercises.forms.msel import ColumnForm
from drills.exercises.models import Drill, MselColumn
from drills.exercises.services.msel import headings
from drills.exercises.services.msel.known import columns
from drills.exercises.views.blueprint import bp
from drills.exercises.views.msel import breadcrumbs
from drills.extensions import db
from drills.web.access import requires
from drills.web.pages import form_page, saved
from drills.web.session import current_person


@bp.route("/drills/<int:drill_id>/msel/columns", methods=["GET", "POST"])
@requires(Permission.DRILL_CONTROL, on=Drill)
def msel_columns(drill: Drill) -> ResponseReturnValue:
    form = ColumnForm()
    if not _may_for_all():
        del form.is_for_all
    if form.validate_on_submit():
        return _add(drill, form)
    return _page(drill, form, None)


def _add(drill: Drill, form: ColumnForm) -> ResponseReturnValue:
    headings.add_column(
        db.session,
        drill,
        form.label.data or "",
        form.audience.data,
        is_for_all="is_for_all" in form and form.is_for_all.data,
        by=current_person(),
    )
    return saved(url_for(".msel_columns", drill_id=drill.id), _("The column has been added."))


@bp.route("/drills/<int:drill_id>/msel/columns/<int:column_id>", methods=["GET", "POST"])
@requires(Permission.DRILL_CONTROL, on=Drill)
def msel_column(drill: Drill, column_id: int) -> ResponseReturnValue:
    column = _column(drill, column_id)
    if request.form.get("do") == "drop":
        headings.drop_column(db.session, drill, column, by=current_person())
        return saved(
            url_for(".msel_columns", drill_id=drill.id), _("The column is no longer shown.")
        )
    form = ColumnForm(obj=column)
    del form.is_for_all
    if not form.validate_on_submit():
        return _page(drill, form, column)
    headings.revise_column(
        db.session,
        drill,
        column,
        form.label.data or "",
        form.audience.data,
        by=current_person(),
    )
    return saved(url_for(".msel_columns", drill_id=drill.id), _("It has been saved."))


def _column(drill: Drill, column_id: int) -> MselColumn:
    """A column of this drill; one of all drills only for those who may change it for all."""
    query = sa.select(MselColumn).where(MselColumn.id == column_id)
    column = db.session.scalars(query).one_or_none()
    if column is None or column.drill_id not in {None, drill.id}:
        abort(404)
    if column.drill_id is None and not _may_for_all():
        abort(403)
    return column


def _may_for_all() -> bool:
    return permits(current_person(), Permission.SCENARIO_EDIT)


def _page(drill: Drill, form: ColumnForm, column: MselColumn | None) -> ResponseReturnValue:
    title = column.label if column else _("Columns of our own")
    shown: dict[str, Any] = {"columns": columns(db.session, drill), "column": column}
    shown |= {"crumbs": breadcrumbs(drill, title), "may_for_all": _may_for_all()}
    return form_page("exercises/msel/columns.html", form, drill=drill, **shown)
