"""Invented people: the provincial response team, officers of districts and communes."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from drills.accounts.models import Person
from drills.core.text import fold
from drills.demo import files
from drills.demo.tree import DOMAIN, Province
from drills.roster.models import Member, Team, TeamRole
from drills.units.models import Unit

TEAM_SIZE = 40
CORE_SIZE = 14
TEAM_FROM = date(2022, 12, 20)
ROLES = (
    (TeamRole.LEAD, "Giám đốc Trung tâm, Đội trưởng"),
    (TeamRole.DEPUTY, "Phó Giám đốc Trung tâm, Đội phó"),
    (TeamRole.DEPUTY, "Trưởng phòng An ninh mạng, Đội phó"),
    (TeamRole.CONTACT, "Chuyên viên trực đầu mối"),
    (TeamRole.CONTACT, "Chuyên viên trực đầu mối dự phòng"),
    (TeamRole.HANDLER, "Chuyên viên xử lý sự cố"),
    (TeamRole.HANDLER, "Chuyên viên xử lý sự cố"),
    (TeamRole.HANDLER, "Chuyên viên xử lý sự cố"),
    (TeamRole.FORENSICS, "Cán bộ phân tích chứng cứ số"),
    (TeamRole.FORENSICS, "Cán bộ phân tích chứng cứ số"),
    (TeamRole.MALWARE, "Cán bộ phân tích mã độc"),
    (TeamRole.NETWORK, "Kỹ sư hạ tầng mạng"),
    (TeamRole.NETWORK, "Kỹ sư hạ tầng mạng"),
    (TeamRole.COMMUNICATION, "Phụ trách truyền thông"),
)
HOMES = ("TTCDS", "TTCDS", "CAT", "TTCDS", "TTCDS", "TTCDS", "SKHCN", "VPUB", "CAT", "CAT")


@dataclass
class Roster:
    team: Team
    members: list[Member] = field(default_factory=list)
    district_officers: list[Person] = field(default_factory=list)
    commune_officers: list[Person] = field(default_factory=list)

    @property
    def lead(self) -> Person:
        return self.members[0].person

    @property
    def core(self) -> list[Person]:
        return [member.person for member in self.members if member.is_core]

    def people(self) -> list[Person]:
        team = [member.person for member in self.members]
        return team + self.district_officers + self.commune_officers


def build(province: Province, luck: random.Random) -> Roster:
    names = _names(luck)
    home = province.units["TTCDS"]
    roster = Roster(
        Team(
            name="Đội ứng cứu sự cố an toàn thông tin mạng tỉnh Lam Giang",
            unit=home,
            decision_number="1897/QĐ-UBND",
            decision_date=TEAM_FROM,
            active_from=TEAM_FROM,
            description="Kiện toàn theo Chỉ thị 18/CT-TTg ngày 13/10/2022. Số liệu minh họa.",
        )
    )
    roster.members = [
        _member(roster.team, number, next(names), _home(province, number))
        for number in range(TEAM_SIZE)
    ]
    roster.district_officers = [
        _person(next(names), unit, "Cán bộ chuyên trách công nghệ thông tin")
        for unit in province.districts
    ]
    roster.commune_officers = [
        _person(next(names), unit, "Công chức Văn phòng, đầu mối an toàn thông tin")
        for unit in province.communes
    ]
    return roster


def _home(province: Province, number: int) -> Unit:
    if number < len(HOMES):
        return province.units[HOMES[number]]
    departments = province.departments(date(2026, 1, 1))
    return departments[number % len(departments)]


def _member(team: Team, number: int, name: tuple[str, str], unit: Unit) -> Member:
    role, position = ROLES[number] if number < len(ROLES) else (TeamRole.MEMBER, "")
    return Member(
        team=team,
        person=_person(name, unit, position or "Cán bộ công nghệ thông tin kiêm nhiệm"),
        role=role,
        is_core=number < CORE_SIZE,
        starts_on=TEAM_FROM,
    )


def _person(name: tuple[str, str], unit: Unit, position: str) -> Person:
    full, address = name
    return Person(name=full, email=address, unit=unit, position=position)


def _names(luck: random.Random) -> Iterator[tuple[str, str]]:
    """Name and address, no address twice."""
    rows = files.table("names")
    taken: dict[str, int] = {}
    while True:
        family, middle, given = (luck.choice(rows)[part] for part in ("family", "middle", "given"))
        initials = "".join(word[0] for word in f"{family} {middle}".split())
        local = fold(given + "." + initials).replace(" ", "")
        taken[local] = taken.get(local, 0) + 1
        serial = str(taken[local]) if taken[local] > 1 else ""
        yield f"{family} {middle} {given}", f"{local}{serial}@{DOMAIN}"
