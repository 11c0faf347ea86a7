"""Reading a quick log line: ``4 soc khống chế FS-01`` names inject, side and kind, then says what.

Whatever is not understood stays as text; nothing is refused. Words are compared folded, in
Vietnamese and English alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from drills.core.text import fold, normal
from drills.exercises.models import LogKind

LINE_MAX = 2000
_INJECT_WORDS = (("tinh", "huong"), ("th",), ("inject",), ("inj",), ("situation",))
_FILLERS = {"da", "has", "have"}
_KIND_WORDS = {
    LogKind.DETECTED: ("phat hien", "detected", "detect", "ph"),
    LogKind.CONTAINED: ("khong che", "khoanh vung", "co lap", "contained", "contain", "kc"),
    LogKind.REPORTED: ("bao cao", "reported", "report", "bc"),
    LogKind.DECISION: ("quyet dinh", "decision", "decided", "qd"),
    LogKind.REQUEST: ("yeu cau", "hoi", "de nghi", "request", "question", "ask"),
    LogKind.STOPPED: ("dung dien tap", "lenh dung", "stop"),
    LogKind.NOTE: ("ghi chu", "note"),
}
_KINDS = sorted(
    ((tuple(phrase.split()), kind) for kind, words in _KIND_WORDS.items() for phrase in words),
    key=lambda pair: -len(pair[0]),
)
_TRIMMED = "#.,:;()[]-–—"


@dataclass(frozen=True, slots=True)
class Known:
    """What a line may speak of: ids of injects by number, and of sides by key and name."""

    injects: Mapping[str, int]
    sides: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Reading:
    text: str
    inject_id: int | None = None
    side_id: int | None = None
    kind: LogKind = LogKind.NOTE


class _Line:
    """The words of a line from the left: as typed, and as they are compared."""

    def __init__(self, line: str) -> None:
        self.typed = line.split()
        self.folded = [fold(word).strip(_TRIMMED) for word in self.typed]
        self.place = 0

    def starts_with(self, words: tuple[str, ...], ahead: int = 0) -> bool:
        begin = self.place + ahead
        return bool(words) and tuple(self.folded[begin : begin + len(words)]) == words

    def skip(self, count: int) -> None:
        self.place += count

    @property
    def word(self) -> str:
        return self.folded[self.place] if self.place < len(self.folded) else ""

    @property
    def rest(self) -> str:
        return " ".join(self.typed[self.place :]).lstrip(":,–— ")


def read(typed: str, known: Known) -> Reading:
    text = normal(typed)[:LINE_MAX]
    line = _Line(text)
    numbers = {fold(number).strip(_TRIMMED): key for number, key in known.injects.items()}
    sides = _by_words(known.sides)
    inject = _inject(line, numbers)
    side = _side(line, sides)
    inject = inject if inject is not None else _inject(line, numbers)
    kind = _kind(line)
    side = side if side is not None else _side(line, sides)
    return Reading(line.rest, inject, side, kind)


def _by_words(sides: Mapping[str, int]) -> dict[tuple[str, ...], int]:
    """Sides by their words; a key such as ``ung-cuu`` may be typed as two."""
    folded = [(fold(name), key) for name, key in sides.items()]
    parted = {tuple(name.replace("-", " ").split()): key for name, key in folded}
    return parted | {tuple(name.split()): key for name, key in folded}


def _inject(line: _Line, numbers: Mapping[str, int]) -> int | None:
    for words in _INJECT_WORDS:
        following = line.folded[line.place + len(words) : line.place + len(words) + 1]
        if line.starts_with(words) and following and following[0] in numbers:
            line.skip(len(words) + 1)
            return numbers[following[0]]
    word = line.word
    joined = word.removeprefix("th")
    found = word if word in numbers else joined
    if not found or found not in numbers:
        return None
    line.skip(1)
    return numbers[found]


def _side(line: _Line, sides: Mapping[tuple[str, ...], int]) -> int | None:
    for words in sorted(sides, key=len, reverse=True):
        if line.starts_with(words):
            line.skip(len(words))
            return sides[words]
    return None


def _kind(line: _Line) -> LogKind:
    ahead = 1 if line.word in _FILLERS else 0
    for words, kind in _KINDS:
        if line.starts_with(words, ahead):
            line.skip(len(words) + ahead)
            return kind
    return LogKind.NOTE
