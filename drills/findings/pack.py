"""The evidence of a drill as one zip: what an inspector asks for, with sums of every file."""

import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from drills.core.tabular import write_csv
from drills.exercises.models import DrillDocument, SafetyRecord, ScenarioVersion
from drills.exercises.services.readiness import safety_of
from drills.files import services as files
from drills.files.models import StoredFile
from drills.findings import tables
from drills.findings.services.report import Record
from drills.web.filters import day, moment

Entry = tuple[str, bytes | Path]


def entries(
    session: Session,
    record: Record,
    papers: Iterable[DrillDocument],
    reports: Sequence[Entry],
    folder: Path,
) -> Iterator[Entry]:
    """(path, content) of everything: tables from the record, papers and evidence as handed in."""
    yield from reports
    yield _("01 Plan") + "/plan.txt", _plan(session, record).encode()
    for path, headers, rows in tables.all_of(record):
        yield path, _csv(headers, rows)
    yield from _allowed(session, record, folder)
    for paper in papers:
        if paper.file:
            place = _("02 Papers") + "/" + _(paper.kind_label)
            yield from _file(place, paper.file, folder)
    for action in record.actions:
        for link in action.files:
            yield from _file(_("06 Actions") + "/" + action.code, link.file, folder)


def _allowed(session: Session, record: Record, folder: Path) -> Iterator[Entry]:
    """What was permitted on real systems, and the authorisation."""
    safety = safety_of(session, record.drill)
    if safety is None:
        return
    yield _("01 Plan") + "/safety.txt", _safety(record, safety).encode()
    if safety.authorisation_file:
        place = _("02 Papers") + "/" + _("Authorisation")
        yield from _file(place, safety.authorisation_file, folder)


def _file(place: str, stored: StoredFile, folder: Path) -> Iterator[Entry]:
    yield f"{place}/{stored.name}", files.path_of(stored, folder)


def _plan(session: Session, record: Record) -> str:
    """Scope, rules, objectives and scenario as text."""
    drill = record.drill
    parts = [
        f"{drill.code} {drill.title}",
        f"{moment(drill.starts_at, drill.zone)} – {moment(drill.ends_at, drill.zone)}",
        _("Scope") + f": {drill.scope}" if drill.scope else "",
        _("Rules") + f": {drill.rules}" if drill.rules else "",
        *(f"{n}. {one.text} ({_(one.rating_label)})" for n, one in enumerate(record.objectives, 1)),
    ]
    if drill.scenario_version_id:
        version = session.get_one(ScenarioVersion, drill.scenario_version_id)
        parts += [
            _("Scenario") + f": {version.scenario.title}",
            version.summary,
            version.story,
            version.assumptions,
        ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _safety(record: Record, safety: SafetyRecord) -> str:
    """What was permitted on real systems, by whom, and how it would have stopped."""
    zone = record.drill.zone
    systems = "; ".join(
        f"{one.code} {one.name} ({one.level or '–'})" for one in record.drill.systems
    )
    backup = (moment(safety.backup_at, zone), safety.backup_by, safety.backup_where)
    window = (moment(safety.window_from, zone), moment(safety.window_to, zone))
    rows = (
        (_("Authorisation"), _joined(safety.authorisation_number, day(safety.authorisation_date))),
        (_("Target systems"), systems),
        (_("Window"), " – ".join(window) if any(window) else ""),
        (_("Rules of engagement"), safety.rules),
        (_("Tools allowed"), safety.tools),
        (_("How deep it may go"), safety.depth),
        (_("Stop word"), safety.stop_word),
        (_("When it has to stop"), safety.stop_condition),
        (_("Contact on call"), _joined(safety.contact, safety.contact_phone)),
        (_("Backup"), _joined(*backup)),
        (_("The way back"), safety.rollback),
    )
    return "\n\n".join(f"{label}: {text}" for label, text in rows if text) + "\n"


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _csv(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    target = io.BytesIO()
    write_csv(target, [str(header) for header in headers], [list(row) for row in rows])
    return target.getvalue()
