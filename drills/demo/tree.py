"""The invented province: departments, the districts of before July 2025, communes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.core.text import fold
from drills.demo import files
from drills.units.models import Succession, Tier, Unit

TWO_TIERS_FROM = date(2025, 7, 1)
DISTRICTS_TO = date(2025, 6, 30)
DISTRICTS_END = "Kết thúc hoạt động của cấp huyện từ 01/07/2025"
COMMUNES_MERGE = "Nghị quyết sắp xếp đơn vị hành chính cấp xã (số liệu minh họa)"
DEPARTMENTS_MERGE = "Nghị quyết sắp xếp cơ quan chuyên môn (số liệu minh họa)"
DOMAIN = "lamgiang.example"


@dataclass
class Province:
    """Every unit of the demonstration by its code."""

    root: Unit
    units: dict[str, Unit] = field(default_factory=dict)
    districts: list[Unit] = field(default_factory=list)
    communes: list[Unit] = field(default_factory=list)
    """Those of today; the ones that were merged away are only in ``units``."""
    successions: list[Succession] = field(default_factory=list)

    def departments(self, on: date) -> list[Unit]:
        rows = (self.units[row["code"]] for row in files.table("departments"))
        return [u for u in rows if u.tier.code == "department" and u.is_active(on)]


def codes() -> Iterator[str]:
    """Every code the province will use, to see in time that none is taken."""
    yield from (row["code"] for row in files.table("departments"))
    for number, row in enumerate(files.table("districts"), start=1):
        yield row["code"]
        yield from (f"X{number:02}{n:02}" for n in range(1, len(files.communes(row)) + 1))
    yield from (f"XC{n:02}" for n in range(1, len(files.table("merged_communes")) + 1))


def build(session: Session, root: Unit) -> Province:
    tiers = {tier.code: tier for tier in session.scalars(sa.select(Tier))}
    province = Province(root)
    _departments(session, province, tiers)
    _districts(session, province, tiers)
    _merged_communes(session, province, tiers)
    session.add_all(province.successions)
    session.flush()
    return province


def _add(session: Session, province: Province, parent: Unit, **given: object) -> Unit:
    code = str(given["code"]).lower()
    unit = Unit(parent=parent, contact_email=f"{code}@{DOMAIN}", path="", **given)
    session.add(unit)
    province.units[unit.code] = unit
    return unit


def _place(session: Session, units: Iterator[Unit] | list[Unit]) -> None:
    """Give freshly added units their path; parents first."""
    session.flush()
    for unit in units:
        assert unit.parent is not None
        unit.path = f"{unit.parent.path}{unit.id}."
    session.flush()


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _departments(session: Session, province: Province, tiers: Mapping[str, Tier]) -> None:
    rows = files.table("departments")
    for row in rows:
        parent = province.units[row["parent"]] if row["parent"] else province.root
        _add(
            session,
            province,
            parent,
            code=row["code"],
            name=row["name"],
            name_en=row["name_en"],
            tier=tiers[row["tier"]],
            active_from=_day(row["active_from"]),
            active_to=_day(row["active_to"]),
        )
    _place(session, list(province.units.values()))
    for row in rows:
        for successor in row["successors"].split():
            _succeed(
                province,
                row["code"],
                province.units[successor],
                date(2025, 3, 1),
                DEPARTMENTS_MERGE,
            )


def _succeed(province: Province, code: str, successor: Unit, on: date, decision: str) -> None:
    province.successions.append(
        Succession(
            predecessor=province.units[code],
            successor=successor,
            on=on,
            decision=decision,
            moved={},
        )
    )


def _districts(session: Session, province: Province, tiers: Mapping[str, Tier]) -> None:
    for number, row in enumerate(files.table("districts"), start=1):
        district = _add(
            session,
            province,
            province.root,
            code=row["code"],
            name=f"UBND {_lower(row['name'])}",
            name_en=f"People's Committee of {row['name_en']}",
            tier=tiers["district"],
            active_to=DISTRICTS_TO,
        )
        province.districts.append(district)
        for n, name in enumerate(files.communes(row), start=1):
            commune = _add(
                session,
                province,
                province.root,
                code=f"X{number:02}{n:02}",
                name=f"UBND {_lower(name)}",
                tier=tiers["commune"],
            )
            province.communes.append(commune)
            _succeed(province, district.code, commune, TWO_TIERS_FROM, DISTRICTS_END)
    _place(session, province.districts + province.communes)


def _merged_communes(session: Session, province: Province, tiers: Mapping[str, Tier]) -> None:
    by_name = {fold(unit.name): unit for unit in province.communes}
    added = []
    for n, row in enumerate(files.table("merged_communes"), start=1):
        unit = _add(
            session,
            province,
            province.root,
            code=f"XC{n:02}",
            name=f"UBND {_lower(row['name'])}",
            tier=tiers["commune"],
            active_to=DISTRICTS_TO,
        )
        successor = by_name[fold(f"UBND {row['successor']}")]
        _succeed(province, unit.code, successor, TWO_TIERS_FROM, COMMUNES_MERGE)
        added.append(unit)
    _place(session, added)


def _lower(name: str) -> str:
    """``Xã Tân Hoà`` as it stands inside a name: ``xã Tân Hoà``."""
    return name[:1].lower() + name[1:]
