"""From answers to charts and links: the part of the reports that knows addresses and words."""

from collections.abc import Sequence
from datetime import date, tzinfo
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from drills.core.text import N_
from drills.exercises.kinds import KINDS
from drills.exercises.models import STATUSES, Status
from drills.reports.models.drills import Line, Year
from drills.reports.models.register import Standings
from drills.reports.models.units import TierShare, UnitYears
from drills.web import charts, filters
from drills.web.language import spoken

STANDING_COLUMNS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (N_("Draft"), ("none", "drafting"), ("none", "drafting")),
    (N_("Appraisal"), ("sent",), ("sent",)),
    (N_("Approval"), ("appraised",), ("appraised",)),
    (N_("Approved"), ("valid",), ("valid",)),
    (N_("Overdue"), ("overdue",), ("overdue",)),
)
"""Head, the standings counted, and the values of ``?approval=`` that list the same systems."""
LEVELS = (5, 4, 3, 2, 1, 0)
MARKS_MAX = 200
STATES = {
    Status.PLANNED: "wait",
    Status.RUNNING: "live",
    Status.COMPLETED: "done",
    Status.EVALUATED: "done",
    Status.CLOSED: "done",
    Status.POSTPONED: "late",
    Status.CANCELLED: "idle",
}
"""How a status looks: a kind of ``ui.state``."""


def standing_heads() -> list[str]:
    return [_(head) for head, _names, _values in STANDING_COLUMNS]


def standing_heat(found: Standings) -> tuple[charts.HeatRow, ...]:
    """Levels from the highest; the row without a level only when it holds something."""
    levels = [n for n in LEVELS if n or any(level == 0 for level, _name in found.cells)]
    return charts.heat_rows([(n, _standing_row(found, n)) for n in levels])


def _standing_row(found: Standings, level: int) -> list[charts.HeatValue]:
    cells = []
    for head, names, values in STANDING_COLUMNS:
        count = found.at(level, *names)
        href = url_for("systems.index", level=level, approval=list(values))
        says = _(
            "%(count)s systems of level %(level)s: %(standing)s",
            count=filters.number(count),
            level=level or "–",
            standing=_(head),
        )
        cells.append(charts.HeatValue(count, href, says, "overdue" in names and count > 0))
    return cells


def lane_name(lane: str) -> str:
    return _(KINDS[lane].label) if lane in KINDS else lane


def year_chart(year: int, drills: Year, today: date, zone: tzinfo) -> charts.YearChart:
    lanes = drills.lanes()
    marks = [_mark(line, lanes.index(line.lane), zone) for line in drills.held[:MARKS_MAX]]
    return charts.year_chart(year, [lane_name(lane) for lane in lanes], marks, today)


def _mark(line: Line, lane: int, zone: tzinfo) -> charts.Mark:
    kind = "a" if line.is_done else "w" if line.status is Status.RUNNING else "plan"
    label = line.title
    if line.rank:
        label = _("%(title)s, rank %(rank)s", title=line.title, rank=line.rank)
    return charts.Mark(
        lane,
        line.starts_at.astimezone(zone).date(),
        label,
        url_for("exercises.show", drill_id=line.id),
        kind,
        _(STATUSES[line.status]),
    )


def agenda(drills: Year) -> list[dict[str, Any]]:
    """The year told as a list, where there is no room for the lanes."""
    return [
        {
            "title": line.title,
            "href": url_for("exercises.show", drill_id=line.id),
            "meta": f"{filters.day(line.starts_at)} · {lane_name(line.lane)}",
            "kind": STATES[line.status],
            "status": _(STATUSES[line.status]),
        }
        for line in drills.held[:MARKS_MAX]
    ]


def rank_chart(ranks: dict[str, dict[int, int]]) -> charts.RankChart | None:
    """A line for each series, over every year from the first to the last."""
    known = {year for by_year in ranks.values() for year in by_year}
    if not known:
        return None
    years = list(range(min(known), max(known) + 1))
    lines = [(code, [by_year.get(y) for y in years]) for code, by_year in sorted(ranks.items())]
    return charts.rank_chart(years, lines)


def unit_heat(units: Sequence[UnitYears]) -> tuple[charts.HeatRow, ...]:
    """Drills a unit took part in, by year; no drill in the last year stands out."""
    return charts.heat_rows(
        [
            (
                unit.name,
                [
                    charts.HeatValue(n, is_hot=n == 0 and place == len(unit.counts) - 1)
                    for place, n in enumerate(unit.counts)
                ],
            )
            for unit in units
        ]
    )


def tier_shares(tiers: Sequence[TierShare]) -> str:
    """``Sở, ban, ngành: 14/19; Xã, phường, đặc khu: 40/96``: which tiers are counted."""
    shares = (
        _(
            "%(tier)s: %(drilled)s/%(whole)s",
            tier=tier.title(spoken()),
            drilled=filters.number(tier.drilled),
            whole=filters.number(tier.total),
        )
        for tier in tiers
    )
    return "; ".join(shares)


def kinds_held(drills: Year) -> str:
    """``3 Thực chiến, 2 Quốc tế``: the drills that were held, by kind."""
    counts = drills.kinds()
    return ", ".join(f"{filters.number(counts[key])} {lane_name(key).lower()}" for key in counts)
