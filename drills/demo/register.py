"""The 312 systems with an approved level that the year-end report counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from drills.demo import files
from drills.demo.tree import Province
from drills.systems.models import Approval, InformationSystem, SystemKind, SystemStatus

COMMUNES_OF_LEVEL_TWO = 51
FIRST_DECISION = date(2024, 1, 15)


@dataclass(frozen=True, slots=True)
class _Line:
    level: int
    owner: str
    operator: str
    kind: str
    data: str
    name: str


def build(province: Province, as_of: date) -> list[InformationSystem]:
    return [
        _system(province, line, number, as_of)
        for number, line in enumerate(_lines(province), start=1)
    ]


def _lines(province: Province) -> Iterator[_Line]:
    for row in files.table("systems"):
        if row["owner"] == "commune":
            continue
        if "{district}" in row["name"]:
            for district in province.districts:
                yield _line(row, district.code, district.name.removeprefix("UBND "))
        else:
            yield _line(row)
    yield from _commune_lines(province)


def _commune_lines(province: Province) -> Iterator[_Line]:
    two, one = (row for row in files.table("systems") if row["owner"] == "commune")
    for number, commune in enumerate(province.communes):
        row = two if number < COMMUNES_OF_LEVEL_TWO else one
        yield _line(row, commune.code, commune.name.removeprefix("UBND "))


def _line(row: dict[str, str], place: str = "", named: str = "") -> _Line:
    def of(key: str) -> str:
        return place if row[key] in {"district", "commune"} else row[key]

    name = row["name"].replace("{district}", named).replace("{commune}", named)
    return _Line(int(row["level"]), of("owner"), of("operator"), row["kind"], row["data"], name)


def _system(province: Province, line: _Line, number: int, as_of: date) -> InformationSystem:
    operator = province.units[line.operator]
    decided = FIRST_DECISION + timedelta(days=number * 37 % 340)
    decision, authority = _decision(line.level, number)
    return InformationSystem(
        code=f"HT-{number:04}",
        name=line.name,
        owner=province.units[line.owner] if line.owner else province.root,
        operator=operator,
        kind=SystemKind(line.kind),
        has_public_information="p" in line.data,
        has_private_information="r" in line.data,
        has_personal_data="c" in line.data,
        status=SystemStatus.OPERATING,
        level=line.level,
        approval=Approval.APPROVED,
        decision_number=decision,
        decision_date=decided,
        decision_authority=authority,
        review_due_on=as_of + timedelta(days=_days_left(number)),
    )


def _decision(level: int, number: int) -> tuple[str, str]:
    """Number and authority by article 12 of Decree 85/2016/NĐ-CP."""
    if level == 5:
        return f"{number}/QĐ-TTg (số liệu minh họa)", "Thủ tướng Chính phủ"
    if level >= 3:
        return f"{400 + number}/QĐ-UBND", "UBND tỉnh"
    return f"{100 + number}/QĐ-STTTT", "Sở Thông tin và Truyền thông"


def _days_left(number: int) -> int:
    """A few reviews are late, a few fall due within a month, most are far away."""
    if number % 26 == 0:
        return -3 - number % 37
    if number % 19 == 0:
        return 2 + number % 27
    return 40 + number * 53 % 640
