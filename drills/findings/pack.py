"""The evidence of a drill as one zip: what an inspector asks for, with sums of every file."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from drills.core.tabular import write_csv
from drills.exercises.models import PRESENCES, DrillDocument, ScenarioVersion
from drills.exercises.models.results import MINUTE
from drills.files import services as files
from drills.files.models import StoredFile
from drills.findings import columns
from drills.findings.services.report import Record
from drills.findings.writing import line_of
from drills.web.filters import moment

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
    yield from _tables(record).items()
    for paper in papers:
        if paper.file:
            place = _("02 Papers") + "/" + _(paper.kind_label)
            yield from _file(place, paper.file, folder)
    for action in record.actions:
        for link in action.files:
            yield from _file(_("06 Actions") + "/" + action.code, link.file, folder)


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


def _tables(record: Record) -> dict[str, bytes]:
    zone = record.drill.zone

    def when(at: Any) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if at else ""

    return {
        _("01 Plan") + "/injects.csv": _csv(
            (_("Number"), _("Title"), _("Text"), _("Expected action"), _("Released at")),
            record.injects,
            lambda i: (i.number, i.title, i.content, i.expected_action, when(i.released_at)),
        ),
        _("03 Attendance") + "/attendance.csv": _csv(
            (_("Name"), _("Unit"), _("Attendance")),
            record.participants,
            lambda p: (p.name, p.unit.name, _presence(record, p.id)),
        ),
        _("04 Log") + "/log.csv": _csv(
            (_("Time"), _("Exercise time"), _("Kind"), _("What happened"), _("Noted by")),
            record.log,
            lambda e: (
                when(e.at),
                e.exercise_seconds,
                _(e.kind_label),
                line_of(e),
                e.by.name if e.by else "",
            ),
        ),
        _("05 Results") + "/results.csv": _results(record),
        _("06 Actions") + "/actions.csv": _csv(columns.headers(), record.actions, columns.cells),
    }


def _presence(record: Record, person_id: int) -> str:
    presence = record.attendance.get(person_id)
    return str(_(PRESENCES[presence])) if presence else ""


def _results(record: Record) -> bytes:
    sides = {side.id: side.name for side in record.drill.sides}
    return _csv(
        (
            _("Inject"),
            _("Side"),
            _("Detected after (min)"),
            _("Contained after (min)"),
            _("Verdict"),
        ),
        record.results.outcomes,
        lambda row: (
            row.sent.number,
            sides.get(row.side_id, ""),
            _minutes(row.detected_after),
            _minutes(row.contained_after),
            row.verdict.value if row.verdict else "",
        ),
    )


def _minutes(seconds: int | None) -> float | str:
    return "" if seconds is None else round(seconds / MINUTE, 1)


def _csv(
    headers: Sequence[str], rows: Iterable[Any], cells: Callable[[Any], Sequence[Any]]
) -> bytes:
    target = io.BytesIO()
    write_csv(target, [str(header) for header in headers], [list(cells(row)) for row in rows])
    return target.getvalue()
