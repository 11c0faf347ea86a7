"""The arithmetic of dumbbells: two measures of one thing joined by a line, one row for each."""

from collections.abc import Sequence
from dataclasses import dataclass

LEFT, WIDTH, TOP, HEIGHT = 112, 220, 26, 30
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440, 2880, 10080)
TICKS_MAX = 5


@dataclass(frozen=True, slots=True)
class Pair:
    """``first`` and ``second`` in minutes; what was not noted is None and not drawn."""

    label: str
    first: float | None
    second: float | None
    href: str | None = None


@dataclass(frozen=True, slots=True)
class PlacedPair:
    pair: Pair
    y: float
    first_x: float | None
    second_x: float | None


@dataclass(frozen=True, slots=True)
class Dumbbells:
    rows: tuple[PlacedPair, ...]
    ticks: tuple[tuple[int, float], ...]
    bottom: float
    height: float
    left: int = LEFT
    top: int = TOP
    width: int = LEFT + WIDTH + 24


def dumbbells(pairs: Sequence[Pair]) -> Dumbbells | None:
    """None where there is nothing to draw."""
    known = [v for pair in pairs for v in (pair.first, pair.second) if v is not None]
    if not known:
        return None
    step = next((s for s in STEPS if max(known) / s <= TICKS_MAX), STEPS[-1])
    last = step * max(int(-(-max(known) // step)), 1)

    def across(value: float | None) -> float | None:
        return None if value is None else round(LEFT + WIDTH * value / last, 1)

    rows = tuple(
        PlacedPair(pair, TOP + HEIGHT * (n + 0.5), across(pair.first), across(pair.second))
        for n, pair in enumerate(pairs)
    )
    ticks = tuple(
        (value, round(LEFT + WIDTH * value / last, 1)) for value in range(0, last + 1, step)
    )
    bottom = TOP + HEIGHT * len(rows)
    return Dumbbells(rows, ticks, bottom, bottom + 6)
