"""What an import would do, before anybody has decided that it shall."""

import hashlib
from dataclasses import dataclass, field, fields

from drills.core.tabular import Problem
from drills.exercises.models import Inject
from drills.exercises.services.msel.details import InjectDetails
from drills.exercises.services.msel.layout import Layout


@dataclass(frozen=True, slots=True)
class Addition:
    row: int
    details: InjectDetails


@dataclass(frozen=True, slots=True)
class Change:
    """``before`` and ``details`` differ in ``keys``: fields, and ``column:<key>``."""

    row: int
    inject: Inject
    before: InjectDetails
    details: InjectDetails

    @property
    def keys(self) -> list[str]:
        return differing(self.before, self.details)


@dataclass
class MselPlan:
    """``kept`` are the numbers of injects the file does not speak of: they stay as they are."""

    layout: Layout
    additions: list[Addition] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    phases: list[str] = field(default_factory=list)
    new_sides: dict[str, str] = field(default_factory=dict)
    new_objectives: list[str] = field(default_factory=list)
    new_columns: dict[str, str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)

    @property
    def writes(self) -> int:
        return len(self.additions) + len(self.changes)

    @property
    def bad_rows(self) -> int:
        return len({problem.row for problem in self.problems})

    def fingerprint(self) -> str:
        """The same for the same plan, so that what is carried out is what was looked at."""
        said = repr(
            [
                [(a.row, a.details) for a in self.additions],
                [(c.row, c.inject.id, c.inject.version, c.details) for c in self.changes],
                self.unchanged,
                sorted(self.new_sides.items()),
                self.new_objectives,
                sorted(self.new_columns.items()),
            ]
        )
        return hashlib.sha256(said.encode()).hexdigest()[:24]


def differing(before: InjectDetails, after: InjectDetails) -> list[str]:
    """The fields that differ; of the agency's columns each by itself."""
    names = [f.name for f in fields(InjectDetails) if f.name != "extra"]
    keys = [name for name in names if getattr(before, name) != getattr(after, name)]
    both = before.extra.keys() | after.extra.keys()
    keys += sorted(
        f"column:{key}" for key in both if before.extra.get(key, "") != after.extra.get(key, "")
    )
    return keys


def circle(depends_on: dict[str, str]) -> list[str]:
    """The numbers of a circle of injects that wait for one another; empty if there is none."""
    for first in depends_on:
        seen = [first]
        while (after := depends_on.get(seen[-1], "")) and after not in seen:
            seen.append(after)
        if after:
            return seen[seen.index(after) :]
    return []
