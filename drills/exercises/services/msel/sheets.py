"""The list of injects as a sheet, in our columns or in those of a set."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO

from drills.core import tabular
from drills.exercises.models import INJECT_STATUSES, Inject, MselColumn
from drills.exercises.services.msel.cells import EVENT_TYPES, join_message
from drills.exercises.services.msel.columns import (
    BY_KEY,
    EVENT_TYPE,
    OURS,
    SETS,
    STATUS,
    ColumnSet,
    Extra,
)
from drills.exercises.services.msel.details import InjectDetails, details_of, written_sides
from drills.exercises.services.msel.known import Known
from drills.exercises.services.msel.times import Frame, write_due


def table(
    known: Known,
    injects: Sequence[Inject],
    columns: Sequence[MselColumn],
    chosen: ColumnSet,
    language: str,
) -> tuple[list[str], Iterator[list[str]]]:
    """Headers and rows. ``columns`` are those the reader may see; of others nothing is told."""
    meanings = _meanings(columns, chosen, language)
    seen = {column.key for column in columns}
    rows = (
        [_cell(known, inject, details_of(inject), meaning, seen) for meaning in meanings.values()]
        for inject in injects
    )
    return list(meanings), rows


def write(
    target: IO[bytes], headers: Sequence[str], rows: Iterator[list[str]], *, ending: str, sheet: str
) -> None:
    if ending == "csv":
        tabular.write_csv(target, headers, rows)
    else:
        tabular.write_xlsx(target, headers, rows, sheet=sheet)


def _meanings(
    columns: Sequence[MselColumn], chosen: ColumnSet, language: str
) -> dict[str, str | Extra]:
    if chosen is not ColumnSet.OURS:
        return dict(SETS[chosen])
    ours: dict[str, str | Extra] = {BY_KEY[key].label(language): key for key in OURS}
    return ours | {
        column.label: Extra(column.key) for column in columns if column.label not in ours
    }


def _cell(
    known: Known, inject: Inject, details: InjectDetails, meaning: str | Extra, seen: set[str]
) -> str:
    if isinstance(meaning, Extra):
        return _extra(inject, details, meaning.key, seen)
    return text_of(details, meaning, known.frame, written_sides(inject.sides))


def text_of(details: InjectDetails, key: str, frame: Frame, sides: str) -> str:
    """One field as a cell shows it, and as it can be read again."""
    made = _MADE.get(key)
    if made is not None:
        return made(details, frame)
    value = sides if key == "sides" else getattr(details, key)
    return "" if value is None else str(value)


_MADE: Mapping[str, Callable[[InjectDetails, Frame], str]] = {
    "time": lambda details, frame: write_due(details.offset_seconds, details.planned_at, frame),
    "message": lambda details, _frame: join_message(details.title, details.content),
    "is_contingency": lambda details, _frame: "x" if details.is_contingency else "",
}


def _extra(inject: Inject, details: InjectDetails, key: str, seen: set[str]) -> str:
    text = details.extra.get(key, "") if key in seen else ""
    if text:
        return text
    if key == EVENT_TYPE:
        return EVENT_TYPES[details.is_contingency]
    if key == STATUS:
        return INJECT_STATUSES[inject.status]
    return ""
