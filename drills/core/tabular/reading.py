"""Reading an XLSX or CSV file that somebody else made, and that may be made to hurt."""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import IO, Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from drills.core.errors import DomainError
from drills.core.tabular.matching import Column, is_header
from drills.core.text import N_, normal

COLUMNS_MAX = 200
ENTRIES_MAX = 1000
UNPACKED_MAX = 200 * 1024 * 1024
RATIO_MAX = 200
RATIO_FREE = 10 * 1024 * 1024
"""Below this size a well-packed file is harmless, however repetitive."""
CELL_MAX = 20_000
MERGED_MAX = 2000
HEAD_ROOM = 50
"""Lines a title block may take above the header."""

_NOT_XLSX = N_(
    "“%(file)s” cannot be read as a workbook. Open it in Excel or LibreOffice and save it as "
    "XLSX or as CSV UTF-8."
)
_TOO_LARGE = N_(
    "“%(file)s” holds more than one import takes: %(rows)s rows and %(columns)s columns. "
    "Split it into several files."
)
_NOT_UTF8 = N_(
    "“%(file)s” is not UTF-8 text, so its accents would be lost. Save it in Excel as "
    "“CSV UTF-8”, or as XLSX."
)
_LEGACY = N_(
    "“%(file)s” is written in an old font encoding (TCVN3 or VNI), as in “%(sample)s”. "
    "Convert it to Unicode, for example with Unikey, and import again."
)
_EMPTY = N_("“%(file)s” has no header line. Put the names of the columns in the first line.")

_OLE = b"\xd0\xcf\x11\xe0"  # the old XLS, and XLSX under a password
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)>")
_PLACE = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=[\"'](\d{1,7})[\"']")

# Letters that Vietnamese does not have, but that its old encodings show when read as Latin-1.
_OLD = "¨©ª¬®µ¶·¸¹¼½¾§ÄÅÆÇËÎÏÑÖØÛÜÞßäåæçëîïñöøûüþ×÷"
_OLD_WORD = re.compile(rf"[A-Za-z][{_OLD}]|[{_OLD}][A-Za-z]")
_REAL_WORD = re.compile(r"[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")


@dataclass(frozen=True, slots=True)
class Row:
    """``number`` is the line of the file; ``cells`` has one text for each header."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet of a file as it stands, no line taken for the header.

    Every cell of a merged area has its text. A file of CSV has one page without a name.
    """

    name: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The first sheet of a file, cut at its header.

    Cells are normalised text: whole numbers without ``.0``, dates as ``2026-11-23``, formulas
    by their value.
    """

    headers: list[str]
    rows: list[Row]


def read(stream: IO[bytes], filename: str, *, limit: int, columns: Sequence[Column] = ()) -> Sheet:
    """The table in ``stream``; its first bytes, not ``filename``, say what it is.

    The header is the first line that names what ``columns`` require: a title may stand above it.
    DomainError, with what to do about it, if it is damaged, too large or not Unicode.
    """
    data = stream.read()
    if data.startswith(_OLE):
        raise DomainError(_NOT_XLSX, file=filename)
    is_workbook = data.startswith(b"PK")
    lines = _workbook(data, filename, limit) if is_workbook else _text(data, filename)
    sheet = _cut(lines, filename, limit, columns)
    _refuse_old_fonts(sheet, filename)
    return sheet


def pages(stream: IO[bytes], filename: str, *, limit: int) -> list[Page]:
    """Every visible sheet of ``stream`` whole, for those who look for the header themselves.

    DomainError as from ``read``.
    """
    data = stream.read()
    if data.startswith(_OLE):
        raise DomainError(_NOT_XLSX, file=filename)
    named = _worksheets(data, filename, limit) if data.startswith(b"PK") else None
    found = [
        Page(name, _numbered(lines, filename, limit))
        for name, lines in (named or [("", _text(data, filename))])
    ]
    for page in found:
        _refuse_old_fonts(Sheet([], page.rows), filename)
    return found


def _numbered(lines: Iterable[list[str]], filename: str, limit: int) -> list[Row]:
    """The lines that say anything, all of the width of the widest."""
    numbered = ((n, [normal(cell) for cell in line]) for n, line in enumerate(lines, start=1))
    kept = [(number, cells) for number, cells in numbered if any(cells)]
    width = max((_length(cells) for _number, cells in kept), default=0)
    if len(kept) > limit + HEAD_ROOM or width > COLUMNS_MAX:
        raise _too_large(filename, limit)
    return [Row(number, _fitted(cells, width)) for number, cells in kept]


def _cut(lines: Iterable[list[str]], filename: str, limit: int, columns: Sequence[Column]) -> Sheet:
    kept: list[tuple[int, list[str]]] = []
    for number, line in enumerate(lines, start=1):
        cells = [normal(cell) for cell in line]
        if any(cells):
            kept.append((number, cells))
        if len(kept) > limit + HEAD_ROOM or len(cells) > COLUMNS_MAX:
            raise _too_large(filename, limit)
    if not kept:
        raise DomainError(_EMPTY, file=filename)
    named = (n for n, (_, cells) in enumerate(kept[:HEAD_ROOM]) if is_header(cells, columns))
    head = next(named, 0)
    headers = kept[head][1][: _length(kept[head][1])]
    rows = [Row(number, _fitted(cells, len(headers))) for number, cells in kept[head + 1 :]]
    if len(rows) > limit:
        raise _too_large(filename, limit)
    return Sheet(headers, rows)


def _length(cells: list[str]) -> int:
    return max(n for n, cell in enumerate(cells, start=1) if cell)


def _fitted(cells: list[str], width: int) -> tuple[str, ...]:
    return tuple((cells + [""] * width)[:width])


def _too_large(filename: str, limit: int) -> DomainError:
    return DomainError(_TOO_LARGE, file=filename, rows=limit, columns=COLUMNS_MAX)


def _workbook(data: bytes, filename: str, limit: int) -> Iterator[list[str]]:
    try:
        _weigh(data, filename, limit)
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheet = workbook.get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, zipfile.BadZipFile, RuntimeError, OSError, IndexError) as error:
        raise DomainError(_NOT_XLSX, file=filename) from error
    return ([_cell(value) for value in row] for row in rows)


def _worksheets(data: bytes, filename: str, limit: int) -> list[tuple[str, Iterable[list[str]]]]:
    try:
        _weigh(data, filename, limit)
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        shown = [
            about.name
            for about in workbook.sheets_metadata
            if about.typ == SheetTypeEnum.WorkSheet and about.visible == SheetVisibleEnum.Visible
        ]
        return [(name, _spread(workbook.get_sheet_by_name(name))) for name in shown]
    except (CalamineError, zipfile.BadZipFile, RuntimeError, OSError, IndexError) as error:
        raise DomainError(_NOT_XLSX, file=filename) from error


def _spread(sheet: CalamineSheet) -> list[list[str]]:
    """The cells as text, with the text of a merged area in each of its cells."""
    lines = [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in (sheet.merged_cell_ranges or [])[:MERGED_MAX]:
        for line in lines[top : bottom + 1]:
            line[left : right + 1] = [lines[top][left]] * len(line[left : right + 1])
    return lines


def _weigh(data: bytes, filename: str, limit: int) -> None:
    """Refuse a bomb before it is unpacked, and a sheet whose far corner would fill the memory."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        total = sum(entry.file_size for entry in entries)
        packed = max(len(data), 1)
        if (
            len(entries) > ENTRIES_MAX
            or total > UNPACKED_MAX
            or (total > RATIO_FREE and total / packed > RATIO_MAX)
        ):
            raise _too_large(filename, limit)
        for entry in entries:
            if "worksheets/" in entry.filename and entry.filename.endswith(".xml"):
                _measure(archive.read(entry), filename, limit)


def _measure(sheet: bytes, filename: str, limit: int) -> None:
    """The reader makes room for every cell up to the last filled one: look where that is."""
    lowest = rightmost = 0
    for cell in _CELL.finditer(sheet):
        attributes = cell.group(1)
        if attributes.endswith(b"/"):
            continue
        place = _PLACE.search(attributes)
        if place is None:
            lowest = max(lowest, *(int(row) for row in _ROW.findall(sheet)), 0)
            break
        rightmost = max(rightmost, _column(place.group(1)))
        lowest = max(lowest, int(place.group(2)))
    if lowest > limit + HEAD_ROOM or rightmost > COLUMNS_MAX:
        raise _too_large(filename, limit)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        text = "1" if value else "0"
    elif isinstance(value, float) and value.is_integer():
        text = str(int(value))
    elif isinstance(value, datetime) and value.time() == time():
        text = value.date().isoformat()
    elif isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        text = f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    elif isinstance(value, date | datetime | time):
        text = value.isoformat()
    else:
        text = str(value)
    return text[:CELL_MAX]


def _text(data: bytes, filename: str) -> Iterator[list[str]]:
    text = _decoded(data, filename)
    delimiter, text = _delimiter(text)
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield [_unquoted(cell)[:CELL_MAX] for cell in line]
    except csv.Error as error:
        raise DomainError(_NOT_XLSX, file=filename) from error


def _decoded(data: bytes, filename: str) -> str:
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise DomainError(_NOT_UTF8, file=filename) from error
    if "\x00" in text:
        raise DomainError(_NOT_XLSX, file=filename)
    return text


def _delimiter(text: str) -> tuple[str, str]:
    """What separates the cells, and the text without the line ``sep=;`` that Excel may write."""
    first, _, rest = text.lstrip("\r\n").partition("\n")
    if told := re.fullmatch(r"\s*\"?sep=(.)\"?\s*", first):
        return told.group(1), rest
    header = re.sub(r'"[^"]*"', "", first)
    return max(";,\t", key=header.count) if header.strip() else ",", text


def _unquoted(cell: str) -> str:
    """Our own CSV puts ' before what a spreadsheet would take for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in {"=", "+", "-", "@", "\t", "\r"} else cell


def _refuse_old_fonts(sheet: Sheet, filename: str) -> None:
    old, real, sample = 0, 0, ""
    for cells in (sheet.headers, *(row.cells for row in sheet.rows)):
        for cell in cells:
            if cell.isascii():
                continue
            text = unicodedata.normalize("NFC", cell)
            found = len(_OLD_WORD.findall(text))
            real += bool(_REAL_WORD.search(text))
            old += found
            sample = sample or (text if found else "")
    if old > 1 and old > real:  # a single one may be a foreign name
        raise DomainError(_LEGACY, file=filename, sample=sample[:60])
