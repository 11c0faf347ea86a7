"""Mẫu 01 of Circular 20/2017: what is asked of a member of the network, as a workbook."""

import io
from datetime import date

import openpyxl
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.audit.models import Entry
from drills.roster.models import (
    Certificate,
    CertificateKind,
    ExpertGroup,
    Expertise,
    Profile,
    TeamRole,
)
from drills.systems.models import Approval
from tests.browser import Browser

FIELDS = {
    "name": "Đội ứng cứu",
    "superior": "UBND tỉnh",
    "leader": "Lò Văn Hai, Phó Giám đốc",
    "website": "ungcuu.example",
    "receiving_phone": "0255 1",
    "receiving_mobile": "0912 1",
    "receiving_fax": "0255 2",
    "receiving_email": "suco@lamgiang.example",
    "capability": "5 người, phục vụ toàn tỉnh",
}


def taken_out(browser, team):
    data = browser.client.post(f"/teams/{team.id}/form-01.xlsx").data
    return openpyxl.load_workbook(io.BytesIO(data))


def rows(sheet):
    return [tuple(cell or "" for cell in row) for row in sheet.iter_rows(values_only=True)]


def test_what_the_form_asks_is_typed_on_the_page_of_the_team_and_stands_in_it(
    browser, make, session
):
    team = make.team(name="Đội ứng cứu")
    browser.post(f"/teams/{team.id}/edit", {**FIELDS, "unit_id": team.unit_id})
    contact = make.member(team=team, role=TeamRole.CONTACT, person=make.person(name="Y Chi"))
    contact.person.mobile = "0987 1"
    make.save(Profile(person_id=contact.person_id, school="HVKTMM", field="ATTT", degree="Kỹ sư",
                      graduated_on=date(2012, 6, 1), languages=[]))  # fmt: skip
    make.save(Expertise(person_id=contact.person_id, expert_group=ExpertGroup.DEFENCE))
    make.save(
        Certificate(person=contact.person, name="Security+", kind=CertificateKind.PROFESSIONAL)
    )
    make.system(code="HT-3", name="Cổng", owner=team.unit, level=3, approval=Approval.APPROVED)
    make.system(code="HT-X", owner=team.unit, level=4, approval=Approval.SENT)
    book = taken_out(browser, team)
    told = dict(rows(book["Thông tin chung"])[1:])
    assert set(FIELDS.values()) <= set(told.values())
    assert told["Tên tổ chức"] == team.unit.name
    assert rows(book["Đầu mối"])[1][:2] == ("Đầu mối chính", "Y Chi")
    assert "0987 1" in rows(book["Đầu mối"])[1]
    assert rows(book["Hệ thống theo cấp độ"])[1:] == [(3, "HT-3", "Cổng")]
    assert rows(book["Nhân sự"])[1] == (
        1, "Y Chi", "", "HVKTMM", "ATTT", "Kỹ sư", "Security+", "06/2012",
        "Kỹ thuật phòng thủ, chống tấn công",
    )  # fmt: skip
    entry = session.scalars(sa.select(Entry).order_by(Entry.id.desc())).first()
    assert (entry.verb, entry.changes["with_personal_data"]) == ("exported people", ["", "True"])


def test_who_may_not_change_the_team_does_not_take_its_people_out(app, make, session):
    make.organisation()
    team = make.team()
    reader = Browser(app, session, as_=make.person(role=Role.AUDITOR))
    reader.post(f"/teams/{team.id}/form-01.xlsx", {}, status=403)
    assert "form-01" not in str(reader.get(f"/teams/{team.id}/").main)
