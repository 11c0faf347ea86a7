"""The checklist as a spreadsheet, out and back in: all rows or none."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import IO, Any

from drills.approvals.models import MEASURE_STATES, MeasureDetails, MeasureState
from drills.approvals.services.measures import Checklist, Item
from drills.core.days import read_date
from drills.core.tabular import Column, Problem, Row, match, read
from drills.core.tabular.matching import key as folded
from drills.core.text import N_

ROWS_MAX = 1000
COLUMNS = (
    Column("key", "Mã", "Key", ("ma bien phap", "ma yeu cau"), required=True),
    Column("group", "Nhóm yêu cầu", "Group"),
    Column("measure", "Yêu cầu", "Measure", ("bien phap", "tieu chi")),
    Column("clause", "Điều khoản", "Clause", ("tcvn",)),
    Column("state", "Tình trạng", "State", ("muc do trien khai",), required=True),
    Column("due_on", "Hạn", "Due", ("thoi han", "du kien hoan thanh")),
    Column("note", "Ghi chú", "Note", ("ly do",)),
    Column("evidence", "Minh chứng", "Evidence", ("tep minh chung",)),
)
STATE_WORDS = {
    MeasureState.NOT_STARTED: ("Chưa triển khai", "Not implemented"),
    MeasureState.PARTLY: ("Triển khai một phần", "Partly implemented"),
    MeasureState.DONE: ("Đã triển khai đầy đủ", "Fully implemented"),
    MeasureState.NOT_APPLICABLE: ("Không áp dụng", "Not applicable"),
}
"""In both languages, whichever the file was written in."""
_KNOWN = {
    folded(word): state
    for state, words in STATE_WORDS.items()
    for word in (*words, state.value, MEASURE_STATES[state])
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says. ``changes`` are empty while there are ``problems``."""

    changes: Mapping[str, MeasureDetails]
    problems: list[Problem]
    ignored: list[str]


def lines(found: Checklist, language: str) -> Iterator[list[Any]]:
    """One line for each measure, under ``COLUMNS``."""
    place = 1 if language == "en" else 0
    for item in found.items:
        yield [
            item.key,
            item.asked.group_text.said(language),
            item.asked.text.said(language),
            item.asked.clause,
            STATE_WORDS[item.state][place],
            item.due_on,
            item.note,
            item.evidence.name if item.evidence else "",
        ]


def reading(stream: IO[bytes], filename: str, found: Checklist) -> Reading:
    """Understand a file against the checklist. DomainError if it is no table with our columns.

    A column that the file lacks stays as it is; so does a measure it does not name.
    """
    sheet = read(stream, filename, limit=ROWS_MAX)
    places, ignored = match(sheet.headers, COLUMNS)
    items = {item.key: item for item in found.items}
    changes: dict[str, MeasureDetails] = {}
    problems: list[Problem] = []
    for row in sheet.rows:
        reader = _RowReader(row, places, items, problems)
        if understood := reader.understood():
            changes[understood[0]] = understood[1]
    return Reading({} if problems else changes, problems, ignored)


@dataclass(frozen=True, slots=True)
class _RowReader:
    row: Row
    places: Mapping[str, int]
    items: Mapping[str, Item]
    problems: list[Problem]

    def understood(self) -> tuple[str, MeasureDetails] | None:
        item = self.items.get(self._cell("key"))
        if item is None:
            self._wrong(
                "key",
                N_("The checklist of this system has no such key."),
                N_("Take the keys from its export."),
            )
            return None
        details = MeasureDetails(item.state, item.note, item.due_on)
        state = _KNOWN.get(folded(self._cell("state")))
        if state is None:
            self._wrong(
                "state",
                N_("This is none of the four states."),
                N_("Write it as in the export, such as “Partly implemented”."),
            )
            return None
        details = replace(details, state=state)
        details = self._day(details) if "due_on" in self.places else details
        if "note" in self.places:
            details = replace(details, note=self._cell("note"))
        if details.state is MeasureState.NOT_APPLICABLE and not details.note:
            self._wrong("note", N_("“Not applicable” needs a note."), N_("Say why."))
        return item.key, details

    def _day(self, details: MeasureDetails) -> MeasureDetails:
        text = self._cell("due_on")
        day: date | None = read_date(text) if text else None
        if text and day is None:
            self._wrong(
                "due_on", N_("This is not a day of the calendar."), N_("Write it as 23/11/2026.")
            )
        return replace(details, due_on=day)

    def _cell(self, key: str) -> str:
        place = self.places.get(key)
        return self.row.cells[place] if place is not None else ""

    def _wrong(self, key: str, reason: str, remedy: str) -> None:
        label = next(column.label_vi for column in COLUMNS if column.key == key)
        self.problems.append(Problem(self.row.number, label, self._cell(key), reason, remedy))
