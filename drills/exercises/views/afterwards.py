"""Recording a drill that has been: its injects and times typed in one table, or imported."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from drills.accounts.permissions import Permission
from drills.core import clock
from drills.core.errors import DomainError
from drills.core.tabular import Column, match, read
from drills.core.text import fold
from drills.exercises.forms.evaluation import EmptyForm, Unreadable, happened
from drills.exercises.models import VERDICTS, Drill, Inject
from drills.exercises.services import afterwards as services
from drills.exercises.services import results
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.web.access import requires
from drills.web.errors import explain
from drills.web.filters import clock as of_day
from drills.web.filters import moment
from drills.web.session import current_person

FIELDS = ("number", "title", "released", "side", "detected", "contained", "verdict")
ROWS_MIN, SPARE, ROWS_MAX = 8, 3, 500
COLUMNS = (
    Column("number", "STT", "No.", ("số", "tình huống số", "inject", "inject no", "số hiệu")),
    Column("title", "Tình huống", "Inject title", ("nội dung", "title", "description")),
    Column("released", "Phát lúc", "Released", ("thời gian", "time", "phát", "released at")),
    Column("side", "Bên", "Side", ("đội", "đơn vị", "team", "to")),
    Column("detected", "Phát hiện", "Detected", ("phát hiện lúc", "detected at", "mttd")),
    Column("contained", "Khống chế", "Contained", ("khống chế lúc", "contained at", "mttr")),
    Column("verdict", "Kết quả", "Verdict", ("đánh giá", "result")),
)
Typed = tuple[int, Mapping[str, str]]


@bp.get("/drills/<int:drill_id>/afterwards")
@requires(Permission.DRILL_CONTROL, on=Drill)
def afterwards(drill: Drill) -> ResponseReturnValue:
    return _page(drill, _as_known(drill))


@bp.post("/drills/<int:drill_id>/afterwards")
@requires(Permission.DRILL_CONTROL, on=Drill)
def afterwards_record(drill: Drill) -> ResponseReturnValue:
    if not EmptyForm().validate_on_submit():
        return _page(drill, _as_known(drill), status=422)
    sheet = request.files.get("file")
    rows = _imported(sheet) if sheet and sheet.filename else _typed()
    sides = {fold(name): side.id for side in drill.sides for name in (side.key, side.name)}
    try:
        found = happened(drill, sides, rows, _waiting(drill))
        count = services.record(db.session, drill, found, by=current_person(), at=clock.now())
    except Unreadable as wrong:
        return _page(drill, rows, _told(wrong.mistakes), status=422)
    except DomainError as wrong:
        db.session.rollback()
        return _page(drill, rows, [explain(wrong)], status=422)
    db.session.commit()
    told = ngettext(
        "%(num)s inject has been recorded.", "%(num)s injects have been recorded.", count
    )
    flash(told, "success")
    return redirect(url_for(".evaluation", drill_id=drill.id))


def _told(mistakes: Iterable[tuple[int, str]]) -> list[str]:
    return [
        str(_("Row %(row)s: %(mistake)s", row=line, mistake=_(message)))
        for line, message in mistakes
    ]


def _page(
    drill: Drill, rows: Iterable[Typed], mistakes: Iterable[str] = (), *, status: int = 200
) -> ResponseReturnValue:
    known = list(rows)
    spare = max(ROWS_MIN - len(known), SPARE)
    last = max((line for line, _row in known), default=0)
    known += [(last + n, {}) for n in range(1, spare + 1)]
    shown: dict[str, Any] = {"rows": known, "fields": FIELDS, "mistakes": list(mistakes)}
    shown["offered"] = {
        "side": [side.name for side in drill.sides],
        "verdict": [_(label) for label in VERDICTS.values()],
    }
    return Response(
        render_template("exercises/evaluation/afterwards.html", drill=drill, **shown),
        status=status,
    )


def _typed() -> list[Typed]:
    """Rows of the table: ``number-1``, ``title-1`` and so on, empty ones left out."""
    rows: list[Typed] = []
    for line in range(1, ROWS_MAX + 1):
        row = {name: request.form.get(f"{name}-{line}", "").strip() for name in FIELDS}
        if any(row.values()):
            rows.append((line, row))
    return rows


def _imported(sheet: Any) -> list[Typed]:
    table = read(sheet.stream, sheet.filename, limit=ROWS_MAX, columns=COLUMNS)
    places, _ignored = match(table.headers, COLUMNS)
    return [
        (row.number, {name: row.cells[place] for name, place in places.items()})
        for row in table.rows
    ]


def _as_known(drill: Drill) -> list[Typed]:
    """What the record has: injects still to be released, and the others with their times."""
    known = services.known(db.session, drill)
    released = {inject.number: _released(drill, inject) for inject in known}
    names = {side.id: side.name for side in drill.sides}
    outcomes = results.of_drill(db.session, drill).outcomes
    rows: list[dict[str, str]] = [
        {
            "number": row.sent.number,
            "title": row.sent.title,
            "released": released[row.sent.number],
            "side": names.get(row.side_id or 0, ""),
            "detected": _after(row.detected_after),
            "contained": _after(row.contained_after),
            "verdict": row.verdict or "",
        }
        for row in outcomes
    ]
    rows += [
        {"number": inject.number, "title": inject.title, "side": name}
        for inject in known
        if inject.released_at is None
        for name in [side.name for side in inject.sides] or [""]
    ]
    return list(enumerate(rows, start=1))


def _waiting(drill: Drill) -> set[str]:
    """Numbers of the injects that are planned and were not released."""
    known = services.known(db.session, drill)
    return {inject.number for inject in known if inject.released_at is None}


def _released(drill: Drill, inject: Inject) -> str:
    """The time of day; with its date where that is not the first day of the drill."""
    at = inject.released_at
    if at is None or at.astimezone(drill.zone).date() == drill.day:
        return of_day(at, drill.zone)
    return moment(at, drill.zone)


def _after(seconds: int | None) -> str:
    return "" if seconds is None else f"+{round(seconds / 60)}"
