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
FORM_01 = {
    "mandate": "Ứng cứu sự cố cho các cơ quan của tỉnh, các xã, phường; hỗ trợ trong cụm.",
    "superior": "Ủy ban nhân dân tỉnh Lam Giang",
    "leader": "Phó Giám đốc Trung tâm Chuyển đổi số tỉnh",
    "website": "ungcuu.lamgiang.example",
    "receiving_phone": "0255 300 1919",
    "receiving_mobile": "0912 000 919",
    "receiving_email": "suco@lamgiang.example",
    "capability": "40 thành viên; phòng giám sát SOC; phục vụ các cơ quan của tỉnh.",
}
DECISION = "1897/QĐ-UBND"


def build(session: Session, roster: Roster) -> None:
    for name, text in FORM_01.items():
        setattr(roster.team, name, text)
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
