"""Running a drill: the board of exercise control, and the players' page."""

import uuid
from typing import Any

from flask import Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.exercises.forms.conduct import (
    AdjustForm,
    LeaveOutForm,
    LineForm,
    ShiftForm,
    StampForm,
    TurnForm,
)
from drills.exercises.models import Drill, Inject, LogEntry
from drills.exercises.services import conduct as services
from drills.exercises.services.conduct import board as boards
from drills.exercises.services.conduct import pulse as pulses
from drills.exercises.services.conduct.pulse import Pulse
from drills.exercises.services.conduct.statements import Rights
from drills.exercises.views import conducting as words
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.web.access import requires
from drills.web.forms import Form
from drills.web.session import current_person


@bp.get("/drills/<int:drill_id>/conduct/")
@requires(Permission.DRILL_VIEW, on=Drill)
def conduct(drill: Drill) -> ResponseReturnValue:
    rights = pulses.rights(db.session, drill, current_person())
    if not rights.controls:
        return redirect(url_for(".play", drill_id=drill.id))
    return render_template("exercises/conduct/control.html", **_shown(drill, rights))


@bp.get("/drills/<int:drill_id>/play/")
@requires(Permission.DRILL_VIEW, on=Drill)
def play(drill: Drill) -> ResponseReturnValue:
    rights = pulses.rights(db.session, drill, current_person()).of_a_player
    return render_template("exercises/conduct/play.html", **_shown(drill, rights))


@bp.get("/drills/<int:drill_id>/conduct/pulse")
@requires(Permission.DRILL_VIEW)
def conduct_pulse(drill_id: int) -> ResponseReturnValue:
    found = pulses.pulse(db.session, drill_id, current_person(), as_player=False) or abort(404)
    if not found.rights.controls:
        return redirect(url_for(".play_pulse", drill_id=drill_id))
    return _pulse(drill_id, found, "exercises/conduct/_control.html")


@bp.get("/drills/<int:drill_id>/play/pulse")
@requires(Permission.DRILL_VIEW)
def play_pulse(drill_id: int) -> ResponseReturnValue:
    found = pulses.pulse(db.session, drill_id, current_person(), as_player=True) or abort(404)
    return _pulse(drill_id, found, "exercises/conduct/_play.html")


def _pulse(drill_id: int, found: Pulse, template: str) -> ResponseReturnValue:
    """What has changed since the page last asked: nothing (304), or its parts anew.

    Some hundred pages ask every few seconds: the drill itself is read only if it has changed.
    """
    if found.revision in request.if_none_match:
        answer = Response(status=304)
    else:
        drill = db.session.get_one(Drill, drill_id)
        answer = Response(render_template(template, **_shown(drill, found.rights)))
    answer.set_etag(found.revision)
    return answer


def _shown(drill: Drill, rights: Rights) -> dict[str, Any]:
    person, now = current_person(), clock.now()
    board = boards.board(db.session, drill, person, rights, now)
    return {
        "drill": drill,
        "rights": rights,
        "board": board,
        "now": now,
        "lanes": words.lanes(drill, board, now) if rights.controls else None,
        "revision": board.revision,
        "client_id": uuid.uuid4().hex,
        "reader_id": person.id,
        "told": words.told,
        "after": words.after,
        "due": words.due,
        "turn": words.turn,
        "exercise_time": words.exercise_time,
    }


@bp.post("/drills/<int:drill_id>/conduct/clock")
@requires(Permission.DRILL_CONTROL, on=Drill)
def conduct_clock(drill: Drill) -> ResponseReturnValue:
    form = TurnForm()
    if not form.validate_on_submit():
        return _wrong(form, drill)
    act, seen = form.act.data, form.seen.data
    services.turn(db.session, drill, act, seen=seen, by=current_person(), at=clock.now())
    db.session.commit()
    return _back(drill)


@bp.post("/injects/<int:inject_id>/release")
@requires(Permission.DRILL_CONTROL, on=Inject)
def inject_release(inject: Inject) -> ResponseReturnValue:
    services.release(db.session, inject, by=current_person(), at=clock.now())
    db.session.commit()
    return _back(inject.drill)


@bp.post("/injects/<int:inject_id>/leave-out")
@requires(Permission.DRILL_CONTROL, on=Inject)
def inject_leave_out(inject: Inject) -> ResponseReturnValue:
    form = LeaveOutForm()
    if not form.validate_on_submit():
        return _wrong(form, inject.drill)
    reason, at = form.reason.data or "", clock.now()
    services.leave_out(db.session, inject, reason, by=current_person(), at=at)
    db.session.commit()
    return _back(inject.drill)


@bp.post("/injects/<int:inject_id>/take-back-in")
@requires(Permission.DRILL_CONTROL, on=Inject)
def inject_take_back_in(inject: Inject) -> ResponseReturnValue:
    services.take_back_in(db.session, inject, by=current_person(), at=clock.now())
    db.session.commit()
    return _back(inject.drill)


@bp.post("/injects/<int:inject_id>/postpone")
@requires(Permission.DRILL_CONTROL, on=Inject)
def inject_postpone(inject: Inject) -> ResponseReturnValue:
    form = ShiftForm()
    if not form.validate_on_submit():
        return _wrong(form, inject.drill)
    services.postpone(db.session, inject, form.minutes.data, by=current_person())
    db.session.commit()
    return _back(inject.drill)


@bp.post("/injects/<int:inject_id>/stamp")
@requires(Permission.DRILL_EVALUATE, on=Inject)
def inject_stamp(inject: Inject) -> ResponseReturnValue:
    form = StampForm()
    if not form.validate_on_submit():
        return _wrong(form, inject.drill)
    now, drill = clock.now(), inject.drill
    press = services.Press(
        form.kind.data,
        words.side_of(drill, form.side.data),
        form.client_id.data or "",
        form.pressed_at(now),
    )
    entry = services.stamp(db.session, inject, press, by=current_person(), at=now)
    db.session.commit()
    return _stored(drill, entry) if _wants_json() else _back(drill)


@bp.post("/injects/<int:inject_id>/adjust")
@requires(Permission.DRILL_EVALUATE, on=Inject)
def inject_adjust(inject: Inject) -> ResponseReturnValue:
    form = AdjustForm()
    if not form.validate_on_submit():
        return _wrong(form, inject.drill)
    side = words.side_of(inject.drill, form.side.data)
    shift = services.Shift(form.kind.data, side, form.minutes.data, form.client_id.data or "")
    services.adjust_stamp(db.session, inject, shift, by=current_person(), at=clock.now())
    db.session.commit()
    return _back(inject.drill)


@bp.post("/drills/<int:drill_id>/log/")
@requires(Permission.DRILL_LOG, on=Drill)
def log_line(drill: Drill) -> ResponseReturnValue:
    form, now = LineForm(), clock.now()
    if not form.validate_on_submit():
        return _wrong(form, drill)
    known = services.known_to(db.session, drill, current_person())
    details = form.details(known, now)
    entry = services.write(db.session, drill, details, by=current_person(), at=now)
    db.session.commit()
    return _stored(drill, entry)


def _stored(drill: Drill, entry: LogEntry) -> ResponseReturnValue:
    says = _("Written down: %(line)s", line=words.told(entry))
    if _wants_json():
        return jsonify(id=entry.id, says=says)
    flash(says, "success")
    return _back(drill)


def _wrong(form: Form, drill: Drill) -> ResponseReturnValue:
    message = next((str(errors[0]) for errors in form.errors.values() if errors), "")
    if _wants_json():
        return jsonify(says=message), 422
    flash(message, "error")
    return _back(drill)


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _back(drill: Drill) -> ResponseReturnValue:
    to = ".play" if request.form.get("back") == "play" else ".conduct"
    return redirect(url_for(to, drill_id=drill.id), code=303)
