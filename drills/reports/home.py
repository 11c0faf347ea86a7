"""What the home page shows, gathered for one reader in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, permits
from drills.exercises.lists import extent
from drills.exercises.models import Drill, Status
from drills.exercises.services import history
from drills.reports import desk, drawing, improving, watch
from drills.reports import mine as of_reader
from drills.reports.models import drills as of_drills
from drills.reports.models import register, units
from drills.systems.models import InformationSystem
from drills.units.models import Ranking
from drills.web import charts

HEAT_YEARS = 4


@dataclass(frozen=True)
class Register:
    standings: register.Standings
    heat: tuple[charts.HeatRow, ...]
    heads: list[str]
    due: Sequence[InformationSystem]
    ranking: Ranking | None


@dataclass(frozen=True)
class Units:
    tiers: Sequence[units.TierShare]
    heat: tuple[charts.HeatRow, ...]
    years: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(tier.total for tier in self.tiers)

    @property
    def drilled(self) -> int:
        return sum(tier.drilled for tier in self.tiers)


@dataclass(frozen=True)
class Home:
    """The parts a reader may not see are None."""

    at: datetime
    zone: tzinfo
    today: date
    year: int
    years: list[int]
    drills: of_drills.Year
    chart: charts.YearChart
    agenda: list[dict[str, object]]
    running: list[Drill]
    coming: list[Drill]
    late: of_drills.Late
    ranks: charts.RankChart | None
    register: Register | None
    units: Units | None
    mine: of_reader.Mine
    heaps: list[desk.Heap]
    improvement: improving.Improvement
    watches: list[watch.Watch]
    neglected: history.Neglected | None

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    @property
    def years_as_views(self) -> list[tuple[str, str, None, bool]]:
        return [
            (str(year), url_for("reports.home", year=year, _anchor="year"), None, year == self.year)
            for year in self.years
        ]

    @property
    def tier_shares(self) -> str:
        return drawing.tier_shares(self.units.tiers) if self.units else ""

    @property
    def kinds_held(self) -> str:
        return drawing.kinds_held(self.drills)

    @property
    def is_empty(self) -> bool:
        """Nothing is recorded yet, as far as this reader can see."""
        return not self.years and (self.register is None or not self.register.standings.total)


def gather(
    session: Session, person: Person, at: datetime, zone: tzinfo, wanted: int | None
) -> Home:
    """``wanted``: the year of the drills shown; None or one without drills gives the nearest."""
    today = at.astimezone(zone).date()
    years = extent(session, person, sa.true()).years(zone)
    year = _year(wanted, years, today)
    of_year = of_drills.of_year(session, person, year, zone)
    ahead = of_drills.ahead(session, person, at)
    return Home(
        at=at,
        zone=zone,
        today=today,
        year=year,
        years=years,
        drills=of_year,
        chart=drawing.year_chart(year, of_year, today, zone),
        agenda=drawing.agenda(of_year),
        running=[drill for drill in ahead if drill.status is Status.RUNNING],
        coming=[drill for drill in ahead if drill.status is not Status.RUNNING],
        late=of_drills.late(session, person, at),
        ranks=drawing.rank_chart(of_drills.ranks(session, person)),
        register=_register(session, person, today),
        units=_units(session, person, year, today, zone),
        mine=of_reader.gather(session, person, at, today),
        heaps=desk.heaps(session, person, today),
        improvement=improving.gather(session, person, today),
        watches=watch.now(session, person, at),
        neglected=_neglected(session, person, today, zone),
    )


def _neglected(
    session: Session, person: Person, today: date, zone: tzinfo
) -> history.Neglected | None:
    needed = (Permission.SYSTEM_VIEW, Permission.SKILL_VIEW)
    if not all(permits(person, one) for one in needed):
        return None
    return history.neglected(session, person, today, zone)


def _year(wanted: int | None, years: list[int], today: date) -> int:
    """The year asked for, else today's, else the latest that has drills."""
    if wanted in years:
        return wanted
    return today.year if today.year in years or not years else years[0]


def _register(session: Session, person: Person, today: date) -> Register | None:
    if not permits(person, Permission.SYSTEM_VIEW):
        return None
    found = register.standings(session, person, today)
    return Register(
        standings=found,
        heat=drawing.standing_heat(found),
        heads=drawing.standing_heads(),
        due=register.reviews_due(session, person, today),
        ranking=units.ranking(session, person, today),
    )


def _units(session: Session, person: Person, year: int, today: date, zone: tzinfo) -> Units | None:
    """Units are counted as of today, or of the last day of a year that is over."""
    if not permits(person, Permission.UNIT_VIEW):
        return None
    on = min(today, date(year, 12, 31))
    years = tuple(range(year - HEAT_YEARS + 1, year + 1))
    return Units(
        tiers=units.by_tier(session, person, on, year, zone),
        heat=drawing.unit_heat(units.by_year(session, person, on, years, zone)),
        years=years,
    )
