"""Writing tables that a spreadsheet opens as they are: typed, and never as formulas."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

import xlsxwriter

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "dd/mm/yyyy",
}
_NOT_IN_A_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
WIDTH_MIN, WIDTH_MAX = 12, 48


def write_xlsx(
    target: str | Path | IO[bytes],
    headers: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    sheet: str,
    notes: Sequence[tuple[str, str]] = (),
    notes_sheet: str = "Notes",
) -> None:
    """One sheet with a frozen, filterable header; ``notes``, label and text, on a second.

    Cells keep their type. Aware datetimes are written as they stand: give local ones.
    """
    with xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, _OPTIONS) as book:
        _fill(book, [(sheet, headers, rows)])
        if notes:
            _note(book.add_worksheet(sheet_name(notes_sheet)), notes)


def write_book(
    target: IO[bytes], sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Any]]]]
) -> None:
    """Several sheets, each with its name, its header and its rows, as ``write_xlsx`` writes one."""
    with xlsxwriter.Workbook(target, _OPTIONS) as book:
        _fill(book, sheets)


def _fill(book: Any, sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Any]]]]) -> None:
    strong = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    for name, headers, rows in sheets:
        page = book.add_worksheet(sheet_name(name))
        _head(page, headers, strong)
        last = 0
        for last, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                _put(page, last, place, value, moment)
        page.autofilter(0, 0, last, max(len(headers) - 1, 0))


def _head(page: Any, headers: Sequence[str], strong: Any) -> None:
    for place, header in enumerate(headers):
        page.set_column(place, place, min(max(len(header) + 4, WIDTH_MIN), WIDTH_MAX))
    page.freeze_panes(1, 0)
    for place, header in enumerate(headers):
        page.write_string(0, place, header, strong)


def _put(page: Any, row: int, place: int, value: Any, moment: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_boolean(row, place, value)
    elif isinstance(value, int | float):
        page.write_number(row, place, value)
    elif isinstance(value, datetime):
        page.write_datetime(row, place, value.replace(tzinfo=None), moment)
    elif isinstance(value, date):
        page.write_datetime(row, place, value)
    else:
        page.write_string(row, place, str(value))


def _note(page: Any, notes: Sequence[tuple[str, str]]) -> None:
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 80)
    for row, (label, text) in enumerate(notes):
        page.write_string(row, 0, label)
        page.write_string(row, 1, text)


def sheet_name(text: str) -> str:
    """``text`` within what a sheet may be called: 31 characters, none of those above."""
    return _NOT_IN_A_SHEET_NAME.sub(" ", text).strip()[:31] or "1"


def write_csv(
    target: IO[bytes],
    headers: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    delimiter: str = ",",
) -> None:
    """UTF-8 with a byte order mark, as Excel needs it; formulas are kept from coming alive."""
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([_plain(header) for header in headers])
    writer.writerows([_plain(value) for value in row] for row in rows)
    text.detach()


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    is_risky = isinstance(value, str) and text.startswith(_FORMULA)
    return f"'{text}" if is_risky else text
