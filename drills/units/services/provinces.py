"""Viet Nam's provinces and communes, from the library that keeps them, with what was before.

Since 01/07/2025 there are 34 provinces and two tiers (Resolution 202/2025/QH15). The 52
provinces that merged into 23 are history: they end on 30/06/2025 and lead to their successor.
Districts are history as well, as far as the installed version of the library knows them.
"""

import csv
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from vietnam_provinces import Province, Ward

from drills import resources
from drills.accounts.models import Person
from drills.core.errors import DomainError
from drills.core.text import N_, fold
from drills.units.models import Succession, Unit
from drills.units.services.importing import Plan, carry_out, plan_drafts
from drills.units.services.rows import Draft
from drills.units.services.tiers import seed_tiers

TWO_TIERS_FROM = date(2025, 7, 1)
THREE_TIERS_UNTIL = date(2025, 6, 30)
ALL = "all"


def province_names() -> list[tuple[str, str]]:
    """Two-digit code and full name of each of the 34, in the order of the codes."""
    provinces = sorted(Province.iter_all(), key=lambda province: int(province.code))
    return [(f"{int(province.code):02}", _name(province)) for province in provinces]


def load_provinces(session: Session, province: str = ALL, *, by: Person | None) -> Plan:
    """Add ``province`` (its name, its two-digit code, or ``all``) under the organisation.

    What is there already stays as it is, so this can be repeated. The plan that comes back
    says what was added.
    """
    tiers = {code: tier.id for code, tier in seed_tiers(session).items()}
    chosen = [one for one in Province.iter_all() if _is_meant(one, province)]
    if not chosen:
        raise DomainError(
            N_("There is no province “%(name)s”. Give one of the 34 of today, or “all”."),
            name=province,
        )
    drafts = [draft for one in chosen for draft in _drafts(one, tiers)]
    plan = plan_drafts(session, drafts)
    plan.unchanged, plan.changed = plan.unchanged + len(plan.changed), []
    carry_out(session, plan, by=by)
    _link(session, {int(one.code) for one in chosen})
    return plan


def _is_meant(province: Any, wanted: str) -> bool:
    words = fold(wanted)
    if wanted.isdigit():
        return int(wanted) == int(province.code)
    return words == ALL or words in {fold(_name(province)), fold(_bare(province))}


def _name(division: Any) -> str:
    """``Tỉnh Cao Bằng``: one version of the library leaves the first word out, another does not."""
    name, kind = str(division.name), str(division.division_type.value)
    is_bare = kind == "tỉnh" and not name.startswith("Tỉnh ")
    return f"Tỉnh {name}" if is_bare else name


def _bare(province: Any) -> str:
    return _name(province).removeprefix("Tỉnh ").removeprefix("Thành phố ")


def code_of(number: int, width: int = 2, *, is_old: bool = False) -> str:
    """Our code for the state's number. Old and new provinces share numbers, hence the ending."""
    return f"DVHC-{number:0{width}}{'-2025' if is_old else ''}"


def _drafts(province: Any, tiers: dict[str, int]) -> Iterator[Draft]:
    number = int(province.code)
    before = [line for line in successions() if int(line["successor"]) == number]
    yield _draft(
        code_of(number), _name(province), tiers["province"], starts=before and TWO_TIERS_FROM
    )
    for ward in Ward.iter_by_province(province.code):
        code = code_of(int(ward.code), 5)
        yield _draft(code, ward.name, tiers["commune"], code_of(number), starts=TWO_TIERS_FROM)
    for line in before:
        old = code_of(int(line["predecessor"]), is_old=True)
        yield _draft(old, line["predecessor_name"], tiers["province"], ends=THREE_TIERS_UNTIL)
    parents = {int(line["predecessor"]): True for line in before} or {number: False}
    for district in _districts():
        above = int(district.province_code)
        if above in parents:
            code = code_of(int(district.code), 3, is_old=True)
            parent = code_of(above, is_old=parents[above])
            name = str(district.name)
            yield _draft(code, name, tiers["district"], parent, ends=THREE_TIERS_UNTIL)


def _draft(
    code: str, name: str, tier_id: int, parent: str = "", *, starts: Any = None, ends: Any = None
) -> Draft:
    values = {"name": name, "tier_id": tier_id}
    values |= {"active_from": starts or None, "active_to": ends}
    return Draft(0, code, values, parent)


def _districts() -> list[Any]:
    """The districts of before July 2025; older versions of the library have none."""
    try:
        legacy = import_module("vietnam_provinces.legacy")
    except ModuleNotFoundError:
        return []
    return list(legacy.District.iter_all())


def successions() -> list[dict[str, str]]:
    """Which province became part of which, with the decision and the source of the fact."""
    with (resources.DATA / "province_successions.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _link(session: Session, numbers: set[int]) -> None:
    lines = [line for line in successions() if int(line["successor"]) in numbers]
    codes = {code_of(int(line["predecessor"]), is_old=True) for line in lines}
    codes |= {code_of(number) for number in numbers}
    query = sa.select(Unit.code, Unit.id).where(Unit.code.in_(codes))
    ids = dict(session.execute(query).all())
    pairs = sa.select(Succession.predecessor_id, Succession.successor_id)
    known = set(session.execute(pairs).all())
    for line in lines:
        old = ids[code_of(int(line["predecessor"]), is_old=True)]
        new = ids[code_of(int(line["successor"]))]
        if (old, new) not in known:
            on, decision = date.fromisoformat(line["on"]), line["source"]
            session.add(Succession(predecessor_id=old, successor_id=new, on=on, decision=decision))
    session.flush()
