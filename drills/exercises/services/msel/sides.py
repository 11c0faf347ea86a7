"""The sides a cell names: one or several, known or new."""

import re
from collections.abc import Iterable

from drills.core.orm import NAME_MAX
from drills.core.tabular import key as folded
from drills.core.text import N_, fold
from drills.exercises.models import SIDE_KEY_MAX, Side
from drills.exercises.services.msel.details import Fault

EVERYBODY = frozenset(
    {"", "tat ca", "toan bo", "all", "everybody", "all teams", "tat ca cac doi", "moi doi"}
)
_BODIES = frozenset({"so", "bo", "ban", "phong", "cuc", "vu", "trung", "vien", "chi", "van", "uy"})
_STRONG = re.compile(r"[;\n]+")
_WEAK = re.compile(r"\s*[,/+|]\s*")
_WORDS = re.compile(r"\s+(?:và|and)\s+|\s*&\s*", re.IGNORECASE)


class Sides:
    """Names of sides, by which a cell may call them: key, name, or name of the team.

    A cell is first taken whole, so that ``Sở Khoa học và Công nghệ`` stays one side; then it
    is cut at ; and line breaks, then at , and /, and last at *và*, *and* and &.
    """

    def __init__(self, sides: Iterable[Side], *, may_grow: bool) -> None:
        self.keys: dict[str, str] = {}
        self.may_grow = may_grow
        self.new: dict[str, str] = {}
        self.heard: set[str] = set()
        for side in sides:
            for name in (side.key, side.name, side.team.name if side.team else ""):
                if name:
                    self.keys.setdefault(folded(name), side.key)

    def hear(self, cells: Iterable[str]) -> None:
        """Note what stands alone anywhere in the column: *A và B* is two sides if A is one."""
        for cell in cells:
            for part in self._cut(cell):
                if not _WORDS.search(part):
                    self.heard.add(folded(part))

    def read(self, cell: str) -> tuple[tuple[str, ...], list[str]]:
        """The keys the cell names, in order of the alphabet, and the names that mean nothing."""
        if fold(cell).strip(" .") in EVERYBODY:
            return (), []
        found: set[str] = set()
        unknown: list[str] = []
        for name in self._names(cell):
            key = self._key(name)
            if key:
                found.add(key)
            else:
                unknown.append(name)
        return tuple(sorted(found)), unknown

    def fault(self, name: str) -> Fault:
        if len(name) > NAME_MAX:
            return Fault(
                "sides",
                f"{name[:60]}…",
                N_("This is longer than %(most)s characters."),
                N_("Part the sides by semicolons."),
                {"most": NAME_MAX},
            )
        return Fault(
            "sides",
            name,
            N_("The drill has no such side."),
            N_("Write the key of a side, or add it to the sides of the drill first."),
        )

    def _names(self, cell: str) -> list[str]:
        names: list[str] = []
        for part in self._cut(cell):
            if folded(part) in self.keys:
                names.append(part)
                continue
            pieces = [piece.strip() for piece in _WORDS.split(part) if piece.strip()]
            are_sides = any(folded(p) in self.keys or folded(p) in self.heard for p in pieces)
            is_list = bool(_WEAK.search(cell) or _STRONG.search(cell)) and not _is_one(pieces)
            names += pieces if are_sides or (is_list and self.may_grow) else [part]
        return names

    def _cut(self, cell: str) -> list[str]:
        parts: list[str] = []
        for part in _STRONG.split(cell):
            whole = part.strip(" .")
            if folded(whole) in self.keys:
                parts.append(whole)
            else:
                parts += (piece.strip(" .") for piece in _WEAK.split(whole))
        return [part for part in parts if folded(part)]

    def _key(self, name: str) -> str:
        known = self.keys.get(folded(name), "")
        if known or not self.may_grow or len(name) > NAME_MAX:
            return known
        key = free_key(name, set(self.keys.values()))
        self.keys[folded(name)] = key
        self.new[key] = name
        return key


def _is_one(pieces: list[str]) -> bool:
    """``Sở Khoa học``, ``Công nghệ``: one body with two fields, for only the first is a body."""
    bodies = [folded(piece).split()[0] in _BODIES for piece in pieces if folded(piece)]
    return bodies[:1] == [True] and not any(bodies[1:])


def free_key(name: str, taken: set[str]) -> str:
    """A short word for a side, as the quick log says it: ``soc``; ``skhvcn`` for a long name."""
    words = folded(name).split() or ["side"]
    whole = "-".join(words)
    short = whole if len(whole) <= 12 else "".join(word[0] for word in words)
    short = (short if len(short) > 1 else whole)[: SIDE_KEY_MAX - 3].strip("-")
    key, number = short, 2
    while key in taken:
        key, number = f"{short}-{number}", number + 1
    return key
