"""What a workbook says of a drill, before it is written: values alone, no rows of the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from drills.exercises.models import (
    Audience,
    ClockAct,
    DrillDetails,
    LogKind,
    ObjectiveDetails,
    Part,
    PlanDetails,
    Presence,
    Severity,
    Status,
    Verdict,
)
from drills.exercises.services.evaluation import RatingDetails
from drills.exercises.services.msel import MselPlan
from drills.findings.models import ActionState


@dataclass(frozen=True, slots=True)
class Mistake:
    """One bad cell of one sheet; ``reason`` and ``remedy`` are msgids, filled from ``values``."""

    sheet: str
    row: int
    column: str
    value: str
    reason: str
    remedy: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SideRow:
    key: str
    name: str
    team_id: int | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    part: Part
    side_key: str


@dataclass(frozen=True, slots=True)
class ResultRow:
    """What one side made of one inject; ``side_key`` is empty where it holds for all."""

    number: str
    side_key: str
    released_at: datetime | None
    detected_at: datetime | None
    contained_at: datetime | None
    verdict: Verdict | None
    note: str
    is_left_out: bool


@dataclass(frozen=True, slots=True)
class LogRow:
    at: datetime
    kind: LogKind
    number: str
    side_key: str
    text: str
    by_id: int | None


@dataclass(frozen=True, slots=True)
class TurnRow:
    at: datetime
    act: ClockAct
    by_id: int | None


@dataclass(frozen=True, slots=True)
class FindingRow:
    number: str
    text: str
    severity: Severity
    analysis: str
    inject: str
    objective: str
    system_id: int | None
    is_restricted: bool


@dataclass(frozen=True, slots=True)
class ActionRow:
    finding: str
    text: str
    owner_id: int
    unit_id: int
    due_on: date
    state: ActionState
    reason: str
    evidence: str
    done_by_id: int | None
    done_on: date | None
    verified_by_id: int | None
    verified_on: date | None


@dataclass
class WholePlan:
    """``details`` is None where the first sheet is wrong. ``likely`` is the code of a drill of
    the register that has the same title and begins at the same moment.
    """

    details: DrillDetails | None = None
    more: PlanDetails = field(default_factory=PlanDetails)
    status: Status | None = None
    status_reason: str = ""
    objectives: list[tuple[ObjectiveDetails, RatingDetails]] = field(default_factory=list)
    sides: list[SideRow] = field(default_factory=list)
    unit_parts: dict[int, Part | None] = field(default_factory=dict)
    team_parts: dict[int, Part | None] = field(default_factory=dict)
    people: dict[int, PersonRow] = field(default_factory=dict)
    presences: dict[int, Presence] = field(default_factory=dict)
    audiences: dict[str, Audience] = field(default_factory=dict)
    injects: MselPlan | None = None
    results: list[ResultRow] = field(default_factory=list)
    turns: list[TurnRow] = field(default_factory=list)
    lines: list[LogRow] = field(default_factory=list)
    findings: list[FindingRow] = field(default_factory=list)
    actions: list[ActionRow] = field(default_factory=list)
    problems: list[Mistake] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    likely: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """How much of each there is, by the key of its sheet."""
        places = len(self.unit_parts) + len(self.team_parts) + len(self.people) + len(self.sides)
        return {
            "objectives": len(self.objectives),
            "participants": places,
            "injects": len(self.injects.additions) if self.injects else 0,
            "results": len(self.results),
            "log": len(self.lines) + len(self.turns),
            "findings": len(self.findings),
            "actions": len(self.actions),
        }
