"""The tables of the evidence pack: the record of a drill, a file for each kind of row."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from drills.exercises.models import PRESENCES
from drills.exercises.models.results import MINUTE
from drills.findings import columns, played
from drills.findings.services.report import Record
from drills.findings.writing import line_of

Table = tuple[str, Sequence[str], Sequence[Sequence[Any]]]
"""Its path in the pack, the headers, the rows."""


def all_of(record: Record) -> Iterator[Table]:
    """Those that have a row."""
    parts = [_before, _during, _after]
    if record.drill.participation:
        parts.append(_of_our_part)
    yield from (table for part in parts for table in part(record) if table[2])


def _before(record: Record) -> Iterator[Table]:
    yield (
        _("01 Plan") + "/injects.csv",
        (_("Number"), _("Title"), _("Text"), _("Expected action"), _("Released at")),
        [
            (i.number, i.title, i.content, i.expected_action, _when(record, i.released_at))
            for i in record.injects
        ],
    )
    yield (
        _("03 Attendance") + "/attendance.csv",
        (_("Name"), _("Unit"), _("Attendance")),
        [(p.name, p.unit.name, _presence(record, p.id)) for p in record.participants],
    )


def _during(record: Record) -> Iterator[Table]:
    yield (
        _("04 Log") + "/log.csv",
        (_("Time"), _("Exercise time"), _("Kind"), _("What happened"), _("Noted by")),
        [
            (
                _when(record, entry.at),
                entry.exercise_seconds,
                _(entry.kind_label),
                line_of(entry),
                entry.by.name if entry.by else "",
            )
            for entry in record.log
        ],
    )
    name = played.side_names(record)
    yield (
        _("05 Results") + "/results.csv",
        (
            _("Inject"),
            _("Side"),
            _("Detected after (min)"),
            _("Contained after (min)"),
            _("Verdict"),
            _("Remark"),
        ),
        [
            (
                row.sent.number,
                name(row.side_id),
                _minutes(row.detected_after),
                _minutes(row.contained_after),
                played.verdict(row),
                row.note,
            )
            for row in record.results.outcomes
        ],
    )


def _after(record: Record) -> Iterator[Table]:
    yield (
        _("05 Results") + "/objectives.csv",
        (_("Objective"), _("Rating"), _("Score"), _("Highest score possible"), _("Remark")),
        [
            (one.text, _(one.rating_label), one.score, one.score_of, one.rating_note)
            for one in record.objectives
        ],
    )
    yield (
        _("05 Results") + "/observations.csv",
        (_("Time"), _("What was seen"), _("A strength"), _("Evaluator")),
        [
            (
                _when(record, seen.at),
                seen.text,
                _("yes") if seen.is_strength else _("no"),
                seen.evaluator.name if seen.evaluator else "",
            )
            for seen in record.observations
        ],
    )
    yield (
        _("05 Results") + "/vulnerabilities.csv",
        (_("Severity"), _("System"), _("Vulnerability"), _("Fix by"), _("Fixed on")),
        [
            (
                _(one.severity_label),
                one.system.code if one.system else "",
                one.title,
                one.fix_by,
                one.fixed_on,
            )
            for one in record.vulnerabilities
        ],
    )
    yield (
        _("05 Results") + "/hot-wash.csv",
        (_("Question"), _("Answer")),
        [(row["question"], row["answer"]) for row in played.hot_wash(record)],
    )
    yield from _to_do(record)


def _to_do(record: Record) -> Iterator[Table]:
    yield (
        _("06 Actions") + "/findings.csv",
        (_("Finding"), _("Severity"), _("Why it happened"), _("Corrective actions")),
        [
            (
                one.text,
                _(one.severity_label),
                one.analysis,
                ", ".join(action.code for action in one.actions),
            )
            for one in record.findings
        ],
    )
    yield (
        _("06 Actions") + "/lessons.csv",
        (_("What was learned"), _("A strength"), _("Recommendation")),
        [
            (one.text, _("yes") if one.is_strength else _("no"), one.recommendation)
            for one in record.lessons
        ],
    )
    yield (
        _("06 Actions") + "/actions.csv",
        columns.headers(),
        [columns.cells(action) for action in record.actions],
    )


def _of_our_part(record: Record) -> Iterator[Table]:
    told = played.context(record)
    yield (
        _("07 Our part") + "/standing.csv",
        list(told["participation"]),
        [list(told["participation"].values())],
    )
    yield (
        _("07 Our part") + "/received.csv",
        (
            _("Inject"),
            _("What it was about"),
            _("Received at"),
            _("Answered at"),
            _("After"),
            _("Who worked on it"),
            _("What we answered"),
            _("What the host said of it"),
        ),
        [list(row.values()) for row in told["received"]],
    )


def _when(record: Record, at: datetime | None) -> str:
    return f"{at.astimezone(record.drill.zone):%Y-%m-%d %H:%M:%S}" if at else ""


def _presence(record: Record, person_id: int) -> str:
    presence = record.attendance.get(person_id)
    return str(_(PRESENCES[presence])) if presence else ""


def _minutes(seconds: int | None) -> float | str:
    return "" if seconds is None else round(seconds / MINUTE, 1)
