"""Teams and years side by side: the results of all drills that are over, and their ratings."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.exercises.lists import Wanted
from drills.exercises.models import DONE, Drill, Objective, Rating, Side
from drills.exercises.models import results as of
from drills.exercises.models.results import Outcome, Summary
from drills.exercises.services import results
from drills.roster.models import Team

DRILLS_MAX = 200
"""How many of the latest drills are compared."""
Who = tuple[int, str]
"""A team of the roster by its id, or 0 and the name of a side that is none of ours."""


@dataclass(frozen=True, slots=True)
class Row:
    """One team, or one year: all of it, and parted by year."""

    name: str
    whole: Summary
    years: Mapping[int, Summary]


@dataclass(frozen=True, slots=True)
class Comparison:
    """``years`` newest first; ``ratings``: how often an objective was rated so, by year."""

    years: Sequence[int]
    by_year: Mapping[int, Summary]
    drills: Mapping[int, int]
    ratings: Mapping[int, Mapping[Rating, int]]
    teams: Sequence[Row]


def compare(session: Session, person: Person, wanted: Wanted, zone: tzinfo) -> Comparison:
    """Teams and years over the latest drills that are over, of those ``person`` may see."""
    held = _held(session, person, wanted, zone)
    year_of = {drill: at.astimezone(zone).year for drill, at in held.items()}
    rows = results.of_drills(session, held)
    by_year = of.grouped(rows, lambda row: year_of[row.sent.drill_id])
    return Comparison(
        years=sorted(set(year_of.values()), reverse=True),
        by_year=by_year,
        drills=Counter(year_of.values()),
        ratings=_ratings(session, year_of),
        teams=_teams(rows, _names(session, held), year_of),
    )


def _held(session: Session, person: Person, wanted: Wanted, zone: tzinfo) -> dict[int, datetime]:
    query = visible(Drill, person).where(Drill.status.in_(DONE), wanted.condition(zone))
    latest = query.order_by(Drill.starts_at.desc(), Drill.id.desc()).limit(DRILLS_MAX)
    found = session.execute(latest.with_only_columns(Drill.id, Drill.starts_at))
    return {row.id: row.starts_at for row in found}


def _names(session: Session, ids: Collection[int]) -> dict[int, Who]:
    """Who a side is, by its id: the same team has a side in each of its drills."""
    query = sa.select(Side.id, Side.team_id, Side.name, Team.name.label("team"))
    rows = session.execute(query.outerjoin(Side.team).where(Side.drill_id.in_(ids)))
    return {row.id: (row.team_id or 0, row.team or row.name) for row in rows}


def _teams(
    rows: Sequence[Outcome], names: Mapping[int, Who], year_of: Mapping[int, int]
) -> list[Row]:
    """By name; what was noted of nobody in particular belongs to no team."""
    ours: dict[Who, list[Outcome]] = defaultdict(list)
    for row in rows:
        if who := names.get(row.side_id or 0):
            ours[who].append(row)
    return [
        Row(name, of.summary(own), of.grouped(own, lambda row: year_of[row.sent.drill_id]))
        for (_team, name), own in sorted(ours.items(), key=lambda item: item[0][1])
    ]


def _ratings(session: Session, year_of: Mapping[int, int]) -> dict[int, Counter[Rating]]:
    query = sa.select(Objective.drill_id, Objective.rating, sa.func.count())
    rated = query.where(Objective.drill_id.in_(year_of), Objective.rating.is_not(None))
    found: dict[int, Counter[Rating]] = defaultdict(Counter)
    for drill, rating, count in session.execute(
        rated.group_by(Objective.drill_id, Objective.rating)
    ):
        if rating:
            found[year_of[drill]][rating] += count
    return found
