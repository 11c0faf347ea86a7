"""Mẫu 01 of Circular 20/2017/TT-BTTTT: a member of the network and its people, as a workbook."""

from collections.abc import Sequence
from datetime import date
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.core.tabular import write_book
from drills.roster import exports
from drills.roster.columns import GROUPS_VI
from drills.roster.exports import Known
from drills.roster.lists import Wanted
from drills.roster.models import Certificate, ChannelKind, Team, TeamRole
from drills.systems.models import LEVELS, Approval, InformationSystem
from drills.units.models import Unit

CONTACTS = {
    TeamRole.CONTACT: "Đầu mối chính",
    TeamRole.CONTACT_BACKUP: "Đầu mối dự phòng",
}
PEOPLE = (
    "TT", "Họ và tên", "Chức vụ", "Nơi đào tạo", "Ngành đào tạo", "Bằng cấp", "Chứng chỉ",
    "Tháng, năm tốt nghiệp", "Nhóm chuyên gia",
)  # fmt: skip


def write(session: Session, target: IO[bytes], team: Team, viewer: Person, on: date) -> int:
    """The form as it stands today, with personal data; how many people are in it."""
    people = exports.gathered(session, Wanted(on=on, team_id=team.id), viewer)
    certificates = _certificates(session, people)
    write_book(
        target,
        [
            ("Thông tin chung", ("Mục", "Nội dung"), _organisation(team)),
            ("Đầu mối", ("Đầu mối", *_CONTACT_HEADS), _contacts(people, team)),
            ("Hệ thống theo cấp độ", ("Cấp độ", "Mã", "Tên hệ thống"), _systems(session, team)),
            ("Nhân sự", PEOPLE, _people(people, certificates)),
        ],
    )
    return len(people)


def _organisation(team: Team) -> list[tuple[str, str]]:
    unit = team.unit
    return [
        ("Tên tổ chức", unit.name),
        ("Tên đội", team.name),
        ("Cơ quan chủ quản", team.superior),
        ("Địa chỉ", unit.address),
        ("Điện thoại", unit.contact_phone),
        ("Thư điện tử", unit.contact_email),
        ("Trang thông tin điện tử", team.website),
        ("Lãnh đạo phụ trách, chức danh", team.leader),
        ("Tiếp nhận sự cố: điện thoại cố định", team.receiving_phone),
        ("Tiếp nhận sự cố: điện thoại di động", team.receiving_mobile),
        ("Tiếp nhận sự cố: fax", team.receiving_fax),
        ("Tiếp nhận sự cố: thư điện tử", team.receiving_email),
        ("Năng lực", team.capability),
        ("Quyết định", _decision(team)),
    ]


def _decision(team: Team) -> str:
    signed = f"{team.decision_date:%d/%m/%Y}" if team.decision_date else ""
    return ", ".join(part for part in (team.decision_number, signed) if part)


_CONTACT_HEADS = (
    "Họ và tên", "Chức vụ", "Địa chỉ", "Cố định", "Di động", "Fax", "Thư điện tử",
)  # fmt: skip


def _contacts(people: Sequence[Known], team: Team) -> list[tuple[str, ...]]:
    return [
        (label, *_reached(known))
        for role, label in CONTACTS.items()
        for known in people
        if any(member.role is role and member.team_id == team.id for member, _ in known.teams)
    ]


def _reached(known: Known) -> tuple[str, ...]:
    person = known.person
    fax = next((way.value for way in known.ways if way.kind is ChannelKind.FAX), "")
    numbers = (person.phone, person.mobile, fax, person.email or "")
    return (person.name, person.position, person.unit.address, *numbers)


def _systems(session: Session, team: Team) -> list[tuple[int, str, str]]:
    """Those with an approved level that the unit operates, the highest level first."""
    system = InformationSystem
    below = Unit.ids_under(team.unit.path)
    rows = session.execute(
        sa.select(system.level, system.code, system.name)
        .where(system.operator_id.in_(below), system.approval == Approval.APPROVED)
        .where(system.level.in_(LEVELS))
        .order_by(system.level.desc(), system.sort, system.id)
    )
    return [(row.level, row.code, row.name) for row in rows]


def _certificates(session: Session, people: Sequence[Known]) -> dict[int, list[str]]:
    ids = [known.person.id for known in people]
    query = sa.select(Certificate.person_id, Certificate.name).where(Certificate.person_id.in_(ids))
    found: dict[int, list[str]] = {}
    for person_id, name in session.execute(query.order_by(Certificate.issued_on, Certificate.id)):
        found.setdefault(person_id, []).append(name)
    return found


def _people(people: Sequence[Known], certificates: dict[int, list[str]]) -> list[Sequence[Any]]:
    return [
        _person(number, known, "; ".join(certificates.get(known.person.id, ())))
        for number, known in enumerate(people, start=1)
    ]


def _person(number: int, known: Known, certificates: str) -> Sequence[Any]:
    profile = known.profile
    trained = (profile.school, profile.field, profile.degree) if profile else ("", "", "")
    graduated = profile.graduated_on if profile else None
    month = f"{graduated:%m/%Y}" if graduated else ""
    groups = "; ".join(GROUPS_VI[group] for group in known.groups)
    return (number, known.person.name, known.person.position, *trained, certificates, month, groups)
