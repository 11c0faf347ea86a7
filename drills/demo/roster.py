"""What is known of the demonstration team: further channels, training, expert groups, mandate."""

from datetime import date

from sqlalchemy.orm import Session

from drills.demo.people import Roster
from drills.roster.models import ChannelKind, ContactChannel, ExpertGroup, Expertise, Profile

SCHOOLS = (
    ("Học viện Kỹ thuật mật mã", "An toàn thông tin"),
    ("Trường Đại học Bách khoa", "Công nghệ thông tin"),
    ("Học viện Công nghệ Bưu chính Viễn thông", "Mạng máy tính và truyền thông"),
    ("Học viện An ninh nhân dân", "An ninh mạng"),
)
MANDATE = "Ứng cứu sự cố cho các cơ quan của tỉnh và các xã, phường; hỗ trợ lẫn nhau trong cụm."
DECISION = "1897/QĐ-UBND"


def build(session: Session, roster: Roster) -> None:
    roster.team.mandate = MANDATE
    groups = list(ExpertGroup)
    for number, member in enumerate(roster.members):
        school, subject = SCHOOLS[number % len(SCHOOLS)]
        member.decision_number, member.decision_date = DECISION, member.starts_on
        member.is_full_time = number < len(groups)
        trained = {"school": school, "field": subject, "degree": "Kỹ sư"}
        more = {"graduated_on": date(2004 + number % 15, 6, 1), "languages": ["en"]}
        zalo = {"kind": ChannelKind.ZALO, "value": f"0912 000 {number:03}"}
        session.add_all(
            [
                Profile(person_id=member.person_id, **trained, **more),
                Expertise(person_id=member.person_id, expert_group=groups[number % len(groups)]),
                ContactChannel(person_id=member.person_id, **zalo, is_preferred=number % 5 == 0),
            ]
        )
    session.flush()
