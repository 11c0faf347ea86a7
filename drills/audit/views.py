"""Reading the trail."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone
from flask_babel import gettext as _

from drills.accounts.permissions import Permission, visible
from drills.audit import words
from drills.audit.models import Entry
from drills.audit.reading import Reading
from drills.core import clock
from drills.core.days import read_day
from drills.core.orm import Base
from drills.extensions import db
from drills.web.access import requires
from drills.web.pages import paged
from drills.web.session import current_person

bp = Blueprint("audit", __name__, url_prefix="/audit")
EXPORT_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the trail is narrowed to, from the address; days are the reader's own."""

    words: str
    kind: str
    verb: str
    since: date | None
    until: date | None

    @classmethod
    def of_request(cls) -> "Wanted":
        kind, verb = request.args.get("kind", ""), request.args.get("verb", "")
        today = clock.today(get_timezone())
        return cls(
            words=request.args.get("q", "").strip(),
            kind=kind if kind in words.THINGS else "",
            verb=verb if verb in words.VERBS else "",
            since=read_day(request.args.get("since", ""), today),
            until=read_day(request.args.get("until", ""), today),
        )

    @property
    def is_narrow(self) -> bool:
        return any((self.words, self.kind, self.verb, self.since, self.until))

    def rows(self) -> sa.Select[Any]:
        """Newest first; a word is looked for in the names of who did it and of the thing."""
        query = visible(Entry, current_person()).order_by(Entry.id.desc())
        if self.words:
            named = (c.contains(self.words, autoescape=True) for c in NAMES)
            query = query.where(sa.or_(*named))
        if self.kind:
            query = query.where(Entry.subject_kind == self.kind)
        if self.verb:
            query = query.where(Entry.verb == self.verb)
        if self.since:
            query = query.where(Entry.at >= _midnight(self.since))
        if self.until:
            query = query.where(Entry.at < _midnight(self.until + timedelta(days=1)))
        return query


NAMES = (Entry.who, Entry.subject_name)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=get_timezone())


@bp.get("/")
@requires(Permission.AUDIT_VIEW)
def index() -> ResponseReturnValue:
    wanted = Wanted.of_request()
    page = paged(db.session, wanted.rows())
    return render_template(
        "audit/index.html",
        page=page,
        wanted=wanted,
        words=words,
        link=link,
        changed=Reading(db.session, page.items).changes,
        export=_export_address(),
    )


@bp.get("/export.csv")
@requires(Permission.AUDIT_VIEW)
def export() -> ResponseReturnValue:
    rows = db.session.scalars(Wanted.of_request().rows().limit(EXPORT_ROWS)).all()
    answer = Response("".join(_csv(rows)), mimetype="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer


def _export_address() -> str:
    kept: dict[str, Any] = request.args.to_dict(flat=False)
    return url_for(".export", **{name: kept[name] for name in kept if name != "page"})


def link(entry: Entry) -> str | None:
    """The page of the thing an entry is about, where there is one."""
    endpoint = words.ADDRESSES.get(entry.subject_kind)
    if endpoint not in current_app.view_functions or not _has_rows(entry.subject_kind):
        return None
    identity: dict[str, Any] = {f"{entry.subject_kind}_id": entry.subject_id}
    return url_for(endpoint, **identity)


def _has_rows(kind: str) -> bool:
    return kind in Base.metadata.tables


def _csv(rows: Sequence[Entry]) -> Iterator[str]:
    """The trail as text with a byte-order mark; a cell that a spreadsheet would run is quoted."""
    read = Reading(db.session, rows).changes
    yield "\ufeff" + _line(
        [
            _("When"),
            _("Who"),
            _("What was done"),
            _("Kind"),
            _("Thing"),
            _("By which road"),
            _("Change"),
        ]
    )
    for row in rows:
        yield _line(
            [
                row.at.astimezone(get_timezone()).isoformat(timespec="seconds"),
                row.who,
                _(words.VERBS.get(row.verb, row.verb)),
                _(words.THINGS.get(row.subject_kind, row.subject_kind)),
                row.subject_name,
                _(words.ORIGINS.get(row.origin, row.origin)),
                "; ".join(f"{name}: {old} → {new}" for name, old, new in read(row)),
            ]
        )


def _line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([f"'{c}" if c[:1] in set("=+-@\t\r") else c for c in cells])
    return line.getvalue()
