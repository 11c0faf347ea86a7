"""Where the header of somebody's sheet is, and what its columns mean."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from drills.core.errors import DomainError
from drills.core.tabular import Page, Row
from drills.core.tabular import key as folded
from drills.core.text import N_
from drills.exercises.models import MselColumn
from drills.exercises.services.msel.columns import (
    COLUMNS,
    IGNORE,
    KEEP,
    SETS,
    ColumnSet,
    Extra,
)

SEARCHED = 40
"""How many lines from the top a header is looked for."""
MOST_OF_A_SET = 0.6
_TELLING = frozenset({"number", "time", "title", "content", "message", "sides", "expected_action"})


@dataclass(frozen=True, slots=True)
class Layout:
    """``header`` is the line of the file; ``meanings`` has one for each of ``headers``.

    A meaning is the key of a column of ours, ``column:<key>`` for one of the agency's,
    ``column`` for one to be kept that has no key yet, or empty: ignored.
    """

    page: int
    header: int
    headers: tuple[str, ...]
    meanings: tuple[str, ...]
    set: ColumnSet = ColumnSet.OURS

    @property
    def ignored(self) -> list[str]:
        pairs = zip(self.headers, self.meanings, strict=True)
        return [header for header, meaning in pairs if header and meaning == IGNORE]

    def as_mapping(self) -> dict[str, str]:
        pairs = zip(self.headers, self.meanings, strict=True)
        return {folded(header): meaning for header, meaning in pairs if folded(header)}


def find(
    pages: Sequence[Page],
    columns: Sequence[MselColumn],
    saved: Mapping[str, str] | None = None,
    *,
    page: int | None = None,
    header: int | None = None,
) -> Layout:
    """The likeliest header of all pages, or the line the person named.

    DomainError if no line looks like one.
    """
    asked = header is not None and page is not None
    best: tuple[int, Layout] | None = None
    for place, row in _lines(pages):
        if asked and (place, row.number) != (page, header):
            continue
        layout = _layout(place, row, columns, saved)
        score = _score(layout)
        if best is None or score > best[0]:
            best = (score, layout)
    if best is None or (best[0] < 2 and not asked):
        raise DomainError(
            N_(
                "No line of the file looks like the header of a list of injects. Name the columns "
                "in one line, such as “%(columns)s”, and import again."
            ),
            columns="STT, Thời gian, Tình huống, Nội dung, Đơn vị nhận, Hành động mong đợi",
        )
    return best[1]


def with_meanings(layout: Layout, meanings: Sequence[str]) -> Layout:
    """The layout as the person has changed it; a meaning given twice counts the first time."""
    given = [*meanings[: len(layout.headers)]]
    given += [IGNORE] * (len(layout.headers) - len(given))
    return Layout(layout.page, layout.header, layout.headers, _once(given), layout.set)


def _lines(pages: Sequence[Page]) -> Iterator[tuple[int, Row]]:
    for place, page in enumerate(pages):
        for row in page.rows[:SEARCHED]:
            yield place, row


def _layout(
    place: int, row: Row, columns: Sequence[MselColumn], saved: Mapping[str, str] | None
) -> Layout:
    headers = tuple(" ".join(cell.split()) for cell in row.cells)
    known_set = _set_of(headers)
    names = _names(columns) | _set_names(known_set) | dict(saved or {})
    meanings = [names.get(folded(h)) or names.get(folded(_bare(h)), IGNORE) for h in headers]
    meanings = [
        _saved(header, meaning, saved) for header, meaning in zip(headers, meanings, strict=True)
    ]
    return Layout(place, row.number, headers, _once(_as_message(meanings)), known_set)


def _saved(header: str, meaning: str, saved: Mapping[str, str] | None) -> str:
    """What a saved mapping ignores stays ignored, whatever we would make of it."""
    return saved[folded(header)] if saved and folded(header) in saved else meaning


def _score(layout: Layout) -> int:
    """How many of our columns a line names; none of it counts without a telling one."""
    found = {m for m in layout.meanings if m != IGNORE}
    return len(found) if found & _TELLING else 0


def _names(columns: Sequence[MselColumn]) -> dict[str, str]:
    names: dict[str, str] = {}
    for column in COLUMNS:
        labels = (column.label_vi, column.label_en, column.key.replace("_", " "))
        for name in (*labels, *column.synonyms):
            names.setdefault(folded(name), column.key)
    for own in columns:
        names[folded(own.label)] = f"column:{own.key}"
    return names


def _set_of(headers: Sequence[str]) -> ColumnSet:
    known = {folded(header) for header in headers}
    shares = {
        name: sum(folded(header) in known for header in headers_of) / len(headers_of)
        for name, headers_of in SETS.items()
    }
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= MOST_OF_A_SET else ColumnSet.OURS


def _set_names(name: ColumnSet) -> dict[str, str]:
    return {
        folded(header): f"column:{meaning.key}" if isinstance(meaning, Extra) else meaning
        for header, meaning in SETS.get(name, {}).items()
    }


def _bare(header: str) -> str:
    return re.sub(r"\(.*?\)|\[.*?\]|\*", " ", header)


def _as_message(meanings: list[str]) -> list[str]:
    """A sheet with a title or a content, but not both, has messages that are both in one."""
    both = {"title", "content", "message"} & set(meanings)
    if len(both) == 1:
        (only,) = both
        return ["message" if meaning == only else meaning for meaning in meanings]
    return meanings


def _once(meanings: Sequence[str]) -> tuple[str, ...]:
    seen: set[str] = set()
    kept = []
    for meaning in meanings:
        is_again = meaning in seen and meaning != KEEP
        kept.append(IGNORE if is_again else meaning)
        seen.add(meaning)
    return tuple(kept)
