"""Certificates: a row for each. One we know by person, name and number is brought up to date."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from drills.accounts.models import Person
from drills.core.orm import NAME_MAX
from drills.core.tabular import Column, Sheet
from drills.core.text import N_, fold
from drills.roster.models import Certificate, CertificateDetails, CertificateKind, Skill
from drills.roster.services import qualifications as services
from drills.roster.sheets.reading import (
    EMAIL,
    NAME,
    Line,
    Plan,
    importing,
    opened,
    people_of,
    skills_of,
)

COLUMNS = (
    EMAIL,
    NAME,
    Column("unit", "Đơn vị", "Unit", ("don vi cong tac",)),
    Column("certificate", "Chứng chỉ", "Certificate", ("ten chung chi",), required=True),
    Column("kind", "Loại", "Kind", ("loai chung chi",)),
    Column("issuer", "Nơi cấp", "Issued by", ("don vi cap", "co quan cap")),
    Column("number", "Số hiệu", "Number", ("so", "so chung chi")),
    Column("issued_on", "Ngày cấp", "Issued on", ("cap ngay",)),
    Column("expires_on", "Có giá trị đến", "Valid until", ("het han", "ngay het han")),
    Column("skills", "Mã kỹ năng", "Skill codes", ("ky nang", "skills")),
)
KINDS = {
    "": CertificateKind.PROFESSIONAL,
    **{kind.value: kind for kind in CertificateKind},
    "chuyen mon": CertificateKind.PROFESSIONAL,
    "bat buoc": CertificateKind.STATUTORY,
    "theo luat": CertificateKind.STATUTORY,
    "khoa hoc": CertificateKind.COURSE,
    "khoa dao tao": CertificateKind.COURSE,
}
WRITTEN = {
    CertificateKind.STATUTORY: {"vi": "Theo luật", "en": "statutory"},
    CertificateKind.PROFESSIONAL: {"vi": "Chuyên môn", "en": "professional"},
    CertificateKind.COURSE: {"vi": "Khóa học", "en": "course"},
}
Key = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Addition:
    """A row that adds a certificate, or changes ``known``."""

    row: int
    person: Person
    details: CertificateDetails
    known: Certificate | None


def plan(session: Session, sheet: Sheet, *, by: Person, on: date) -> Plan[Addition]:
    result: Plan[Addition] = Plan()
    lines = opened(sheet, COLUMNS, result)
    people, skills = people_of(session, lines, by), skills_of(session)
    known = _known(session, [person.id for person in people.by_email.values()])
    seen: set[Key] = set()
    for line in lines:
        person = line.person(people)
        details = _details(line, skills, on)
        key = _key(person.id, details) if person else (0, "", str(line.number))
        if key in seen:
            line.wrong(
                "certificate",
                N_("The same certificate stands in an earlier row too."),
                N_("Keep one row for each."),
            )
        seen.add(key)
        result.problems += line.problems
        if person and not line.problems:
            _place(result, Addition(line.number, person, details, known.get(key)))
    return result


def _place(result: Plan[Addition], one: Addition) -> None:
    if one.known and details_of(one.known) == one.details:
        result.unchanged += 1
    else:
        result.entries.append(one)


def carry_out(session: Session, plan: Plan[Addition], *, by: Person) -> int:
    """How many were added or changed. DomainError if a row is wrong: then none."""
    plan.refuse_mistakes()
    with importing():
        for one in plan.entries:
            if one.known:
                services.revise_certificate(session, one.known, one.details, by=by)
            else:
                services.add_certificate(session, one.person, one.details, by=by)
    return len(plan.entries)


def exported(certificates: Iterable[Certificate], language: str) -> Iterator[list[Any]]:
    for one in certificates:
        yield [
            one.person.email or "",
            one.person.name,
            one.person.unit.title(language),
            one.name,
            WRITTEN[one.kind][language],
            one.issuer,
            one.number,
            one.issued_on,
            one.expires_on,
            "; ".join(skill.code for skill in one.skills),
        ]


def details_of(certificate: Certificate) -> CertificateDetails:
    names = set(asdict(CertificateDetails("", CertificateKind.COURSE))) - {"skill_ids"}
    ids = tuple(sorted(skill.id for skill in certificate.skills))
    return CertificateDetails(**{name: getattr(certificate, name) for name in names}, skill_ids=ids)


def _key(person_id: int, details: CertificateDetails) -> Key:
    return person_id, fold(details.name), fold(details.number)


def _known(session: Session, people: list[int]) -> dict[Key, Certificate]:
    query = sa.select(Certificate).where(Certificate.person_id.in_(people))
    found = session.scalars(query.options(selectinload(Certificate.skills)))
    return {_key(one.person_id, details_of(one)): one for one in found}


def _details(line: Line, skills: Mapping[str, Skill], on: date) -> CertificateDetails:
    kind = KINDS.get(fold(line["kind"]))
    if not line["certificate"] or len(line["certificate"]) > NAME_MAX:
        line.wrong("certificate", N_("The name is missing."), N_("Write it in this cell."))
    if kind is None:
        line.wrong(
            "kind",
            N_("This kind is not known."),
            N_("Leave it empty, or write “Theo luật”, “Chuyên môn” or “Khóa học”."),
        )
    issued_on, expires_on = line.day("issued_on", on), line.day("expires_on", on)
    if issued_on and expires_on and expires_on < issued_on:
        line.wrong("expires_on", N_("It ends before it was issued."), N_("Mend one of the days."))
    return CertificateDetails(
        name=line["certificate"],
        kind=kind or CertificateKind.PROFESSIONAL,
        issuer=line["issuer"],
        number=line["number"],
        issued_on=issued_on,
        expires_on=expires_on,
        skill_ids=_skill_ids(line, skills),
    )


def _skill_ids(line: Line, skills: Mapping[str, Skill]) -> tuple[int, ...]:
    texts = [text.strip() for text in line["skills"].replace(",", ";").split(";")]
    found = [skills.get(fold(text)) for text in texts if text]
    if None in found:
        line.wrong("skills", N_("There is no such skill."), N_("Write its code as in the list."))
    return tuple(sorted({skill.id for skill in found if skill}))
