"""One cell of somebody's list: what it means, or why it means nothing."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from drills.core.days import read_date
from drills.core.orm import CODE_MAX, NAME_MAX, TITLE_MAX
from drills.core.text import N_, fold
from drills.systems.services.columns import CHOICES, FLAGS, NO, YES, words_of

LIMITS = {
    "code": CODE_MAX,
    "name": NAME_MAX,
    "decision_number": TITLE_MAX,
    "decision_authority": TITLE_MAX,
    "signer": TITLE_MAX,
    "regulation_number": TITLE_MAX,
    "regulation_authority": TITLE_MAX,
}
DAYS = (
    "decision_date",
    "valid_until",
    "review_due_on",
    "plan_expected_on",
    "approval_expected_on",
    "regulation_date",
)
SUGGESTIONS_MAX = 300
"""So many different bad names are compared with the good ones; more would take too long."""
_LEVEL = re.compile(r"(?:(?:cap do|cap|level|muc)\s*)?:?\s*([1-5]|iv|v|i{1,3})(?:\.0)?")
_NO_LEVEL = {"", "-", "chua xac dinh", "not determined", "chua co", "khong", "0"}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5}
_IN_BRACKETS = re.compile(r"(.*)\(([^()]+)\)\s*")
_YES = {fold(text) for text in (YES.vi, YES.en, *YES.others)}
_NO = {fold(text) for text in (NO.vi, NO.en, *NO.others, "")}


@dataclass(frozen=True)
class BadCell(Exception):
    """The cell cannot be taken; ``reason`` and ``remedy`` are msgids filled from ``values``."""

    reason: str
    remedy: str
    values: Mapping[str, Any] = field(default_factory=dict)


Read = Callable[[str], Any]


@dataclass
class Names:
    """Units or people by whatever they are called: code, name, or ``name (code)``.

    ``allowed`` are the ids that the person who imports may write into a record.
    """

    reason: str
    allowed: set[int] | None = None
    by_text: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    shown: dict[str, str] = field(default_factory=dict)
    _read: dict[str, int | BadCell] = field(default_factory=dict)

    def add(self, identity: int, *texts: str | None) -> None:
        for text in filter(None, texts):
            self.by_text[fold(text)].add(identity)
            self.shown.setdefault(fold(text), text)

    def read(self, text: str) -> int | None:
        """The id meant by ``text``, None if it is empty. BadCell if it is none, or two."""
        if not text:
            return None
        if text not in self._read:
            self._read[text] = self._find(text)
        found = self._read[text]
        if isinstance(found, BadCell):
            raise BadCell(found.reason, found.remedy, found.values)
        return found

    def _find(self, text: str) -> int | BadCell:
        found = self._ids(text)
        if len(found) > 1:
            return BadCell(N_("Several are called that."), N_("Give the code instead of the name."))
        if not found:
            return self._unknown(text)
        (identity,) = found
        if self.allowed is not None and identity not in self.allowed:
            return BadCell(
                N_("This unit lies outside your scope."),
                N_("Leave the row out, or ask somebody who looks after that unit."),
            )
        return identity

    def _ids(self, text: str) -> set[int]:
        """Exact, else what stands in brackets, else what stands before them."""
        found = self.by_text.get(fold(text), set())
        if not found and (parts := _IN_BRACKETS.fullmatch(text)):
            found = self.by_text.get(fold(parts[2]), set()) or self.by_text.get(
                fold(parts[1]), set()
            )
        return found

    def _unknown(self, text: str) -> BadCell:
        tried = len(self._read)
        near = nearest(fold(text), self.by_text) if tried < SUGGESTIONS_MAX else None
        if near is None:
            return BadCell(self.reason, N_("Add it first, or write a code or name that is known."))
        return BadCell(self.reason, N_("Did you mean “%(near)s”?"), {"near": self.shown[near]})


def nearest(text: str, known: Iterable[str]) -> str | None:
    return next(iter(get_close_matches(text, list(known), 1, 0.6)), None)


def readers(units: Names, people: Names) -> dict[str, Read]:
    """How to read a cell of each column; every reader takes text and may raise BadCell."""
    found: dict[str, Read] = {
        "owner_id": units.read,
        "operator_id": units.read,
        "responsible_id": people.read,
        "level": read_level,
        "description": str.strip,
    }
    found |= {key: _line_reader(limit) for key, limit in LIMITS.items()}
    found |= {key: _choice_reader(choices) for key, choices in CHOICES.items()}
    found |= dict.fromkeys(FLAGS, read_flag)
    found |= dict.fromkeys(DAYS, read_date_cell)
    return found


def read_level(text: str) -> int | None:
    """``3``, ``III``, ``Cấp 3`` and ``cấp độ 3`` are 3; empty is not determined."""
    words = fold(text)
    if words in _NO_LEVEL:
        return None
    if found := _LEVEL.fullmatch(words):
        return _ROMAN.get(found[1]) or int(found[1])
    raise BadCell(N_("A level is a number from 1 to 5."), N_("Write 1, 2, 3, 4 or 5."))


def read_date_cell(text: str) -> date | None:
    day = read_date(text) if text else None
    if text and day is None:
        raise BadCell(N_("This is not a day of the calendar."), N_("Write it as 23/11/2026."))
    return day


def read_flag(text: str) -> bool:
    words = fold(text)
    if words not in _YES | _NO:
        raise BadCell(N_("This is neither yes nor no."), N_("Write yes or no."))
    return words in _YES


def _line_reader(limit: int) -> Read:
    def read(text: str) -> str:
        line = " ".join(text.split())
        if len(line) > limit:
            remedy = N_("Shorten it to %(limit)s characters.")
            raise BadCell(N_("This text is too long."), remedy, {"limit": limit})
        return line

    return read


def _choice_reader(choices: Mapping[StrEnum, Any]) -> Read:
    known = words_of(choices)
    texts = {fold(word.vi): word.vi for word in choices.values()}

    def read(text: str) -> StrEnum | None:
        if not text:
            return None
        if found := known.get(fold(text)):
            return found
        near = nearest(fold(text), known)
        raise BadCell(
            N_("This value is not known."),
            N_("Did you mean “%(near)s”?") if near else N_("Write one of: %(near)s."),
            {"near": choices[known[near]].vi if near else "; ".join(texts.values())},
        )

    return read
