"""Reading data that people wrote: every mistake is kept with the path that leads to it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from drills.core.errors import DomainError
from drills.core.text import N_, normal

KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
TEXT_MAX = 4000


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake. ``path`` as in ``limits.appraisal.3.number``; ``reason`` is a msgid."""

    path: str
    reason: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        reason = self.reason % self.values if self.values else self.reason
        return f"{self.path}: {reason}"


class BadRules(DomainError):
    """The data are no rule set; ``faults`` say where and why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(
            N_("The rule set has %(count)s mistakes. The first: %(first)s"),
            count=len(faults),
            first=str(faults[0]),
        )
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Node:
    """A table of the data at ``path``; what is wrong with it goes to ``faults``, shared by all."""

    value: Mapping[str, Any]
    path: str = ""
    faults: list[Fault] = field(default_factory=list)

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def wrong(self, name: str, reason: str, **values: Any) -> None:
        self.faults.append(Fault(self.at(name) if name else self.path, reason, values))

    def text(self, name: str, *, required: bool = False) -> str:
        value = self.value.get(name, "")
        if not isinstance(value, str):
            self.wrong(name, N_("This must be text."))
            return ""
        if len(value) > TEXT_MAX:
            self.wrong(name, N_("This is longer than %(max)s characters."), max=TEXT_MAX)
        if required and not value.strip():
            self.wrong(name, N_("This is missing."))
        return normal(value)

    def key(self, name: str = "key") -> str:
        value = self.text(name, required=True)
        if value and not KEY.fullmatch(value):
            self.wrong(name, N_("A key is made of small letters, digits, - and _."))
        return value

    def number(self, name: str) -> int | None:
        """A whole number from 1 up, or None where there is none."""
        value = self.value.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            self.wrong(name, N_("This must be a whole number from 1 up, or be left out."))
            return None
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.value.get(name, default)
        if not isinstance(value, bool):
            self.wrong(name, N_("This must be true or false."))
            return default
        return value

    def day(self, name: str, *, required: bool = False) -> date | None:
        value = self.value.get(name)
        if value in (None, ""):
            if required:
                self.wrong(name, N_("This is missing."))
            return None
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except (TypeError, ValueError):
            self.wrong(name, N_("This must be a day such as 2026-08-19."))
            return None

    def one_of(self, name: str, allowed: Mapping[str, Any] | tuple[str, ...]) -> str:
        value = self.text(name, required=True)
        if value and value not in allowed:
            self.wrong(name, N_("This must be one of: %(allowed)s."), allowed=", ".join(allowed))
            return next(iter(allowed))
        return value or next(iter(allowed))

    def lines(self, name: str) -> tuple[str, ...]:
        value = self.value.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.wrong(name, N_("This must be a list of texts."))
            return ()
        return tuple(normal(one) for one in value)

    def levels(self, name: str = "levels") -> frozenset[int]:
        value = self.value.get(name, [])
        known = isinstance(value, list) and all(type(one) is int and 1 <= one <= 5 for one in value)
        if not known:
            self.wrong(name, N_("This must be a list of levels, 1 to 5."))
            return frozenset()
        return frozenset(value)

    def table(self, name: str, *, required: bool = False) -> "Node":
        value = self.value.get(name)
        if value is None and required:
            self.wrong(name, N_("This is missing."))
        if value is not None and not isinstance(value, Mapping):
            self.wrong(name, N_("This must be a table."))
            value = None
        return Node(value or {}, self.at(name), self.faults)

    def tables(self, name: str, *, keyed: bool = True) -> Iterator["Node"]:
        """The tables of a list; in the path each goes by its key, which must be its own."""
        value = self.value.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
            self.wrong(name, N_("This must be a list of tables."))
            return
        seen: set[str] = set()
        for number, one in enumerate(value, start=1):
            key = str(one.get("key") or number) if keyed else str(number)
            node = Node(one, f"{self.at(name)}.{key}", self.faults)
            if key in seen:
                node.wrong("key", N_("There are two of this key."))
            seen.add(key)
            yield node

    def by_level(self, name: str) -> Iterator[tuple[int, "Node"]]:
        """A table for each of the five levels, named 1 to 5."""
        whole = self.table(name, required=True)
        for extra in whole.value.keys() - {"1", "2", "3", "4", "5"}:
            whole.wrong(str(extra), N_("Levels go from 1 to 5."))
        for level in range(1, 6):
            yield level, whole.table(str(level), required=bool(whole.value))
