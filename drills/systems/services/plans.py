"""What an import would do, as it is shown to people and carried out."""

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from drills.core.tabular import Problem
from drills.systems.models import DecisionDetails, InformationSystem, SystemDetails


@dataclass(frozen=True, slots=True)
class Addition:
    """``decision`` was taken before the register was kept, and is recorded with the system."""

    row: int
    details: SystemDetails
    decision: DecisionDetails | None = None

    @property
    def level(self) -> int | None:
        return self.decision.level if self.decision else self.details.level


@dataclass(frozen=True, slots=True)
class Revision:
    """``cells`` holds (field, before, after) as they are written in a list."""

    row: int
    system: InformationSystem
    details: SystemDetails
    cells: tuple[tuple[str, str, str], ...]
    decision: DecisionDetails | None = None


@dataclass
class Plan:
    """What an import would do. With ``problems`` it does nothing."""

    on: date
    additions: list[Addition] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    unchanged: int = 0
    ignored: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def writes(self) -> int:
        return len(self.additions) + len(self.revisions)

    @property
    def decisions(self) -> int:
        told = [addition.decision for addition in self.additions]
        told += [revision.decision for revision in self.revisions]
        return sum(decision is not None for decision in told)

    @property
    def bad_rows(self) -> int:
        return len({problem.row for problem in self.problems})

    def fingerprint(self) -> str:
        """Changes when the plan does: what a person agreed to is what is carried out."""
        parts = [f"{a.details}{a.decision}" for a in self.additions]
        parts += [
            f"{r.system.id}:{r.system.version}:{r.details}{r.decision}" for r in self.revisions
        ]
        return sha256("\n".join(parts).encode()).hexdigest()[:24]
