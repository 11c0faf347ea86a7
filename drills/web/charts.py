"""The arithmetic of the charts: data in, coordinates out. Drawn by ``templates/ui/charts.html``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import cycle
from math import sqrt

LANE_HEIGHT = 46
LANES_TOP = 28
LANES_LEFT = 128
LANES_WIDTH = 960
CHARACTER = 6.2  # the mean width of a letter at the chart's text size
HEAT_STEPS = 5


@dataclass(frozen=True)
class Mark:
    """One drill on the year's lanes. ``kind``: ``a`` done, ``w`` running, ``plan`` to come."""

    lane: int
    day: date
    label: str
    href: str
    kind: str
    says: str = ""
    """What the kind means, in words, for those who hear the chart."""


@dataclass(frozen=True)
class PlacedMark:
    mark: Mark
    x: float
    y: float
    text_x: float
    is_left: bool
    """The label stands left of its mark: at the right edge there is no room for it."""
    label: str


@dataclass(frozen=True)
class Month:
    number: int
    x: float
    width: float


@dataclass(frozen=True)
class YearChart:
    year: int
    lanes: tuple[tuple[str, float], ...]
    """Name and height of each lane's line."""
    months: tuple[Month, ...]
    marks: tuple[PlacedMark, ...]
    today_x: float | None
    width: float
    height: float

    @property
    def bottom(self) -> float:
        return LANES_TOP + LANE_HEIGHT * len(self.lanes)


def _across(year: int, day: date) -> float:
    first, days = date(year, 1, 1), (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return round(LANES_LEFT + LANES_WIDTH * (day - first).days / days, 1)


def _lane(number: int) -> float:
    return LANES_TOP + LANE_HEIGHT * (number + 0.5)


def _months(year: int) -> tuple[Month, ...]:
    starts = [_across(year, date(year, m, 1)) for m in range(1, 13)]
    ends = [*starts[1:], float(LANES_LEFT + LANES_WIDTH)]
    return tuple(
        Month(number, start, round(end - start, 1))
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=1)
    )


def _shortened(text: str, room: float) -> str:
    letters = max(int(room / CHARACTER), 0)
    if len(text) <= letters:
        return text
    return text[: letters - 1].rstrip() + "…" if letters > 3 else ""


def _place(year: int, mark: Mark, before: float, after: float) -> PlacedMark:
    """Put the label on the side with room, and cut it to what there is."""
    x = _across(year, mark.day)
    right, left = after - x - 22, x - before - 22
    is_left = right < len(mark.label) * CHARACTER and left > right
    label = _shortened(mark.label, left if is_left else right)
    return PlacedMark(mark, x, _lane(mark.lane), x - 12 if is_left else x + 12, is_left, label)


def _row(year: int, marks: Sequence[Mark]) -> list[PlacedMark]:
    """One lane, from left to right: each label has the room its neighbours leave."""
    row = sorted(marks, key=lambda mark: mark.day)
    edges = [*(_across(year, mark.day) for mark in row[1:]), LANES_LEFT + LANES_WIDTH + 12.0]
    placed: list[PlacedMark] = []
    taken = float(LANES_LEFT)
    for mark, edge in zip(row, edges, strict=False):
        put = _place(year, mark, taken, edge)
        taken = put.x if put.is_left else put.text_x + len(put.label) * CHARACTER
        placed.append(put)
    return placed


def year_chart(year: int, lanes: Sequence[str], marks: Sequence[Mark], today: date) -> YearChart:
    """A lane for each kind, a mark for each drill of ``year``, a line where today is."""
    rows = ([m for m in marks if m.lane == lane] for lane in range(len(lanes)))
    return YearChart(
        year=year,
        lanes=tuple((name, _lane(number)) for number, name in enumerate(lanes)),
        months=_months(year),
        marks=tuple(put for row in rows for put in _row(year, row)),
        today_x=_across(year, today) if today.year == year else None,
        width=LANES_LEFT + LANES_WIDTH + 12,
        height=LANES_TOP + LANE_HEIGHT * len(lanes) + 20,
    )


RANK_LEFT, RANK_WIDTH, RANK_TOP, RANK_HEIGHT = 30, 300, 14, 176


@dataclass(frozen=True)
class RankPoint:
    x: float
    y: float
    year: int
    rank: int


@dataclass(frozen=True)
class RankLine:
    name: str
    kind: str
    """``a`` circles, ``w`` squares: the shape doubles the colour."""
    points: tuple[RankPoint, ...]
    runs: tuple[tuple[RankPoint, ...], ...]
    """Neighbouring years joined by a line; a year without part leaves a gap."""
    ranks: tuple[int | None, ...]
    """One for each year of the chart, for the table beside it."""


@dataclass(frozen=True)
class RankChart:
    years: tuple[tuple[int, float], ...]
    ticks: tuple[tuple[int, float], ...]
    lines: tuple[RankLine, ...]
    gaps: tuple[float, ...] = ()
    """Where the years without part stand."""


def _ticks(worst: int) -> list[int]:
    step = next(s for s in (5, 10, 20, 50, 100, 200, 500, 1000) if worst <= s * 4 or s == 1000)
    return [1, *range(step, worst + step, step)]


def _runs(ranks: Sequence[RankPoint | None]) -> tuple[tuple[RankPoint, ...], ...]:
    runs: list[list[RankPoint]] = [[]]
    for point in ranks:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return tuple(tuple(run) for run in runs if len(run) > 1)


def _height(rank: int, worst: int) -> float:
    return round(RANK_TOP + RANK_HEIGHT * (rank - 1) / max(worst - 1, 1), 1)


def _rank_line(
    name: str,
    kind: str,
    columns: Sequence[tuple[int, float]],
    ranks: Sequence[int | None],
    worst: int,
) -> RankLine:
    points = [
        None if rank is None else RankPoint(x, _height(rank, worst), year, rank)
        for (year, x), rank in zip(columns, ranks, strict=True)
    ]
    drawn = tuple(point for point in points if point)
    return RankLine(name, kind, drawn, _runs(points), tuple(ranks))


def rank_chart(
    years: Sequence[int],
    series: Sequence[tuple[str, Sequence[int | None]]],
    absent: Sequence[int] = (),
) -> RankChart:
    """Ranks by year, the first on top. ``series``: a name and a rank, or none, for each year.

    ``absent``: the years to mark as those without part.
    """
    ticks = _ticks(max((rank for _, row in series for rank in row if rank), default=5))
    step = (RANK_WIDTH - 28) / max(len(years) - 1, 1)
    columns = tuple((year, round(RANK_LEFT + 14 + step * n, 1)) for n, year in enumerate(years))
    kinds = cycle("aw")
    return RankChart(
        years=columns,
        ticks=tuple((tick, _height(tick, ticks[-1])) for tick in ticks),
        lines=tuple(_rank_line(name, next(kinds), columns, row, ticks[-1]) for name, row in series),
        gaps=tuple(x for year, x in columns if year in absent),
    )


def heat_step(value: int, largest: int) -> int:
    """0 for nothing, then 1 to 5 by the square root of the share: small numbers stay told apart."""
    if value <= 0 or largest <= 0:
        return 0
    return max(1, min(HEAT_STEPS, round(HEAT_STEPS * sqrt(value / largest))))


@dataclass(frozen=True)
class HeatCell:
    value: int
    step: int
    href: str | None = None
    says: str = ""
    is_hot: bool = False


@dataclass(frozen=True)
class HeatRow:
    head: object
    """Text, or the number of a level."""
    cells: tuple[HeatCell, ...]

    @property
    def total(self) -> int:
        return sum(cell.value for cell in self.cells)


@dataclass(frozen=True)
class HeatValue:
    value: int
    href: str | None = None
    says: str = ""
    is_hot: bool = False


def heat_rows(
    rows: Sequence[tuple[object, Sequence[HeatValue]]],
) -> tuple[HeatRow, ...]:
    """Give every cell its step, measured against the largest of the whole table."""
    largest = max((v.value for _, row in rows for v in row), default=0)
    return tuple(
        HeatRow(
            head,
            tuple(
                HeatCell(v.value, heat_step(v.value, largest), v.href, v.says, v.is_hot)
                for v in row
            ),
        )
        for head, row in rows
    )
