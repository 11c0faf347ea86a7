"""The whole log of a drill: read, filtered, exported, corrected; and the papers of the day."""

import uuid
from io import BytesIO
from typing import Any

import sqlalchemy as sa
from flask import abort, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.core.tabular import write_csv, write_xlsx
from drills.exercises.forms.conduct import WRITTEN, CorrectionForm
from drills.exercises.models import LOG_KINDS, Drill, LogEntry, LogKind
from drills.exercises.services import conduct as services
from drills.exercises.services.conduct import board as boards
from drills.exercises.services.conduct import pulse as pulses
from drills.exercises.services.conduct import statements
from drills.exercises.services.conduct.board import Line
from drills.exercises.services.conduct.statements import Rights
from drills.exercises.views import conducting as words
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.web.access import requires
from drills.web.filters import moment
from drills.web.pages import form_page, paged, saved
from drills.web.session import current_person

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
EXPORTED_MAX = 20_000


@bp.get("/drills/<int:drill_id>/log/")
@requires(Permission.DRILL_VIEW, on=Drill)
def log(drill: Drill) -> ResponseReturnValue:
    rights = pulses.rights(db.session, drill, current_person())
    page = paged(db.session, _wanted(drill, rights))
    shown: dict[str, Any] = {
        "page": page,
        "lines": [Line(entry, is_corrected) for entry, is_corrected in page.items],
        "kinds": [("", _("Everything")), *((kind, _(LOG_KINDS[kind])) for kind in LogKind)],
        "sides": [("", _("All sides")), *((side.id, side.name) for side in drill.sides)],
        "told": words.told,
        "exercise_time": words.exercise_time,
    }
    return render_template("exercises/conduct/log.html", drill=drill, rights=rights, **shown)


def _wanted(drill: Drill, rights: Rights) -> sa.Select[Any]:
    query = statements.log(drill.id, current_person(), rights)
    if (kind := request.args.get("kind")) in set(LogKind):
        query = query.where(LogEntry.kind == LogKind(kind))
    if side := request.args.get("side", type=int):
        query = query.where(LogEntry.side_id == side)
    if asked := request.args.get("q", "").strip():
        query = query.where(LogEntry.text.icontains(asked, autoescape=True))
    return query.order_by(LogEntry.at.desc(), LogEntry.id.desc())


@bp.get("/drills/<int:drill_id>/log.<any(csv, xlsx):form>")
@requires(Permission.DRILL_VIEW, on=Drill)
def log_export(drill: Drill, form: str) -> ResponseReturnValue:
    rights = pulses.rights(db.session, drill, current_person())
    query = _wanted(drill, rights).order_by(None).order_by(LogEntry.at, LogEntry.id)
    rows = [_row(drill, Line(*found)) for found in db.session.execute(query.limit(EXPORTED_MAX))]
    body, name = BytesIO(), f"{drill.code}-log.{form}"
    if form == "csv":
        write_csv(body, _headers(), rows)
    else:
        notes = [("DIỄN TẬP", f"{drill.code} {drill.title}")]
        write_xlsx(
            body, _headers(), rows, sheet=_("Exercise log"), notes=notes, notes_sheet=_("Drill")
        )
    body.seek(0)
    return send_file(body, mimetype=TYPES[form], as_attachment=True, download_name=name)


def _headers() -> list[str]:
    return [
        _("At"),
        _("Exercise time"),
        _("Inject"),
        _("Side"),
        _("What it is"),
        _("What happened"),
        _("By"),
        _("Written down"),
        _("Remark"),
    ]


def _row(drill: Drill, line: Line) -> list[str]:
    entry = line.entry
    remarks = [
        _("sent later") if entry.is_afterwards else "",
        _("correction") if entry.corrects_id else "",
        _("corrected") if line.is_corrected else "",
    ]
    return [
        moment(entry.at, drill.zone),
        words.exercise_time(entry.exercise_seconds),
        entry.inject.number if entry.inject else "",
        entry.side.name if entry.side else "",
        _(entry.kind_label),
        entry.text,
        entry.by.name if entry.by else "",
        moment(entry.recorded_at, drill.zone),
        ", ".join(remark for remark in remarks if remark),
    ]


@bp.route("/log/<int:log_entry_id>/correct", methods=["GET", "POST"])
@requires(Permission.DRILL_LOG, on=LogEntry)
def log_correct(log_entry: LogEntry) -> ResponseReturnValue:
    drill, person = log_entry.drill, current_person()
    rights = pulses.rights(db.session, drill, person)
    if not rights.controls and log_entry.by_id != person.id:
        abort(403)
    form = CorrectionForm(data=_as_it_stands(log_entry))
    known = services.known_to(db.session, drill, person)
    kinds = [(kind, _(LOG_KINDS[kind])) for kind in WRITTEN]
    form.offer(known, {side.id: side.name for side in drill.sides}, kinds)
    if not form.validate_on_submit():
        shown = {"entry": log_entry, "told": words.told}
        return form_page("exercises/conduct/correct.html", form, drill=drill, **shown)
    at = form.moment(drill.zone)
    if at.replace(second=0) == log_entry.at.replace(second=0, microsecond=0):
        at = log_entry.at
    services.correct(db.session, log_entry, form.details(at), by=person, at=clock.now())
    return saved(
        url_for(".log", drill_id=drill.id),
        _("The correction has been added; the old line stays, crossed out."),
    )


def _as_it_stands(entry: LogEntry) -> dict[str, Any]:
    local = entry.at.astimezone(entry.drill.zone)
    return {
        "text": entry.text,
        "kind": entry.kind,
        "inject_id": entry.inject_id,
        "side_id": entry.side_id,
        "happened_on": local.date(),
        "happened_at": local.time(),
        "client_id": uuid.uuid4().hex,
    }


@bp.post("/log/<int:log_entry_id>/withdraw")
@requires(Permission.DRILL_LOG, on=LogEntry)
def log_withdraw(log_entry: LogEntry) -> ResponseReturnValue:
    services.withdraw(db.session, log_entry, by=current_person(), at=clock.now())
    return saved(
        url_for(".log", drill_id=log_entry.drill_id),
        _("The line has been withdrawn; it stays, crossed out."),
    )


@bp.get("/drills/<int:drill_id>/conduct/sheet")
@requires(Permission.DRILL_SECRETS, on=Drill)
def inject_sheet(drill: Drill) -> ResponseReturnValue:
    """Every inject on paper, for control alone."""
    rights = pulses.rights(db.session, drill, current_person())
    board = boards.board(db.session, drill, current_person(), rights, clock.now())
    return render_template("exercises/conduct/sheet.html", drill=drill, board=board)


@bp.get("/drills/<int:drill_id>/conduct/blank")
@requires(Permission.DRILL_VIEW, on=Drill)
def blank_log(drill: Drill) -> ResponseReturnValue:
    return render_template("exercises/conduct/blank.html", drill=drill, rows=range(24))
