"""What the provincial team can do: levels, certificates, and a course that half of it was at."""

import random
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.core.days import add_months
from drills.demo.people import Roster
from drills.roster.models import (
    Certificate,
    CertificateKind,
    Competence,
    Skill,
    TeamRole,
    TrainingAttendance,
    TrainingEvent,
    TrainingResult,
)
from drills.roster.services import skills

STRENGTHS = {
    TeamRole.LEAD: {"IR-LEAD": 4, "POLICY": 3, "RISK": 3},
    TeamRole.DEPUTY: {"IR-LEAD": 3, "EXERCISE": 3, "RISK": 3},
    TeamRole.CONTACT: {"TRIAGE": 3, "LEGAL": 2},
    TeamRole.HANDLER: {"TRIAGE": 4, "CONTAIN": 3, "MONITOR": 3, "HUNT": 2},
    TeamRole.FORENSICS: {"DISK": 3, "NETFOR": 2, "HUNT": 3},
    TeamRole.MALWARE: {"MALWARE": 4, "DISK": 2, "INTEL": 3},
    TeamRole.NETWORK: {"NETWORK": 4, "HARDEN": 3, "BACKUP": 3, "SYSADM": 3},
    TeamRole.COMMUNICATION: {"COMMS": 4, "LEGAL": 2},
    TeamRole.MEMBER: {"SYSADM": 2, "HARDEN": 2, "BACKUP": 2},
}
EVIDENCE = ("Diễn tập thực chiến 2024", "Sát hạch nội bộ", "Xử lý sự cố thực tế", "Chứng chỉ")
CERTIFICATES = (
    ("Chứng nhận điều tra số GCFE", "GIAC", 40),
    ("Certified Ethical Hacker (CEH)", "EC-Council", -20),
    ("CompTIA Security+", "CompTIA", 300),
    ("Chứng chỉ CISSP", "ISC2", 700),
)
"""Name, issuer, and how many days after loading it ends."""
COURSE_DAYS = 2


def build(session: Session, roster: Roster, as_of: date) -> None:
    luck = random.Random(len(roster.members))  # noqa: S311 - invented levels, no secret
    skills.load_shipped(session, by=None)
    known = {skill.code: skill for skill in session.scalars(sa.select(Skill))}
    for member in roster.members:
        for code, level in STRENGTHS[member.role].items():
            change = luck.choice((0, 0, 0, -1))
            session.add(_assessed(member.person, known[code], level + change, luck, as_of, roster))
    session.add_all(_certificates(roster, known, as_of))
    _train(session, roster, luck, as_of)
    session.flush()


def _assessed(
    person: Person, skill: Skill, level: int, luck: random.Random, as_of: date, roster: Roster
) -> Competence:
    assessed_on = as_of - timedelta(days=luck.randrange(20, 800))
    months = skill.valid_months
    return Competence(
        person=person,
        skill=skill,
        level=level,
        evidence=luck.choice(EVIDENCE),
        assessed_on=assessed_on,
        assessed_by=roster.lead,
        expires_on=add_months(assessed_on, months) if months else None,
    )


def _certificates(roster: Roster, known: dict[str, Skill], as_of: date) -> list[Certificate]:
    of_trade = [
        Certificate(
            person=person,
            name=name,
            issuer=issuer,
            number=f"LG-{number:04}",
            issued_on=as_of - timedelta(days=700),
            expires_on=as_of + timedelta(days=days),
            skills=[known["DISK" if "GCFE" in name else "PENTEST"]],
        )
        for number, (person, (name, issuer, days)) in enumerate(
            zip(roster.core[5:], CERTIFICATES, strict=False), start=1
        )
    ]
    required = [
        Certificate(
            person=person,
            name="Chứng chỉ vận hành hệ thống thông tin cấp độ 3 đến 5",
            kind=CertificateKind.STATUTORY,
            issuer="Bộ Công an",
            issued_on=as_of - timedelta(days=40),
            expires_on=add_months(as_of, 36),
            skills=[skill for skill in known.values() if skill.code in {"SYSADM", "HARDEN"}],
        )
        for person in roster.core[-3:]
    ]
    return of_trade + required


def _train(session: Session, roster: Roster, luck: random.Random, as_of: date) -> None:
    """A course two months ago; most passed, one was ill."""
    first = as_of - timedelta(days=60)
    event = TrainingEvent(
        title="Điều tra số và ứng cứu mã độc tống tiền",
        unit_id=roster.team.unit_id,
        organiser="Trung tâm An ninh mạng quốc gia",
        starts_on=first,
        ends_on=first + timedelta(days=COURSE_DAYS - 1),
        hours=COURSE_DAYS * 8.0,
        place="Trung tâm Chuyển đổi số tỉnh",
        topic="Thu thập chứng cứ, khoanh vùng, khôi phục.",
    )
    results = [TrainingResult.PASSED, TrainingResult.PASSED, TrainingResult.ATTENDED]
    session.add(event)
    for place, member in enumerate(roster.members[:20]):
        result = TrainingResult.ABSENT if place == 7 else luck.choice(results)
        session.add(TrainingAttendance(training_event=event, person=member.person, result=result))
