"""The five sentences of the year-end report, each as figures with the lists behind them."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.exercises.lists import extent
from drills.reports.drawing import lane_name
from drills.reports.models import units
from drills.reports.models import year as figures
from drills.units.models import Ranking
from drills.web import filters
from drills.web.language import spoken


@dataclass(frozen=True)
class YearPage:
    """``as_of``: 31 December, or today while the year is not over."""

    year: int
    years: list[int]
    as_of: date
    is_over: bool
    approvals: figures.Approvals
    ranking: Ranking | None
    training: figures.Training
    kinds: Counter[str]
    audience: list[figures.Audience]
    international: list[figures.Entry]
    live_kinds: tuple[str, ...] = figures.LIVE

    @property
    def live(self) -> int:
        return sum(self.kinds[kind] for kind in self.live_kinds)

    @property
    def years_as_views(self) -> list[tuple[str, str, None, bool]]:
        return [
            (str(year), url_for("reports.year", year=year), None, year == self.year)
            for year in self.years
        ]

    @property
    def level_rows(self) -> list[tuple[int, int]]:
        return sorted(self.approvals.levels.items(), reverse=True)

    @property
    def audience_rows(self) -> list[tuple[str, str]]:
        return [
            (
                _("Units that took part: %(tier)s", tier=tier.title(spoken())),
                filters.number(tier.units),
            )
            for tier in self.audience
        ]

    @property
    def other_kinds(self) -> str:
        rest = {key: n for key, n in self.kinds.items() if key not in self.live_kinds}
        return ", ".join(f"{filters.number(n)} {lane_name(key).lower()}" for key, n in rest.items())


def gather(session: Session, person: Person, at: datetime, zone: tzinfo, year: int) -> YearPage:
    today = at.astimezone(zone).date()
    as_of = min(today, date(year, 12, 31))
    held = figures.held(session, person, year, zone)
    known = extent(session, person, sa.true()).years(zone)
    return YearPage(
        year=year,
        years=sorted({*known, today.year, year}, reverse=True),
        as_of=as_of,
        is_over=today > date(year, 12, 31),
        approvals=figures.approvals(session, person, year, as_of, zone),
        ranking=units.ranking(session, person, as_of),
        training=figures.training(session, person, year),
        kinds=held.kinds,
        audience=figures.live_audience(session, person, year, zone),
        international=held.international,
    )
