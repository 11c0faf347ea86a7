"""Which column of somebody's file is which of ours, and what is wrong in it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from drills.core.errors import DomainError
from drills.core.text import N_, fold

_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column we understand. It is recognised by either label or any of the ``synonyms``."""

    key: str
    label_vi: str
    label_en: str
    synonyms: tuple[str, ...] = ()
    required: bool = False

    def label(self, language: str) -> str:
        return self.label_en if language == "en" else self.label_vi


@dataclass(frozen=True, slots=True)
class Problem:
    """One bad cell. ``reason`` and ``remedy`` are msgids, filled from ``values``.

    ``row`` counts as the file does, 1 is its first line; ``column`` is the label to show.
    """

    row: int
    column: str
    value: str
    reason: str
    remedy: str
    values: Mapping[str, Any] = field(default_factory=dict)


def is_header(cells: Sequence[str], columns: Sequence[Column]) -> bool:
    """Whether a line names every column that is required."""
    found = {key(name) for cell in cells if cell for name in (cell, _without_remark(cell))}
    needed = [column for column in columns if column.required]
    return bool(needed) and all(
        any(key(name) in found for name in _names(column)) for column in needed
    )


def match(headers: Sequence[str], columns: Sequence[Column]) -> tuple[dict[str, int], list[str]]:
    """Where each of our columns stands, by key, and the headers we know nothing of.

    Accents, case, punctuation and remarks in brackets do not matter. The first of two
    headers that mean the same is taken, the second is among the ignored. DomainError if a
    required column is missing.
    """
    known = {key(name): column.key for column in columns for name in _names(column)}
    places: dict[str, int] = {}
    ignored: list[str] = []
    for place, header in enumerate(headers):
        found = known.get(key(header)) or known.get(key(_without_remark(header)))
        if found is None or found in places:
            ignored += [header] if header else []
        else:
            places[found] = place
    missing = [c.label_vi for c in columns if c.required and c.key not in places]
    if missing:
        raise DomainError(
            N_(
                "The file has no column “%(columns)s”. Name it so in the first line that is "
                "not empty, and import again."
            ),
            columns="”, “".join(missing),
        )
    return places, ignored


def labels(columns: Sequence[Column], language: str) -> list[str]:
    """The header line of our own export in ``language``: it can be imported again."""
    return [column.label(language) for column in columns]


def key(header: str) -> str:
    """A header as it is compared: ``Mã  HT:`` becomes ``ma ht``."""
    return _NOT_A_WORD.sub(" ", fold(header)).strip()


def _names(column: Column) -> tuple[str, ...]:
    return (column.key.replace("_", " "), column.label_vi, column.label_en, *column.synonyms)


def _without_remark(header: str) -> str:
    return re.sub(r"\(.*?\)|\*", " ", header)
