"""The arithmetic of the lanes of a drill: who got what when, and how long it took."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LEFT, WIDTH, RIGHT, TOP, HEIGHT = 128, 960, 24, 28, 44
TICK_MINUTES = (5, 10, 15, 30, 60, 120, 240, 480, 1440, 2880, 10080)
TICKS_MAX = 9


@dataclass(frozen=True, slots=True)
class Bar:
    """One inject on a lane: from its release to its detection, then to its containment.

    What is not known yet is None; a bar that ``is_planned`` is only its mark.
    """

    lane: int
    at: datetime
    label: str
    says: str
    detected_at: datetime | None = None
    contained_at: datetime | None = None
    is_planned: bool = False


@dataclass(frozen=True, slots=True)
class PlacedBar:
    bar: Bar
    x: float
    y: float
    detect_width: float
    contain_x: float
    contain_width: float


@dataclass(frozen=True, slots=True)
class Lanes:
    names: tuple[tuple[str, float], ...]
    ticks: tuple[tuple[datetime, float], ...]
    bars: tuple[PlacedBar, ...]
    played_width: float
    now: datetime | None
    now_x: float
    height: float
    left: int = LEFT
    top: int = TOP
    right: int = LEFT + WIDTH
    width: int = LEFT + WIDTH + RIGHT

    @property
    def bottom(self) -> float:
        return self.top + HEIGHT * len(self.names)


def lanes(
    names: Sequence[str],
    bars: Sequence[Bar],
    begin: datetime,
    end: datetime,
    now: datetime | None,
) -> Lanes:
    """``now`` is the moment of the clock while it runs, None before and after."""
    edges = [begin, end, *(bar.at for bar in bars)]
    first, last = min(edges), max([*edges, min(edges) + timedelta(minutes=30)])
    span = (last - first).total_seconds()

    def across(moment: datetime) -> float:
        share = (moment - first).total_seconds() / span
        return round(LEFT + WIDTH * min(max(share, 0.0), 1.0), 1)

    here = across(now) if now else LEFT
    return Lanes(
        names=tuple((name, _lane(number)) for number, name in enumerate(names)),
        ticks=tuple((moment, across(moment)) for moment in _ticks(first, last)),
        bars=tuple(_place(bar, across) for bar in bars),
        played_width=round(here - LEFT, 1) if now else 0,
        now=now,
        now_x=here,
        height=TOP + HEIGHT * len(names) + 8,
    )


def _lane(number: int) -> float:
    return TOP + HEIGHT * (number + 0.5)


def _place(bar: Bar, across: Callable[[datetime], float]) -> PlacedBar:
    x = across(bar.at)
    seen = across(bar.detected_at) if bar.detected_at else x
    stopped = across(bar.contained_at) if bar.contained_at else seen
    return PlacedBar(
        bar, x, _lane(bar.lane), round(seen - x, 1), seen, round(max(stopped - seen, 0), 1)
    )


def _ticks(first: datetime, last: datetime) -> list[datetime]:
    minutes = (last - first).total_seconds() / 60
    step = next((m for m in TICK_MINUTES if minutes / m <= TICKS_MAX), TICK_MINUTES[-1])
    start = first.replace(minute=0, second=0, microsecond=0)
    count = int(minutes // step) + 60 // min(step, 60) + 2
    moments = (start + timedelta(minutes=step * n) for n in range(count))
    return [moment for moment in moments if first <= moment <= last]
