"""Members from somebody's spreadsheet: what a file would do to a team, then all of it or none."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.audit import services as audit
from drills.core.days import read_day
from drills.core.errors import DomainError
from drills.core.tabular import Column, Problem, Row, Sheet, match
from drills.core.text import N_, fold
from drills.roster import services
from drills.roster.models import TEAM_ROLES, Member, MemberDetails, NewPerson, Team, TeamRole
from drills.units.models import Unit

COLUMNS = (
    Column("name", "Họ và tên", "Name", ("ho ten", "thanh vien", "full name"), required=True),
    Column("email", "Thư điện tử", "E-mail", ("email", "hop thu", "dia chi thu")),
    Column("unit", "Đơn vị", "Unit", ("ma don vi", "don vi cong tac", "co quan"), required=True),
    Column("position", "Chức vụ", "Position", ("chuc danh",)),
    Column("phone", "Điện thoại cố định", "Telephone", ("dien thoai", "phone")),
    Column("mobile", "Điện thoại di động", "Mobile", ("di dong", "so di dong")),
    Column("role", "Vai trò", "Role", ("vai tro trong doi",)),
    Column("is_core", "Nòng cốt", "Core", ("thanh vien nong cot", "core member")),
    Column("starts_on", "Từ ngày", "From", ("ngay tham gia", "tham gia tu ngay")),
)
_LABELS = {column.key: column.label_vi for column in COLUMNS}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_YES = {"x", "co", "yes", "1", "true", "nong cot"}
_VIETNAMESE_ROLES = {
    "doi truong": TeamRole.LEAD,
    "doi pho": TeamRole.DEPUTY,
    "thanh vien": TeamRole.MEMBER,
    "dau moi": TeamRole.CONTACT,
    "dau moi ung cuu su co": TeamRole.CONTACT,
    "can bo xu ly su co": TeamRole.HANDLER,
    "dieu tra so": TeamRole.FORENSICS,
    "phan tich ma doc": TeamRole.MALWARE,
    "mang": TeamRole.NETWORK,
    "truyen thong": TeamRole.COMMUNICATION,
    "phap che": TeamRole.LEGAL,
}
ROLES = {
    "": TeamRole.MEMBER,
    **{role.value: role for role in TeamRole},
    **{fold(label): role for role, label in TEAM_ROLES.items()},
    **_VIETNAMESE_ROLES,
}


@dataclass(frozen=True, slots=True)
class Addition:
    """Somebody who would join. ``known`` is None for a person not yet on record."""

    row: int
    new: NewPerson
    details: MemberDetails
    known: Person | None


@dataclass(slots=True)
class Plan:
    additions: list[Addition] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    """Names of those who are in the team already: nothing happens to them."""
    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows are held against, read once for the whole file."""

    units: Mapping[str, int]
    people: Mapping[str, Person]
    members: frozenset[int]


def plan(session: Session, team: Team, sheet: Sheet, *, by: Person, on: date) -> Plan:
    """What the file would do; ``on`` is the first day of those who name none."""
    places, ignored = match(sheet.headers, COLUMNS)
    rows = [(row, _cells(row, places)) for row in sheet.rows]
    known = _known(session, team, [cells["email"] for _row, cells in rows], by, on)
    result, seen = Plan(ignored=ignored), set[str]()
    for row, cells in rows:
        found = list(_problems(row.number, cells, known, seen, on))
        result.problems += found
        if not found:
            _place(result, row.number, cells, known, on)
        seen.add(cells["email"])
    return result


def carry_out(session: Session, team: Team, plan: Plan, *, by: Person) -> int:
    """Add everybody; how many. DomainError if a row is wrong: then nobody is added."""
    if plan.problems:
        raise DomainError(
            N_("Nothing can be imported until every row is right. Mend the file and send it again.")
        )
    with _importing():
        for addition in plan.additions:
            person = addition.known or services.add_person(session, addition.new, by=by)
            services.add_member(session, team, person, addition.details, by=by)
    return len(plan.additions)


@contextmanager
def _importing() -> Iterator[None]:
    """The trail says of what happens meanwhile that it came from an import."""
    token = audit.origin.set("import")
    try:
        yield
    finally:
        audit.origin.reset(token)


def _cells(row: Row, places: Mapping[str, int]) -> dict[str, str]:
    cells = {c.key: row.cells[places[c.key]] if c.key in places else "" for c in COLUMNS}
    return cells | {"email": cells["email"].lower()}


def _known(session: Session, team: Team, emails: Sequence[str], by: Person, on: date) -> _Known:
    units: dict[str, int] = {}
    query = visible(Unit, by).with_only_columns(Unit.id, Unit.code, Unit.name)
    for identity, code, name in session.execute(query):
        units |= {fold(name): identity, fold(code): identity}
    people = session.scalars(visible(Person, by).where(Person.email.in_({*emails} - {""})))
    there = sa.or_(Member.ends_on.is_(None), Member.ends_on >= on)
    members = session.scalars(sa.select(Member.person_id).where(Member.team_id == team.id, there))
    return _Known(units, {p.email or "": p for p in people}, frozenset(members))


def _problems(
    number: int, cells: Mapping[str, str], known: _Known, seen: set[str], today: date
) -> Iterator[Problem]:
    def wrong(key: str, reason: str, remedy: str) -> Problem:
        return Problem(number, _LABELS[key], cells[key], reason, remedy)

    if not cells["name"]:
        yield wrong("name", N_("The name is missing."), N_("Write the name of the member."))
    if fold(cells["unit"]) not in known.units:
        yield wrong(
            "unit",
            N_("No unit you may see has this code or name."),
            N_("Write the unit's code as the list of units has it."),
        )
    yield from _wrong_email(wrong, cells["email"], seen)
    if fold(cells["role"]) not in ROLES:
        yield wrong(
            "role", N_("This role is not known."), N_("Leave it empty, or write “Thành viên”.")
        )
    if cells["starts_on"] and read_day(cells["starts_on"], today) is None:
        yield wrong(
            "starts_on", N_("This is not a day of the calendar."), N_("Write it as 23/11/2026.")
        )


def _wrong_email(
    wrong: Callable[[str, str, str], Problem], email: str, seen: set[str]
) -> Iterator[Problem]:
    if email and not _EMAIL.fullmatch(email):
        yield wrong(
            "email",
            N_("This is not an e-mail address."),
            N_("Write one address, or leave the cell empty."),
        )
    elif email and email in seen:
        yield wrong(
            "email",
            N_("The address stands in an earlier row too."),
            N_("Keep one row for each person."),
        )


def _place(plan: Plan, number: int, cells: Mapping[str, str], known: _Known, on: date) -> None:
    person = known.people.get(cells["email"])
    if person and person.id in known.members:
        plan.present.append(person.name)
        return
    new = NewPerson(
        name=cells["name"],
        email=cells["email"],
        unit_id=known.units[fold(cells["unit"])],
        position=cells["position"],
        phone=cells["phone"],
        mobile=cells["mobile"],
    )
    details = MemberDetails(
        role=ROLES[fold(cells["role"])],
        is_core=fold(cells["is_core"]) in _YES,
        starts_on=read_day(cells["starts_on"], on) or on,
    )
    plan.additions.append(Addition(number, new, details, person))
