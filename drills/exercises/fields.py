"""The rows that a drill's form picks from, besides units and people."""

from datetime import date

import sqlalchemy as sa

from drills.accounts.permissions import Permission
from drills.exercises.models import Drill, Edition, Scenario, ScenarioVersion, Series, Status
from drills.systems.models import InformationSystem, SystemStatus
from drills.web.pick import Source


def _in_use(_on: date) -> sa.ColumnElement[bool]:
    return InformationSystem.status != SystemStatus.DECOMMISSIONED


SYSTEMS = Source(
    "systems",
    InformationSystem,
    InformationSystem.name,
    InformationSystem.code,
    InformationSystem.sort,
    InformationSystem.search,
    InformationSystem.code,
    _in_use,
    permission=Permission.SYSTEM_VIEW,
)
EDITIONS = Source(
    "",
    Edition,
    Series.code + " " + sa.cast(Edition.year, sa.String),
    Edition.source,
    Edition.year.desc(),
    sa.literal(""),
    sa.literal(""),
    joins=Edition.series,
)


def _not_retired(_on: date) -> sa.ColumnElement[bool]:
    return Scenario.retired_at.is_(None)


def _not_called_off(_on: date) -> sa.ColumnElement[bool]:
    return Drill.status != Status.CANCELLED


DRILLS = Source(
    "drills",
    Drill,
    Drill.title,
    Drill.code,
    Drill.starts_at.desc(),
    Drill.search,
    Drill.code,
    _not_called_off,
    permission=Permission.DRILL_VIEW,
)
SCENARIOS = Source(
    "scenarios",
    ScenarioVersion,
    Scenario.title + " (" + sa.cast(ScenarioVersion.number, sa.String) + ")",
    sa.literal(""),
    Scenario.search,
    Scenario.search,
    sa.literal(""),
    _not_retired,
    joins=ScenarioVersion.scenario,
    permission=Permission.SCENARIO_VIEW,
)
"""Versions of scenarios: what a drill pins."""
