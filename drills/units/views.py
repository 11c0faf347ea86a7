import io
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from drills.accounts.permissions import Permission, permits
from drills.audit import services as audit
from drills.audit.words import VERBS
from drills.core import clock, tabular
from drills.core.errors import DomainError
from drills.extensions import db
from drills.units import services
from drills.units.forms import (
    STATES,
    LoadForm,
    MergeForm,
    RankingForm,
    UndoForm,
    UnitForm,
    UploadForm,
    filters,
    read_upload,
    tier_name,
    tier_options,
)
from drills.units.models import Merger, RankingDetails, Succession, Unit, UnitDetails
from drills.units.services import columns, lists
from drills.web import uploads
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.forms import Form
from drills.web.language import spoken
from drills.web.pages import form_page, paged
from drills.web.session import current_person

bp = Blueprint("units", __name__, url_prefix="/units")
HISTORY = 10


def _today() -> Any:
    return clock.today(get_timezone())


def _tried(form: Form, verb: Any, *given: Any, **more: Any) -> tuple[bool, Any]:
    """Whether ``verb`` did it, and what it made.

    What the domain forbids comes back as a mistake on ``form``; nothing is saved then.
    """
    try:
        made = verb(db.session, *given, **more)
    except DomainError as error:
        db.session.rollback()
        form.form_errors.append(explain(error))
        return False, None
    db.session.commit()
    return True, made


@bp.get("/")
@requires(Permission.UNIT_VIEW)
def index() -> ResponseReturnValue:
    wanted = filters(db.session, current_person(), request.args)
    page = paged(db.session, lists.found(current_person(), wanted, _today()))
    return render_template("units/index.html", page=page, **_list(wanted, page.items))


def _list(wanted: lists.Filters, units: list[Unit]) -> dict[str, Any]:
    return {
        "wanted": wanted,
        "chain": lists.chain(db.session, wanted.at, current_person()),
        "counts": lists.sub_unit_counts(db.session, units, wanted.state, _today()),
        "tiers": tier_options(lists.tiers(db.session), wanted.tiers),
        "states": STATES,
        "tier_name": tier_name,
        "today": _today(),
    }


@bp.get("/<int:unit_id>/")
@requires(Permission.UNIT_VIEW, on=Unit)
def show(unit: Unit) -> ResponseReturnValue:
    return _show(unit, RankingForm())


@bp.post("/<int:unit_id>/rankings")
@requires(Permission.UNIT_EDIT, on=Unit)
def rank(unit: Unit) -> ResponseReturnValue:
    form = RankingForm()
    if form.validate_on_submit():
        is_done, _made = _tried(
            form, services.add_ranking, unit, form.to(RankingDetails), by=current_person()
        )
        if is_done:
            flash(_("The rank is noted."), "success")
            return redirect(url_for(".show", unit_id=unit.id, _anchor="rankings"))
    return _show(unit, form)


def _show(unit: Unit, form: RankingForm) -> ResponseReturnValue:
    wanted = lists.Filters(unit)
    page = paged(db.session, lists.found(current_person(), wanted, _today()))
    portrait = lists.portrait(db.session, unit, current_person())
    shown: dict[str, Any] = {"portrait": portrait, "tier_name": tier_name, "today": _today()}
    shown["counts"] = lists.sub_unit_counts(db.session, page.items, wanted.state, _today())
    may_look = permits(current_person(), Permission.AUDIT_VIEW)
    shown["history"] = audit.history(db.session, unit, HISTORY) if may_look else []
    return form_page("units/show.html", form, unit=unit, page=page, verbs=VERBS, **shown)


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.UNIT_EDIT)
def create() -> ResponseReturnValue:
    above = request.args.get("under", type=int) or current_person().scope.id
    form = UnitForm(lists.tiers(db.session), data={"parent_id": above})
    if form.validate_on_submit():
        is_done, made = _tried(
            form, services.create_unit, form.to(UnitDetails), by=current_person()
        )
        if is_done:
            flash(_("“%(unit)s” is added.", unit=made.name), "success")
            return redirect(url_for(".show", unit_id=made.id))
    return form_page("units/edit.html", form, unit=None)


@bp.route("/<int:unit_id>/edit", methods=["GET", "POST"])
@requires(Permission.UNIT_EDIT, on=Unit)
def edit(unit: Unit) -> ResponseReturnValue:
    form = UnitForm(lists.tiers(db.session), is_root=unit.parent_id is None, obj=unit)
    if form.validate_on_submit():
        above = {} if unit.parent_id else {"parent_id": None}
        details, version = form.to(UnitDetails, **above), form.seen_version
        is_done, _made = _tried(
            form, services.revise, unit, details, version=version, by=current_person()
        )
        if is_done:
            flash(_("Saved."), "success")
            return redirect(url_for(".show", unit_id=unit.id))
    return form_page("units/edit.html", form, unit=unit)


@bp.route("/<int:unit_id>/merge", methods=["GET", "POST"])
@requires(Permission.UNIT_EDIT, on=Unit)
def merge(unit: Unit) -> ResponseReturnValue:
    form = MergeForm()
    if form.validate_on_submit():
        is_done, made = _tried(form, services.merge, unit, form.to(Merger), by=current_person())
        if is_done:
            count = len(made)
            flash(
                ngettext("%(num)s unit is merged.", "%(num)s units are merged.", count), "success"
            )
            return redirect(url_for(".show", unit_id=unit.id, _anchor="successions"))
    return form_page("units/merge.html", form, unit=unit)


@bp.route("/successions/<int:succession_id>/undo", methods=["GET", "POST"])
@requires(Permission.UNIT_EDIT, on=Succession)
def undo(succession: Succession) -> ResponseReturnValue:
    form, back = UndoForm(), succession.predecessor_id
    if form.validate_on_submit():
        is_done, _made = _tried(
            form, services.undo_merger, succession, form.reason.data, by=current_person()
        )
        if is_done:
            flash(_("The merger is undone."), "success")
            return redirect(url_for(".show", unit_id=back))
    shown = {"succession": succession, "obstacles": services.obstacles(db.session, succession)}
    return form_page("units/undo.html", form, **shown)


@bp.route("/load", methods=["GET", "POST"])
@requires(Permission.UNIT_EDIT)
def load() -> ResponseReturnValue:
    form = LoadForm()
    if form.validate_on_submit():
        is_done, plan = _tried(
            form, services.load_provinces, form.province.data, by=current_person()
        )
        if is_done:
            count = len(plan.new)
            flash(ngettext("%(num)s unit is added.", "%(num)s units are added.", count), "success")
            return redirect(url_for(".index"))
    return form_page("units/load.html", form)


@bp.route("/import", methods=["GET", "POST"])
@requires(Permission.UNIT_EDIT)
def upload() -> ResponseReturnValue:
    form = UploadForm()
    if form.validate_on_submit():
        token = uploads.keep(request.files[form.file.name])
        is_done, _plan = _tried(form, _plan_of, token)
        if is_done:
            return redirect(url_for(".preview", token=token))
        uploads.forget(token)
    return form_page("units/upload.html", form, columns=columns.COLUMNS, language=spoken())


def _plan_of(session: Session, token: str) -> services.Plan:
    return services.plan_import(session, read_upload(*uploads.fetch(token)))


@bp.get("/import/<token>")
@requires(Permission.UNIT_EDIT)
def preview(token: str) -> ResponseReturnValue:
    _stream, name = uploads.fetch(token)
    shown = {"plan": _plan_of(db.session, token), "token": token, "name": name}
    return render_template("units/preview.html", **shown, language=spoken())


@bp.post("/import/<token>")
@requires(Permission.UNIT_EDIT)
def carry_out(token: str) -> ResponseReturnValue:
    plan = _plan_of(db.session, token)
    services.carry_out(db.session, plan, by=current_person())
    db.session.commit()
    uploads.forget(token)
    values = {"new": len(plan.new), "changed": len(plan.changed)}
    flash(_("Imported: %(new)s new, %(changed)s changed.", **values), "success")
    return redirect(url_for(".index"))


@bp.get("/export.<any(xlsx,csv):kind>")
@requires(Permission.UNIT_VIEW)
def export(kind: str) -> ResponseReturnValue:
    target = io.BytesIO()
    headers = tabular.labels(columns.COLUMNS, spoken())
    rows = columns.export_rows(db.session, current_person())
    if kind == "csv":
        tabular.write_csv(target, headers, rows, delimiter=";")
    else:
        tabular.write_xlsx(target, headers, rows, sheet=_("Units"))
    target.seek(0)
    name = _("units")
    return send_file(target, as_attachment=True, download_name=f"{name}.{kind}")
