"""The tables the demonstration year is made from."""

import csv
from collections.abc import Sequence

from drills import resources

FOLDER = resources.DATA / "demo"
CODE_MARKS = {"P": "Phường", "X": "Xã", "K": "Đặc khu"}


def table(name: str) -> Sequence[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def communes(district: dict[str, str]) -> Sequence[str]:
    """The full names of the communes, wards and special zone that came out of a district."""
    marked = (item.partition(" ") for item in district["communes"].split(";"))
    return tuple(f"{CODE_MARKS[mark]} {name}" for mark, _blank, name in marked)
