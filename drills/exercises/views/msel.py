"""The list of injects as each reads it: all of it, or what has been released to them."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from drills.accounts.permissions import Permission, visible
from drills.core.text import fold
from drills.exercises.models import (
    INJECT_STATUSES,
    Audience,
    Drill,
    Inject,
    InjectStatus,
    MselColumn,
)
from drills.exercises.services import msel as services
from drills.exercises.services.msel import ColumnSet, cexf, headings
from drills.exercises.services.msel.known import due_at, frame_of
from drills.exercises.services.msel.times import write_due
from drills.exercises.views.blueprint import bp
from drills.extensions import db
from drills.web.access import requires
from drills.web.language import spoken
from drills.web.pages import Page
from drills.web.session import current_person

SIZE = 200
MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Totals:
    """Figures of the whole list, for those who may know how long it is."""

    injects: int
    released: int
    left_out: int
    contingency: int
    without_time: int


@bp.get("/drills/<int:drill_id>/msel/")
@requires(Permission.DRILL_VIEW, on=Drill)
def msel(drill: Drill) -> ResponseReturnValue:
    reader, columns = headings.reading(db.session, drill, current_person())
    injects = _injects(drill)
    chosen = [inject for inject in injects if _is_wanted(inject)]
    number = max(request.args.get("page", 1, type=int), 1)
    pages = max(1, -(-len(chosen) // SIZE))
    number = min(number, pages)
    items = chosen[(number - 1) * SIZE : number * SIZE]
    page = Page(items, len(chosen), number, SIZE, request.args.to_dict(flat=False))
    return render_template(
        "exercises/msel/show.html",
        drill=drill,
        page=page,
        rows=_rows(drill, items),
        is_control=reader is Audience.CONTROL,
        knows=reader is not Audience.PLAYERS,
        totals=totals(injects),
        columns=columns,
        facets=_facets(injects),
        is_narrow=any(request.args.get(name) for name in ("q", "phase", "side", "status")),
        sets=services.COLUMN_SETS,
    )


def _injects(drill: Drill) -> Sequence[Inject]:
    query = visible(Inject, current_person()).where(Inject.drill_id == drill.id)
    loaded = query.options(joinedload(Inject.sides), joinedload(Inject.objective))
    ordered = loaded.order_by(Inject.position, Inject.id)
    return db.session.scalars(ordered).unique().all()


def _is_wanted(inject: Inject) -> bool:
    asked = request.args
    said = fold(f"{inject.number} {inject.title} {inject.content} {inject.sender}")
    return (
        all(word in said for word in fold(asked.get("q", "")).split())
        and asked.get("phase", "") in {"", inject.phase}
        and asked.get("status", "") in {"", inject.status.value}
        and asked.get("side", "") in {"", *(side.key for side in inject.sides)}
    )


def _rows(drill: Drill, injects: Sequence[Inject]) -> list[dict[str, Any]]:
    """Injects with the heading of their phase where a new one begins, and when they are due."""
    rows: list[dict[str, Any]] = []
    phase, frame = "", frame_of(drill)
    for inject in injects:
        heading = inject.phase if inject.phase != phase else ""
        phase = inject.phase
        when = write_due(inject.offset_seconds, inject.planned_at, frame)
        due = due_at(drill, inject)
        rows.append({"inject": inject, "heading": heading, "when": when, "due": due})
    return rows


def totals(injects: Sequence[Inject]) -> Totals:
    return Totals(
        injects=len(injects),
        released=sum(i.status is InjectStatus.RELEASED for i in injects),
        left_out=sum(i.status is InjectStatus.SKIPPED for i in injects),
        contingency=sum(i.is_contingency for i in injects),
        without_time=sum(
            i.offset_seconds is None and i.planned_at is None and not i.is_contingency
            for i in injects
        ),
    )


def _facets(injects: Sequence[Inject]) -> dict[str, list[tuple[str, str]]]:
    """What the list can be narrowed to: made of the injects the reader sees, and of no other."""
    phases = dict.fromkeys(inject.phase for inject in injects if inject.phase)
    sides = {side.key: side.name for inject in injects for side in inject.sides}
    statuses = {inject.status for inject in injects}
    known = [(s.value, _(label)) for s, label in INJECT_STATUSES.items() if s in statuses]
    return {
        "phase": [("", _("All phases")), *((phase, phase) for phase in phases)],
        "side": [("", _("All sides")), *sides.items()],
        "status": [("", _("Whatever the status")), *known],
    }


@bp.get("/drills/<int:drill_id>/msel/export")
@requires(Permission.DRILL_SECRETS, on=Drill)
def msel_export(drill: Drill) -> ResponseReturnValue:
    """``?set=`` ours, standard, mitre, hseep or cexf; ``?as=`` xlsx or csv."""
    chosen, ending = request.args.get("set", "ours"), request.args.get("as", "xlsx")
    known = services.known(db.session, drill)
    reader, columns = headings.reading(db.session, drill, current_person())
    if chosen == cexf.FORMAT:
        is_control = reader is Audience.CONTROL
        document = cexf.dump(known, known.injects, columns, with_foreign=is_control)
        body = json.dumps(document, ensure_ascii=False, indent=2).encode()
        return _sent(body, f"{drill.code}-cexf.json", "application/json")
    if chosen not in services.COLUMN_SETS or ending not in MEDIA:
        abort(404)
    return _sheet(known, columns, ColumnSet(chosen), ending)


def _sheet(
    known: services.Known, columns: Sequence[MselColumn], chosen: ColumnSet, ending: str
) -> Response:
    headers, rows = services.table(known, known.injects, columns, chosen, spoken())
    target = io.BytesIO()
    services.write(target, headers, rows, ending=ending, sheet=_("List of injects"))
    name = f"{known.drill.code}-msel-{chosen.value}.{ending}"
    return _sent(target.getvalue(), name, MEDIA[ending])


def _sent(body: bytes, name: str, media: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, content_type=media, headers=headers)


def breadcrumbs(drill: Drill, last: str) -> list[tuple[str, str | None]]:
    return [
        (_("All drills"), url_for("exercises.index")),
        (drill.code, url_for("exercises.show", drill_id=drill.id)),
        (_("List of injects"), url_for("exercises.msel", drill_id=drill.id)),
        (last, None),
    ]
