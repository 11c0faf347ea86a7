"""Rules as TOML or JSON: reading them, every mistake with its path, and writing them again.

[[rules]]
key = "live-fire-unit"
vi = "Diễn tập thực chiến hằng năm"
en = "Yearly live-fire drill"
of = "unit"
met_by = "live_fire_drill_of_unit"

[[rules.versions]]
valid_from = 2021-09-16
legal_basis = "Chỉ thị 60/CT-BTTTT"
cadence = { kind = "period", months = 12, starts = "01-01" }
scope = { has_systems = true }
lead_days = [90, 30, 7]
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from drills.approvals.kinds.reading import BadRules, Node
from drills.core.text import N_
from drills.obligations.kinds.cadence import (
    MONTHS_OF_YEAR,
    AfterEvent,
    Cadence,
    Given,
    MonthDay,
    Periodic,
    Rolling,
)

MONTHS_MAX = 120
DAYS_MAX = 366
HOURS_MAX = 24 * 31
_LEAP_YEAR = 2024
_SAFE_DAY = 28
"""Every month has it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which subjects a rule is for; empty conditions are not asked."""

    tiers: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    """Codes: these units alone, and the systems, teams, people and drills that are theirs."""
    has_systems: bool = False
    has_team: bool = False
    level_from: int | None = None
    level_to: int | None = None
    is_approved: bool = False
    core_only: bool = False
    operates_from_level: int | None = None
    """People: those who answer for a system of this level or above."""
    is_live: bool = False


_PLACED = frozenset({"tiers", "units"})
ASKED: Mapping[str, frozenset[str]] = {
    "organisation": frozenset(),
    "unit": _PLACED | {"has_systems", "has_team"},
    "team": _PLACED,
    "person": _PLACED | {"core_only", "operates_from_level"},
    "system": _PLACED | {"level_from", "level_to", "is_approved"},
    "drill": _PLACED | {"is_live"},
}
"""The conditions that make sense, by the kind of subject."""


def read_scope(node: Node, subject: str) -> Scope:
    for name in node.value.keys() - ASKED[subject]:
        node.wrong(str(name), N_("This condition cannot be asked of such a subject."))
    return Scope(
        tiers=node.lines("tiers"),
        units=node.lines("units"),
        has_systems=node.flag("has_systems"),
        has_team=node.flag("has_team"),
        level_from=_level(node, "level_from"),
        level_to=_level(node, "level_to"),
        is_approved=node.flag("is_approved"),
        core_only=node.flag("core_only"),
        operates_from_level=_level(node, "operates_from_level"),
        is_live=node.flag("is_live"),
    )


def _level(node: Node, name: str) -> int | None:
    value = node.number(name)
    if value is not None and value > 5:
        node.wrong(name, N_("Levels go from 1 to 5."))
    return value


def read_cadence(node: Node) -> Cadence:
    return _CADENCES[node.one_of("kind", tuple(_CADENCES))](node)


def _rolling(node: Node) -> Cadence:
    return Rolling(_number(node, "months", MONTHS_MAX))


def _period(node: Node) -> Cadence:
    months = _number(node, "months", MONTHS_OF_YEAR)
    if MONTHS_OF_YEAR % months:
        node.wrong("months", N_("A period is 1, 2, 3, 4, 6 or 12 months long."))
        months = MONTHS_OF_YEAR
    before = _month_day(node, "before")
    starts = _month_day(node, "starts") or before or MonthDay(1, 1)
    if months < MONTHS_OF_YEAR and starts.day > _SAFE_DAY:
        node.wrong("starts", N_("Periods shorter than a year begin on a day from 1 to 28."))
    return Periodic(months, starts, before)


def _after(node: Node) -> Cadence:
    if "hours" in node.value:
        return AfterEvent(_number(node, "hours", HOURS_MAX), is_hours=True)
    return AfterEvent(_number(node, "days", DAYS_MAX))


def _given(node: Node) -> Cadence:
    return Given(node.day("first_due"))


_CADENCES: Mapping[str, Callable[[Node], Cadence]] = {
    "rolling": _rolling,
    "period": _period,
    "after": _after,
    "given": _given,
}
CADENCE_KEYS = {Rolling: "rolling", Periodic: "period", AfterEvent: "after", Given: "given"}


def _number(node: Node, name: str, most: int) -> int:
    value = node.number(name)
    if value is None:
        node.wrong(name, N_("This must be a whole number from 1 up."))
    elif value > most:
        node.wrong(name, N_("This must be %(max)s at most."), max=most)
    return min(value or 1, most)


def _month_day(node: Node, name: str) -> MonthDay | None:
    text = node.text(name)
    if not text:
        return None
    try:
        day = date.fromisoformat(f"{_LEAP_YEAR}-{text}")
    except ValueError:
        day = None
    if day is None or (day.month, day.day) == (2, 29):
        node.wrong(name, N_("This must be a day of every year such as 12-20, month first."))
        return None
    return MonthDay(day.month, day.day)


def cadence_of(data: Mapping[str, Any]) -> Cadence:
    """A cadence that was read before. BadRules if it is none."""
    found: Cadence = _whole(Node(data, "cadence"), read_cadence)
    return found


def scope_of(data: Mapping[str, Any], subject: str) -> Scope:
    found: Scope = _whole(Node(data, "scope"), lambda node: read_scope(node, subject))
    return found


def _whole(node: Node, read: Callable[[Node], Any]) -> Any:
    found = read(node)
    if node.faults:
        raise BadRules(node.faults)
    return found


def lead_days(node: Node) -> tuple[int, ...]:
    value = node.value.get("lead_days", [])
    if not isinstance(value, list) or not all(
        type(one) is int and 0 <= one <= DAYS_MAX for one in value
    ):
        node.wrong("lead_days", N_("This must be a list of numbers of days, 0 to 366."))
        return ()
    return tuple(sorted(set(value), reverse=True))
