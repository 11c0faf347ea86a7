"""What will be sent, what was, and why: as a whole and of one thing."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from flask import (
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from drills.accounts.permissions import Permission, visible
from drills.core import clock
from drills.core.orm import Base
from drills.core.tabular import write_xlsx
from drills.exercises.models import Drill
from drills.extensions import db
from drills.files.sending import send_bytes
from drills.reminders import columns, letters, lists, services
from drills.reminders.kinds import BECAUSE, KINDS, Kind
from drills.reminders.models import STATES, Delivery
from drills.reminders.services import Planned
from drills.reminders.services import state as shared
from drills.reminders.views.blueprint import bp
from drills.units.models import Unit
from drills.web.access import load, requires
from drills.web.pages import Page, paged
from drills.web.session import current_person

LETTER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
"""Of the HTML of a letter: mail has its style inline, and nothing in it may act."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Stored:
    """A delivery with what it is about; ``subject`` is None of a digest and of what is gone."""

    delivery: Delivery
    kind: Kind | None
    subject: Any

    @property
    def title(self) -> str:
        return self.kind.title(self.subject) if self.kind and self.subject else ""


@bp.get("/reminders/")
@requires(Permission.REMINDER_VIEW)
def index() -> ResponseReturnValue:
    return _list(None)


@bp.get("/drills/<int:drill_id>/reminders/")
@requires(Permission.REMINDER_VIEW, on=Drill)
def of_drill(drill: Drill) -> ResponseReturnValue:
    return _list(drill)


@bp.get("/reminders/of/<table>/<int:subject_id>/")
@requires(Permission.REMINDER_VIEW)
def of_subject(table: str, subject_id: int) -> ResponseReturnValue:
    """All messages about one thing of any kind."""
    model = lists.models().get(table) or abort(404)
    return _list(load(model, subject_id))


def _list(about: Base | None) -> ResponseReturnValue:
    wanted = lists.Wanted.of(request.args)
    query, until = _query(wanted, about)
    page = paged(db.session, query, lists.count(db.session, query))
    rows = _rows(wanted, page.items)
    return render_template(
        "reminders/index.html",
        about=about,
        about_title=_title_of(about) if about is not None else "",
        wanted=wanted,
        tabs=lists.TABS.values(),
        page=Page(
            rows if wanted.tab.states else _runs(rows),
            page.total,
            page.number,
            page.size,
            page.query,
        ),
        kinds=KINDS.values(),
        states=STATES,
        because=BECAUSE,
        units=_units(),
        counted=lists.COUNTED,
        until=until,
        health=services.health(db.session, now=clock.now()),
        pause=shared.current(db.session),
    )


def _query(wanted: lists.Wanted, about: Base | None) -> tuple[sa.Select[Any], datetime | None]:
    """And as far as was looked, if that is not as far as was asked."""
    person, now = current_person(), clock.now()
    if wanted.tab.states:
        return lists.stored(wanted, person, about), None
    until = now + (shared.FURTHEST if about is not None else lists.AHEAD)
    found = lists.ahead(db.session, wanted, person, now=now, until=until, about=about)
    return found.query, found.until if found.until < until else None


def _rows(wanted: lists.Wanted, items: Any) -> list[Any]:
    if not wanted.tab.states:
        return services.as_planned(db.session, items, clock.now())
    found = services.load_subjects(db.session, [(one.kind, one.subject_id) for one in items])
    return [Stored(one, one.about, found.get((one.kind, one.subject_id))) for one in items]


def _runs(rows: Sequence[Planned]) -> list[list[Planned]]:
    """Those who are told the same at the same time stand together."""
    same = groupby(rows, lambda row: (row.kind.key, row.subject.id, row.rule.id, row.due_at))
    return [list(run) for _key, run in same]


def _title_of(about: Any) -> str:
    for kind in KINDS.values():
        if kind.model is type(about):
            return kind.title(about)
    return str(about)


def _units() -> list[tuple[str | int, str]]:
    """Few enough to choose from; where there are more, nobody scrolls through them."""
    query: sa.Select[Any] = visible(Unit, current_person()).order_by(Unit.path)
    rows = db.session.execute(query.with_only_columns(Unit.id, Unit.name).limit(300))
    return [("", _("All units")), *((row[0], row[1]) for row in rows)]


@bp.get("/reminders/export.xlsx")
@requires(Permission.REMINDER_VIEW)
def export() -> ResponseReturnValue:
    """What the list shows, whole up to ten thousand lines, with the reason of each."""
    wanted = replace(lists.Wanted.of(request.args), is_whole=True)
    found = db.session.execute(_query(wanted, None)[0].limit(lists.EXPORTED)).unique()
    rows = [row[0] if len(row) == 1 else row for row in found]
    cells = [columns.cells(row) for row in _rows(wanted, rows)]
    target, now = io.BytesIO(), clock.now()
    notes = [
        (_("Filter"), request.query_string.decode() or _("none")),
        (_("Rows"), str(len(cells))),
        (_("Exported by"), current_person().name),
    ]
    write_xlsx(
        target, columns.headers(), cells, sheet=_("Reminders"), notes=notes, notes_sheet=_("Filter")
    )
    return send_bytes(target.getvalue(), f"nhac-viec-{now:%Y-%m-%d}.xlsx", XLSX)


@bp.get("/reminders/ahead/<key>/")
@requires(Permission.REMINDER_VIEW)
def letter_ahead(key: str) -> ResponseReturnValue:
    """What a message will say that is not due yet."""
    now, person = clock.now(), current_person()
    until = now + shared.FURTHEST
    found = lists.one_ahead(db.session, key, person, now=now, until=until) or abort(404)
    return _letter(found)


@bp.get("/reminders/<int:delivery_id>/letter")
@requires(Permission.REMINDER_VIEW, on=Delivery)
def letter(delivery: Delivery) -> ResponseReturnValue:
    """What a message will say that is on its way; a digest is put together when it leaves."""
    if delivery.about is None or delivery.state not in lists.TABS["waiting"].states:
        abort(404)
    return _letter(delivery)


def _letter(delivery: Delivery) -> ResponseReturnValue:
    try:
        words = letters.show(db.session, delivery, current_app.config, now=clock.now())
    except LookupError:
        abort(404)
    if request.args.get("as") == "html":
        response = make_response(words.html)
        response.headers["Content-Security-Policy"] = LETTER_POLICY
        return response
    place: dict[str, Any] = {**(request.view_args or {}), "as": "html"}
    as_html = url_for(str(request.endpoint), **place)
    return render_template(
        "reminders/ahead.html",
        delivery=delivery,
        words=words,
        because=BECAUSE,
        now=clock.now(),
        as_html=as_html,
    )


@bp.post("/reminders/<int:delivery_id>/resend")
@requires(Permission.REMINDER_EDIT, on=Delivery)
def resend(delivery: Delivery) -> ResponseReturnValue:
    services.resend(db.session, delivery, at=clock.now(), by=current_person())
    db.session.commit()
    flash(_("The message will be sent again within a minute."), "success")
    return redirect(url_for(".index", tab="waiting", q=delivery.person.email))


@bp.post("/reminders/resend-failed")
@requires(Permission.REMINDER_EDIT)
def resend_failed() -> ResponseReturnValue:
    """All that failed and still makes sense, of what one sees."""
    sent = services.resend_all(db.session, at=clock.now(), by=current_person())
    db.session.commit()
    again = ngettext(
        "%(num)s message will be sent again.", "%(num)s messages will be sent again.", sent
    )
    flash(again, "success" if sent else "warn")
    return redirect(url_for(".index", tab="waiting" if sent else "failed"))
