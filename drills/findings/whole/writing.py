"""A drill as a workbook, in the same sheets as are read: read again it makes the same drill."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import IO, Any

from flask_babel import gettext as _

from drills.core import tabular
from drills.exercises.kinds import KINDS
from drills.exercises.labels import said
from drills.exercises.models import (
    AUDIENCES,
    CLOCK_ACTS,
    LOG_KINDS,
    PARTS,
    PRESENCES,
    PRIORITIES,
    RATINGS,
    SEVERITIES,
    STATUSES,
    VERDICTS,
    Drill,
    Inject,
    InjectStatus,
    MselColumn,
)
from drills.exercises.services import msel
from drills.exercises.services.msel import ColumnSet
from drills.exercises.services.msel.columns import COLUMNS as INJECT_COLUMNS
from drills.exercises.services.msel.columns import OURS
from drills.findings.models import STATES, CorrectiveAction, Finding
from drills.findings.whole import words
from drills.findings.whole.record import Record, reference
from drills.findings.whole.sheets import (
    ACTIONS,
    COLUMNS,
    DRILL,
    FIELD,
    FINDINGS,
    INJECTS,
    LOG,
    OBJECTIVES,
    PLACES,
    RESULTS,
    SHEETS,
    VALUE,
    SheetKind,
)

Rows = Iterable[Sequence[Any]]


def write(target: IO[bytes], record: Record, columns: Sequence[MselColumn], language: str) -> None:
    """The whole drill; ``columns`` of its list are those the reader may see."""
    written = {
        DRILL.key: _drill(record, language),
        OBJECTIVES.key: _objectives(record),
        PLACES.key: _places(record),
        COLUMNS.key: [[c.label, said(AUDIENCES, c.audience)] for c in columns if c.drill_id],
        RESULTS.key: _results(record),
        LOG.key: _log(record),
        FINDINGS.key: [_finding(record, n, row) for n, row in enumerate(record.findings, start=1)],
        ACTIONS.key: [_action(record, row) for row in record.actions],
    }
    known = record.known
    headers, injects = msel.table(known, known.injects, columns, ColumnSet.OURS, language)
    tabular.write_book(
        target,
        [
            (kind.label(language), headers, injects)
            if kind is INJECTS
            else (kind.label(language), _heads(kind, language), written[kind.key])
            for kind in SHEETS
        ],
    )


def template(target: IO[bytes], language: str) -> None:
    """The empty workbook: every sheet with its header."""
    ours = {column.key: column.label(language) for column in INJECT_COLUMNS}
    headers = [ours[key] for key in OURS]
    names: Rows = [[column.label(language), ""] for column in DRILL.columns]
    tabular.write_book(
        target,
        [
            (kind.label(language), headers, [])
            if kind is INJECTS
            else (kind.label(language), _heads(kind, language), names if kind is DRILL else [])
            for kind in SHEETS
        ],
    )


def _heads(kind: SheetKind, language: str) -> list[str]:
    columns = (FIELD, VALUE) if kind.is_upright else kind.columns
    return tabular.labels(columns, language)


def _yes(value: bool) -> str:  # noqa: FBT001 - the only thing there is to say
    return "x" if value else ""


def _moment(at: datetime | None, drill: Drill) -> str:
    if at is None:
        return ""
    local = at.astimezone(drill.zone)
    return f"{local:%d/%m/%Y %H:%M:%S}" if local.second else f"{local:%d/%m/%Y %H:%M}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _drill(record: Record, language: str) -> Rows:
    drill, ours = record.drill, record.drill.participation
    values: Mapping[str, str] = {
        "title": drill.title,
        "kind": str(_(KINDS[drill.kind_key].label)),
        "part": said(PARTS, drill.part),
        "organiser": drill.organiser,
        "unit": drill.unit.code,
        "starts_at": _moment(drill.starts_at, drill),
        "ends_at": _moment(drill.ends_at, drill),
        "time_zone": drill.time_zone,
        "place": drill.place,
        "is_online": _yes(drill.is_online),
        "status": said(STATUSES, drill.status),
        "status_reason": drill.status_reason,
        "summary": drill.summary,
        "result": drill.result,
        "lead": reference(drill.lead),
        "scope": drill.scope,
        "rules": drill.rules,
        "detect_target_minutes": _number(drill.detect_target_minutes),
        "contain_target_minutes": _number(drill.contain_target_minutes),
        "edition": ours.title if ours else "",
        "score": _number(ours.score) if ours else "",
        "score_of": _number(ours.score_of) if ours else "",
        "rank": _number(ours.rank) if ours else "",
        "rank_of": _number(ours.rank_of) if ours else "",
        "rank_scope": ours.rank_scope if ours else "",
        "source": ours.source if ours else "",
    }
    return [[column.label(language), values[column.key]] for column in DRILL.columns]


def _objectives(record: Record) -> Rows:
    return [
        [
            aim.text,
            aim.capability,
            said(PRIORITIES, aim.priority),
            said(RATINGS, aim.rating),
            _number(aim.score),
            _number(aim.score_of),
            aim.rating_note,
        ]
        for aim in record.known.objectives
    ]


def _places(record: Record) -> Rows:
    """What, name, code, part, side, team of the side, presence."""
    here, keys = record.presences, {side.id: side.key for side in record.known.sides}
    yield from (
        [said(words.WHATS, words.SIDE), s.name, s.key, "", "", s.team.name if s.team else "", ""]
        for s in record.known.sides
    )
    for unit in record.units:
        code, part = unit.unit.code, said(PARTS, unit.part)
        yield [said(words.WHATS, words.UNIT), unit.unit.name, code, part, "", "", ""]
    for team in record.teams:
        part = said(PARTS, team.part)
        yield [said(words.WHATS, words.TEAM), team.team.name, "", part, "", "", ""]
    for system in record.drill.systems:
        yield [said(words.WHATS, words.SYSTEM), system.name, system.code, "", "", "", ""]
    for link in record.people:
        person, part = link.person, said(PARTS, link.part)
        came = said(PRESENCES, here.pop(link.person_id, None))
        side = keys.get(link.side_id or 0, "")
        what = said(words.WHATS, words.PERSON)
        yield [what, person.name, person.email or "", part, side, "", came]
    for key, presence in here.items():
        person, came = record.persons[key], said(PRESENCES, presence)
        what = said(words.WHATS, words.MEMBER)
        yield [what, person.name, person.email or "", "", "", "", came]


def _results(record: Record) -> Rows:
    keys = {side.id: side.key for side in record.known.sides}
    for inject in record.known.injects:
        yield from _of_inject(record, inject, keys)


def _of_inject(record: Record, inject: Inject, keys: Mapping[int, str]) -> Rows:
    if inject.status is InjectStatus.SKIPPED:
        yield [inject.number, "", "", "", "", "", "", _yes(True)]  # noqa: FBT003
    sides = record.judged_sides(inject)
    if inject.status is InjectStatus.RELEASED and not sides:
        sides = [None]
    for side_id in sides:
        detected, contained = record.times(inject, side_id)
        verdict, note = record.verdicts.get((inject.id, side_id), (None, ""))
        moments = [_moment(at, record.drill) for at in (inject.released_at, detected, contained)]
        side = keys.get(side_id or 0, "")
        yield [inject.number, side, *moments, said(VERDICTS, verdict), note, ""]


def _log(record: Record) -> Rows:
    """The clock's turns and the lines that stand, but for those the results say already."""
    keys = {side.id: side.key for side in record.known.sides}
    numbers = {inject.id: inject.number for inject in record.known.injects}
    drill = record.drill
    rows: list[tuple[datetime, list[str]]] = [
        (t.at, [_moment(t.at, drill), said(CLOCK_ACTS, t.act), "", "", "", reference(t.by)])
        for t in record.turns
    ]
    rows += [
        (
            line.at,
            [
                _moment(line.at, drill),
                said(LOG_KINDS, line.kind),
                numbers.get(line.inject_id or 0, ""),
                keys.get(line.side_id or 0, ""),
                line.text,
                reference(line.by),
            ],
        )
        for line in record.told
    ]
    return [cells for _at, cells in sorted(rows, key=lambda row: row[0].replace(microsecond=0))]


def _finding(record: Record, number: int, finding: Finding) -> list[str]:
    numbers = {inject.id: inject.number for inject in record.known.injects}
    aims = {aim.id: aim.text for aim in record.known.objectives}
    return [
        str(number),
        finding.text,
        said(SEVERITIES, finding.severity),
        finding.analysis,
        numbers.get(finding.inject_id or 0, ""),
        aims.get(finding.objective_id or 0, ""),
        finding.system.code if finding.system else "",
        "x" if finding.is_restricted else str(_("no")),
    ]


def _action(record: Record, action: CorrectiveAction) -> list[Any]:
    places = {finding.id: str(n) for n, finding in enumerate(record.findings, start=1)}
    zone = record.drill.zone
    return [
        places.get(action.finding_id or 0, ""),
        action.text,
        reference(action.owner),
        action.unit.code,
        action.due_on,
        said(STATES, action.state),
        action.state_reason,
        action.evidence,
        reference(action.done_by),
        action.done_at.astimezone(zone).date() if action.done_at else "",
        reference(action.verified_by),
        action.verified_at.astimezone(zone).date() if action.verified_at else "",
    ]
