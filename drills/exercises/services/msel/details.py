"""An inject as a sheet or a table says it: text alone, no ids."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from drills.exercises.models import Inject, Side

SEPARATORS = (";", "\n")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field; ``reason`` and ``remedy`` are msgids."""

    key: str
    value: str
    reason: str
    remedy: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InjectDetails:
    """The part of an inject that people write.

    ``sides`` holds keys of sides, ``objective`` the text of one, ``depends_on`` the number of
    another inject of the drill; ``extra`` what the agency's columns say, by their keys.
    """

    number: str
    title: str
    phase: str = ""
    offset_seconds: int | None = None
    planned_at: datetime | None = None
    situation_time: str = ""
    sender: str = ""
    sides: tuple[str, ...] = ()
    channel: str = ""
    content: str = ""
    expected_action: str = ""
    note: str = ""
    objective: str = ""
    is_contingency: bool = False
    depends_on: str = ""
    detect_target_minutes: int | None = None
    contain_target_minutes: int | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    foreign: str = ""
    """What another program's document says beyond all this, as JSON."""


PLAIN = tuple(
    f.name
    for f in fields(InjectDetails)
    if f.name not in {"sides", "objective", "depends_on", "extra", "foreign"}
)
"""What stands in the columns of the table itself."""


def details_of(inject: Inject) -> InjectDetails:
    return InjectDetails(
        **{name: getattr(inject, name) for name in PLAIN},
        sides=tuple(sorted(side.key for side in inject.sides)),
        objective=inject.objective.text if inject.objective else "",
        depends_on=inject.depends_on.number if inject.depends_on else "",
        extra={key: str(text) for key, text in (inject.extra or {}).items() if text},
        foreign=json.dumps(inject.foreign, ensure_ascii=False, sort_keys=True)
        if inject.foreign
        else "",
    )


def written_sides(sides: list[Side]) -> str:
    """The sides as a cell names them: by name, by key where the name would be torn apart."""
    names = [side.name for side in sides]
    return "; ".join(
        side.key
        if any(mark in side.name for mark in SEPARATORS) or names.count(side.name) > 1
        else side.name
        for side in sides
    )
