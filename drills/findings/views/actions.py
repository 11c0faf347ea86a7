"""The list of corrective actions and the page of one."""

import io
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from drills.accounts.permissions import Permission, visible
from drills.core import clock
from drills.core.errors import Conflict, DomainError
from drills.core.tabular import write_csv, write_xlsx
from drills.exercises.models import Drill
from drills.extensions import db
from drills.files.sending import send, send_bytes
from drills.findings import columns, lists
from drills.findings.forms import ActionForm, DueForm
from drills.findings.models import ActionEvent, ActionFile, CorrectiveAction, Finding
from drills.findings.services import actions as services
from drills.findings.views.blueprint import bp
from drills.findings.views.words import LOOKS, events, options, strip
from drills.units.models import Unit
from drills.web.access import load, requires
from drills.web.errors import explain
from drills.web.pages import form_page, paged, saved
from drills.web.session import current_person

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def today() -> date:
    return clock.today(get_timezone())


@bp.get("/actions/")
@requires(Permission.ACTION_VIEW)
def index() -> ResponseReturnValue:
    person, wanted = current_person(), lists.Wanted.of(request.args, today())
    figures = lists.counts(db.session, wanted, person)
    total = lists.total(figures, wanted.standings)
    page = paged(db.session, lists.ordered(wanted, person), total)
    return render_template(
        "findings/index.html",
        page=page,
        wanted=wanted,
        options=options(wanted, figures),
        strip=strip(wanted, figures),
        standings=lists.STANDINGS,
        standing=lists.standing,
        looks=LOOKS,
        units=_units(),
        form=DueForm(formdata=None),
        drill=load(Drill, wanted.drill_id) if wanted.drill_id else None,
    )


def _units() -> list[tuple[str | int, str]]:
    """The units that answer for the actions one may see."""
    ids = visible(CorrectiveAction, current_person()).with_only_columns(CorrectiveAction.unit_id)
    query = sa.select(Unit.id, Unit.name).where(Unit.id.in_(ids)).order_by(Unit.sort, Unit.id)
    rows = [(row[0], row[1]) for row in db.session.execute(query)]
    return [("", _("All units")), *rows]


@bp.get("/actions/export.<any(xlsx, csv):ending>")
@requires(Permission.ACTION_VIEW)
def export(ending: str) -> ResponseReturnValue:
    """What the list shows, whole; it can be imported again."""
    person, wanted = current_person(), lists.Wanted.of(request.args, today())
    found = db.session.scalars(lists.ordered(wanted, person)).unique()
    rows = [columns.cells(action) for action in found]
    target, headers = io.BytesIO(), columns.headers()
    name = f"bien-phap-khac-phuc-{wanted.on:%Y-%m-%d}.{ending}"
    if ending == "csv":
        write_csv(target, headers, rows)
        return send_bytes(target.getvalue(), name, "text/csv; charset=utf-8")
    notes = [
        (_("Filter"), request.query_string.decode() or _("none")),
        (_("Rows"), str(len(rows))),
        (_("Exported by"), person.name),
        (_("Day"), f"{wanted.on:%d/%m/%Y}"),
    ]
    write_xlsx(target, headers, rows, sheet=_("Actions"), notes=notes, notes_sheet=_("Filter"))
    return send_bytes(target.getvalue(), name, XLSX)


@bp.get("/actions/<int:corrective_action_id>/")
@requires(Permission.ACTION_VIEW, on=CorrectiveAction)
def show(corrective_action: CorrectiveAction) -> ResponseReturnValue:
    history = db.session.scalars(
        sa.select(ActionEvent)
        .where(ActionEvent.corrective_action_id == corrective_action.id)
        .options(
            joinedload(ActionEvent.by),
            joinedload(ActionEvent.owner),
            joinedload(ActionEvent.retest_drill),
        )
        .order_by(ActionEvent.id.desc())
    ).all()
    on = today()
    return render_template(
        "findings/show.html",
        action=corrective_action,
        finding=_readable(corrective_action.finding),
        has_drill=_sees(corrective_action.drill_id),
        today=on,
        standing=lists.standing(corrective_action, on),
        standings=lists.STANDINGS,
        looks=LOOKS,
        history=events(history),
        is_own=current_person().id in {corrective_action.owner_id, corrective_action.done_by_id},
    )


def _readable(finding: Finding | None) -> Finding | None:
    """The finding, if the person at hand may read it."""
    if finding is None:
        return None
    query = visible(Finding, current_person()).where(Finding.id == finding.id)
    return db.session.scalars(query).one_or_none()


def _sees(drill_id: int) -> bool:
    query = visible(Drill, current_person()).with_only_columns(Drill.id)
    return db.session.scalar(query.where(Drill.id == drill_id)) is not None


@bp.route("/actions/<int:corrective_action_id>/edit", methods=["GET", "POST"])
@requires(Permission.FINDING_EDIT, on=CorrectiveAction)
def edit(corrective_action: CorrectiveAction) -> ResponseReturnValue:
    form = ActionForm(obj=corrective_action)
    form.finding_id.offer(findings_of(corrective_action.drill))
    if not form.validate_on_submit():
        return form_page("findings/action.html", form, action=corrective_action, drill=None)
    try:
        services.revise(
            db.session,
            corrective_action,
            form.details(),
            by=current_person(),
            version=int(form.version.data) if str(form.version.data).isdigit() else 0,
            at=clock.now(),
        )
    except Conflict:
        return _both(corrective_action, form)
    return saved(
        url_for(".show", corrective_action_id=corrective_action.id), _("It has been saved.")
    )


def _both(action: CorrectiveAction, form: ActionForm) -> ResponseReturnValue:
    """The form once more, beside what somebody else saved; saving again overrules that."""
    theirs = ActionForm(formdata=None, obj=action)
    theirs.finding_id.offer(findings_of(action.drill))
    names = ("text", "owner_id", "unit_id", "due_on", "finding_id")
    rows = [(form[n].label.text, _said(theirs[n]), _said(form[n])) for n in names]
    form.version.data = form.version.raw_data = str(action.version)
    differences = [row for row in rows if row[1] != row[2]]
    page = render_template(
        "findings/action.html", form=form, action=action, drill=None, differences=differences
    )
    return page, 409


def _said(field: Any) -> str:
    if hasattr(field, "iter_choices"):
        return "; ".join(str(c.label) for c in field.iter_choices() if c.selected and c.value)
    return str(field._value())  # noqa: SLF001 - how the field writes itself


def findings_of(drill: Drill) -> list[tuple[int, str]]:
    query = visible(Finding, current_person()).where(Finding.drill_id == drill.id)
    return [(f.id, f.text[:120]) for f in db.session.scalars(query.order_by(Finding.id))]


@bp.get("/actions/files/<int:action_file_id>")
@requires(Permission.ACTION_VIEW, on=ActionFile)
def file(action_file: ActionFile) -> ResponseReturnValue:
    return send(action_file.file)


@bp.post("/actions/due")
@requires(Permission.ACTION_VIEW)
def reschedule() -> ResponseReturnValue:
    """One new day for the ticked actions whose drills the person controls."""
    form, person = DueForm(), current_person()
    back = redirect(url_for(".index", **lists.Wanted.of(request.args, today()).query()))
    if not form.validate_on_submit() or form.due_on.data is None:
        flash(_("Give the new day, such as 23/12/2026."), "error")
        return back
    ids = request.form.getlist("id", type=int)
    actions = db.session.scalars(
        visible(CorrectiveAction, person).where(
            CorrectiveAction.id.in_(ids),
            CorrectiveAction.drill_id.in_(Drill.ids_controlled_by(person)),
        )
    ).all()
    day, now = form.due_on.data, clock.now()
    try:
        count = services.move_due_date(db.session, actions, day, by=person, at=now)
    except DomainError as error:
        db.session.rollback()
        flash(explain(error), "error")
        return back
    db.session.commit()
    flash(ngettext("%(num)s action has a new day.", "%(num)s actions have a new day.", count))
    if skipped := len(ids) - count:
        text = ngettext(
            "%(num)s was left as it is: closed, already due that day, or not yours to change.",
            "%(num)s were left as they are: closed, already due that day, or not yours to change.",
            skipped,
        )
        flash(text, "warning")
    return back
