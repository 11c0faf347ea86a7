"""The list of injects as a table to be edited: sent whole, saved whole or shown again."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.permissions import Permission
from drills.core.text import normal
from drills.exercises.models import Drill, Inject, InjectStatus
from drills.exercises.services import msel as services
from drills.exercises.services.drills import refuse_closed
from drills.exercises.services.msel import editing
from drills.exercises.services.msel.columns import BY_KEY
from drills.exercises.services.msel.editing import MAIN, MORE, Line, Saved
from drills.exercises.services.msel.known import Known
from drills.exercises.views.blueprint import bp
from drills.exercises.views.msel import breadcrumbs
from drills.extensions import db
from drills.web.access import requires
from drills.web.language import spoken
from drills.web.session import current_person

SIZE = 100
"""Rows of one page of the table; every cell of them is a field."""
LONG = frozenset({"content", "expected_action", "note"})


@dataclass
class Shown:
    """A row as the table draws it. ``now`` is what stands in it since, where somebody else wrote.

    ``mistakes`` are by key of a column, in the reader's words.
    """

    key: str
    texts: dict[str, str]
    was: str = ""
    inject: Inject | None = None
    is_dropped: bool = False
    mistakes: dict[str, str] = field(default_factory=dict)
    clash: list[tuple[str, str, str]] = field(default_factory=list)
    is_gone: bool = False

    @property
    def is_fixed(self) -> bool:
        return self.inject is not None and self.inject.status is InjectStatus.RELEASED


@bp.route("/drills/<int:drill_id>/msel/edit", methods=["GET", "POST"])
@requires(Permission.DRILL_CONTROL, on=Drill)
def msel_table(drill: Drill) -> ResponseReturnValue:
    refuse_closed(drill)
    known = services.known(db.session, drill)
    keys = _keys(known)
    if request.method == "GET":
        rows = _stored(known, _slice(known), keys)
        return _drawn(known, keys, rows or [_blank(known, [], keys)])
    lines = _sent(keys)
    if act := request.form.get("do", ""):
        rows = _arranged(known, _typed(known, lines, keys), act, keys)
        return _drawn(known, keys, rows, is_changed=True)
    saved = editing.save(db.session, known, lines, keys, by=current_person())
    if saved.is_clean:
        return _saved(drill, saved)
    rows = _told(known, _typed(known, lines, keys), saved, keys)
    return _drawn(known, keys, rows, 409 if saved.clashes else 422, is_changed=True)


def _keys(known: Known) -> list[str]:
    """The columns asked for: the main ones, or with ``?columns=all`` every one."""
    if request.args.get("columns") != "all":
        return list(MAIN)
    return [*MAIN, *MORE, *(f"column:{column.key}" for column in known.columns)]


def _slice(known: Known) -> list[Inject]:
    pages = max(1, -(-len(known.injects) // SIZE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return known.injects[(page - 1) * SIZE : page * SIZE]


def _stored(known: Known, injects: Sequence[Inject], keys: list[str]) -> list[Shown]:
    rows = []
    for inject in injects:
        texts = editing.texts_of(known, inject, services.details_of(inject), keys)
        rows.append(Shown(str(inject.id), texts, editing.digest(texts), inject))
    return rows


def _sent(keys: list[str]) -> list[Line]:
    """The rows in the order they were sent; one without fields has not been touched."""
    form, lines = request.form, []
    for key in dict.fromkeys(form.getlist("row")):
        given = f"{key}.number" in form
        texts = {name: normal(form.get(f"{key}.{name}", "")) for name in keys}
        lines.append(
            Line(
                key=key[:20],
                inject_id=int(key) if key.isdecimal() and len(key) < 12 else None,
                texts=texts if given else None,
                was=form.get(f"{key}.was", ""),
                is_dropped=f"{key}.drop" in form,
            )
        )
    return lines


def _typed(known: Known, lines: Sequence[Line], keys: list[str]) -> list[Shown]:
    """What was sent, row by row, so that nothing typed is lost."""
    injects = {inject.id: inject for inject in known.injects}
    rows = []
    for line in lines:
        inject = injects.get(line.inject_id or 0)
        if line.texts is None:
            rows += _stored(known, [inject], keys) if inject else []
            continue
        row = Shown(line.key, dict(line.texts), line.was, inject, line.is_dropped)
        rows.append(_orphaned(row) if line.inject_id and inject is None else row)
    return rows


def _orphaned(row: Shown) -> Shown:
    """A row that somebody else has deleted is a new one, should it be saved again."""
    return replace(row, key=f"n{row.key}", was="", is_gone=True)


def _arranged(known: Known, rows: list[Shown], act: str, keys: list[str]) -> list[Shown]:
    """The rows after a button that needs no saving: ``up:7``, ``down:7``, ``copy:7``, ``add``."""
    verb, _colon, key = act.partition(":")
    places = {row.key: place for place, row in enumerate(rows)}
    place = places.get(key, len(rows) - 1)
    if verb in {"add", "copy"}:
        new = _blank(known, rows, keys)
        if verb == "copy" and key in places:
            new.texts |= {k: v for k, v in rows[place].texts.items() if k != "number"}
        rows.insert(place + 1, new)
    elif verb == "sort":
        rows = editing.in_time(known, rows)
    elif key in places:
        other = place + (-1 if verb == "up" else 1)
        if 0 <= other < len(rows):
            rows[place], rows[other] = rows[other], rows[place]
    return rows


def _blank(known: Known, rows: list[Shown], keys: list[str]) -> Shown:
    numbers = [inject.number for inject in known.injects] + [r.texts["number"] for r in rows]
    highest = max((int(number) for number in numbers if number.isdecimal()), default=0)
    taken = {row.key for row in rows}
    free = next(f"n{n}" for n in range(1, len(rows) + 2) if f"n{n}" not in taken)
    phase = rows[-1].texts.get("phase", "") if rows else ""
    blank = dict.fromkeys(keys, "") | {"number": str(highest + 1), "phase": phase}
    return Shown(free, blank)


def _told(known: Known, rows: list[Shown], saved: Saved, keys: list[str]) -> list[Shown]:
    for row in rows:
        for fault in saved.faults.get(row.key, []):
            text = f"{_(fault.reason, **fault.values)} {_(fault.remedy, **fault.values)}"
            row.mistakes.setdefault(fault.key if fault.key in keys else "number", text)
        now = saved.clashes.get(row.key)
        if now is not None:
            mine = row.texts
            row.clash = [(label_of(known, k), now[k], mine[k]) for k in keys if now[k] != mine[k]]
            row.was = editing.digest(now)
    return rows


def _saved(drill: Drill, saved: Saved) -> ResponseReturnValue:
    db.session.commit()
    if saved.is_empty:
        flash(_("Nothing was changed."), "info")
    else:
        flash(
            _(
                "The list has been saved: %(added)s new, %(changed)s changed, %(dropped)s deleted.",
                added=saved.added,
                changed=saved.changed,
                dropped=saved.dropped,
            ),
            "success",
        )
    kept: dict[str, Any] = {k: request.args[k] for k in ("columns", "page") if k in request.args}
    to = ".msel" if request.form.get("then") == "close" else ".msel_table"
    return redirect(url_for(to, drill_id=drill.id, **kept if to == ".msel_table" else {}))


FIELDS = {"offset_seconds": "time", "planned_at": "time"}


def label_of(known: Known, key: str) -> str:
    """A column, or a field that one of them shows, in the reader's language."""
    own = {f"column:{column.key}": column.label for column in known.columns}
    own["foreign"] = _("Data of another program (CEXF)")
    name = FIELDS.get(key, key)
    return BY_KEY[name].label(spoken()) if name in BY_KEY else own.get(key, key.partition(":")[2])


def _drawn(
    known: Known,
    keys: list[str],
    rows: list[Shown],
    status: int = 200,
    *,
    is_changed: bool = False,
) -> ResponseReturnValue:
    page = render_template(
        "exercises/msel/table.html",
        drill=known.drill,
        crumbs=breadcrumbs(known.drill, _("Edit the list")),
        columns=[(key, label_of(known, key)) for key in keys],
        rows=rows,
        long=LONG,
        sides=known.sides,
        objectives=[objective.text for objective in known.objectives],
        channels=sorted({i.channel for i in known.injects if i.channel}),
        phases=list(dict.fromkeys(i.phase for i in known.injects if i.phase)),
        has_all=request.args.get("columns") == "all",
        page=min(
            max(request.args.get("page", 1, type=int), 1), -(-len(known.injects) // SIZE) or 1
        ),
        pages=max(1, -(-len(known.injects) // SIZE)),
        is_changed=is_changed,
        clashes=[row for row in rows if row.clash or row.is_gone],
        mistakes=[row for row in rows if row.mistakes],
    )
    return page, status
