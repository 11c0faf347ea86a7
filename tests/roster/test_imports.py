"""Members from a spreadsheet: looked at first, then all or nobody."""

import io
from datetime import date

import sqlalchemy as sa

from drills.accounts.models import Person
from drills.audit.models import Entry
from drills.core import tabular
from drills.roster import imports, services
from drills.roster.columns import COLUMNS
from drills.roster.models import (
    ChannelKind,
    ContactChannel,
    ExpertGroup,
    Member,
    Profile,
    TeamRole,
)
from drills.roster.services import channels

HEAD = "Họ và tên,Email,Mã đơn vị,Vai trò,Nòng cốt,Từ ngày,Cỡ áo\n"


def words(page):
    return " ".join(page.main.text.split())


def sent(text):
    return {"file": (io.BytesIO((HEAD + text).encode()), "đội.csv")}


def test_a_good_file_is_shown_first_and_then_carried_out(browser, make, session):
    team, unit, known = make.team(), make.unit(code="SYT"), make.person()
    there = make.member(team=team).person
    text = (
        f"Lò Thị Mỉ,mi@lamgiang.example,syt,Đội trưởng,x,01/02/2026,M\n"
        f"{known.name},{known.email},SYT,,,,L\n"
        f"{there.name},{there.email},SYT,,,,L\n"
    )
    url = f"/teams/{team.id}/members/import"
    page = browser.post(url, sent(text), status=200)
    assert len(page.select("#new tbody tr")) == 2
    assert "Cỡ áo" in words(page)
    assert session.scalar(sa.select(sa.func.count()).select_from(Member)) == 1
    browser.post(url, {"text": page.select_one("input[name=text]")["value"]})
    person = session.scalars(sa.select(Person).where(Person.name == "Lò Thị Mỉ")).one()
    member = session.scalars(sa.select(Member).where(Member.person_id == person.id)).one()
    assert (member.role, member.is_core, person.unit_id) == (TeamRole.LEAD, True, unit.id)
    assert session.scalar(sa.select(sa.func.count()).select_from(Member)) == 3
    origins = session.scalars(sa.select(Entry.origin).where(Entry.verb == "member added")).all()
    assert origins == ["import", "import"]


def test_every_bad_row_is_shown_and_nobody_is_added(browser, make, session):
    team = make.team()
    make.unit(code="SYT")
    text = (
        "Lò Thị Mỉ,mi@lamgiang.example,SYT,,,,\n"
        ",kh ong,XYZ,Phi công,,31/02/2026,\n"
        "Mỉ lần nữa,MI@lamgiang.example,SYT,,,,\n"
    )
    url = f"/teams/{team.id}/members/import"
    page = browser.post(url, sent(text), status=422)
    rows = [row.select_one("td").text for row in page.select("#mistakes tbody tr")]
    assert rows == ["3"] * 5 + ["4"]
    assert not page.select("input[name=text]")
    browser.post(url, {"text": HEAD + text}, status=422)
    assert session.scalars(sa.select(Member)).all() == []


def test_a_file_without_the_needed_columns_or_no_file_is_refused(browser, make):
    url = f"/teams/{make.team().id}/members/import"
    page = browser.post(url, {"file": (io.BytesIO(b"a,b\n1,2\n"), "x.csv")}, status=422)
    assert "Họ và tên" in page.select_one("#file-error").text
    assert browser.post(url, {}, status=422).select_one("#file-error")


ON = date(2026, 11, 23)
FULL = (
    "Họ và tên,Email,Đơn vị,Chức vụ,Điện thoại di động,Fax,Zalo,Kênh ưu tiên,Đội,Vai trò,Nòng cốt,"
    "Chuyên trách,Từ ngày,Số quyết định,Ngày quyết định,Nhóm chuyên gia,Nơi đào tạo,Ngành đào tạo,"
    "Bằng cấp,Tháng năm tốt nghiệp,Ngoại ngữ\n"
)


def sheet(text):
    return tabular.read(io.BytesIO(text.encode()), "ds.csv", limit=5000)


def taken_in(session, text, team=None):
    plan = imports.plan(session, sheet(text), team=team, by=None, on=ON)
    count = imports.carry_out(session, plan, by=None)
    session.commit()
    return count


def test_all_fields_of_form_01_and_several_teams_come_in_by_one_file(make, session):
    unit, one, two = make.unit(code="SYT"), make.team(name="Đội tỉnh"), make.team(name="Đội SYT")
    text = (
        "Lò Thị Mỉ,mi@lamgiang.example,SYT,Chuyên viên,0912,0255 1,0987,Zalo,Đội tỉnh,"
        "Đầu mối dự phòng,x,x,01/02/2026,7/QĐ,15/01/2026,"
        '"Kỹ thuật phòng thủ, chống tấn công; Quản lý ATTT",Học viện KTMM,ATTT,Kỹ sư,06/2015,'
        "Tiếng Anh; lo\n"
        "Lò Thị Mỉ,mi@lamgiang.example,SYT,,,,,,Đội SYT,Đội trưởng,,,,,,,,,,,\n"
    )
    assert taken_in(session, FULL + text) == 2
    person = session.scalars(sa.select(Person).where(Person.name == "Lò Thị Mỉ")).one()
    members = {m.team_id: m for m in session.scalars(sa.select(Member))}
    first = members[one.id]
    assert (first.role, first.is_core, first.is_full_time) == (TeamRole.CONTACT_BACKUP, True, True)
    assert (first.starts_on, first.decision_number) == (date(2026, 2, 1), "7/QĐ")
    assert (members[two.id].role, members[two.id].starts_on) == (TeamRole.LEAD, ON)
    profile = session.scalars(sa.select(Profile)).one()
    assert (profile.school, profile.degree) == ("Học viện KTMM", "Kỹ sư")
    assert (profile.graduated_on, profile.languages) == (date(2015, 6, 1), ["en", "lo"])
    groups = {ExpertGroup.DEFENCE, ExpertGroup.MANAGEMENT}
    assert services.expert_groups(session, person) == groups
    ways = {(way.kind, way.value): way.is_preferred for way in channels.ways_of(session, person)}
    assert ways[ChannelKind.ZALO, "0987"]
    assert not ways[ChannelKind.FAX, "0255 1"]
    assert person.unit_id == unit.id


def test_what_the_file_knows_more_is_shown_and_filled_in_and_an_empty_cell_changes_nothing(
    browser, make, session
):
    team = make.team()
    person = make.person(unit=make.unit(code="SYT"), mobile="0912")
    make.member(team=team, person=person)
    make.save(Profile(person_id=person.id, school="Trường cũ", degree="Kỹ sư"))
    head = "Họ và tên,Email,Đơn vị,Điện thoại di động,Nơi đào tạo,Bằng cấp\n"
    row = f"{person.name},{person.email},SYT,••• 912,Học viện,\n"
    url = f"/teams/{team.id}/members/import"
    page = browser.post(url, {"file": (io.BytesIO((head + row).encode()), "ds.csv")}, status=200)
    assert "Trường cũ" in words(page)
    browser.post(url, {"text": page.select_one("input[name=text]")["value"]})
    session.expire_all()
    profile = session.scalars(sa.select(Profile)).one()
    assert (profile.school, profile.degree, person.mobile) == ("Học viện", "Kỹ sư", "0912")
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "revised")).one()
    assert (entry.origin, entry.changes) == ("import", {"school": ["Trường cũ", "Học viện"]})


def test_mistakes_in_the_new_columns_are_named(make, session):
    make.unit(code="SYT")
    bad = "A,,SYT,,,,,Bồ câu,Đội lạ,,,,,,31/02/2026,Nhóm lạ,,,,13/2015,Tiếng Sao Hoả\n"
    plan = imports.plan(session, sheet(FULL + bad), team=None, by=None, on=ON)
    assert [problem.column for problem in plan.problems] == [
        "Đội",
        "Nhóm chuyên gia",
        "Ngoại ngữ",
        "Kênh ưu tiên",
        "Ngày quyết định",
        "Tháng năm tốt nghiệp",
    ]


def test_who_has_no_address_is_known_again_by_name_and_unit(make, session):
    team, unit = make.team(), make.unit(code="SYT")
    person = make.person(name="Trần Văn An", unit=unit, email=None)
    text = HEAD + "Trần Văn An,,SYT,,,,\n"
    assert taken_in(session, text, team) == 1
    assert session.scalars(sa.select(Member)).one().person_id == person.id
    make.person(name="Trần Văn An", unit=unit, email=None)
    plan = imports.plan(session, sheet(text), team=team, by=None, on=ON)
    assert len(plan.problems) == 1


def test_somebody_who_was_in_the_team_before_joins_again(make, session):
    team, unit = make.team(), make.unit(code="SYT")
    person = make.person(unit=unit)
    make.member(team=team, person=person, ends_on=date(2025, 1, 1))
    assert taken_in(session, HEAD + f"{person.name},{person.email},SYT,,,,\n", team) == 1


def test_the_address_of_somebody_outside_the_scope_is_refused(make, session):
    near, far = make.unit(code="SYT"), make.unit()
    stranger = make.person(unit=far)
    by = make.person(unit=near)
    text = HEAD + f"Ai đó,{stranger.email},SYT,,,,\n"
    plan = imports.plan(session, sheet(text), team=make.team(unit=near), by=by, on=ON)
    assert [problem.column for problem in plan.problems] == ["Thư điện tử"]


def test_two_hundred_and_sixteen_members_come_in_with_a_few_statements_each(make, session, queries):
    team, unit = make.team(), make.unit(code="SYT")
    keys = [column.label_vi for column in COLUMNS]
    rows = [
        ",".join(
            {
                "Họ và tên": f"Người {n}",
                "Thư điện tử": f"n{n}@lamgiang.example",
                "Đơn vị": unit.code,
                "Zalo": f"09{n:08}",
                "Kênh ưu tiên": "Zalo",
                "Nơi đào tạo": "Học viện",
                "Nhóm chuyên gia": "defence",
            }.get(key, "")
            for key in keys
        )
        for n in range(216)
    ]
    text = ",".join(keys) + "\n" + "\n".join(rows)
    with queries() as seen:
        assert taken_in(session, text, team) == 216
    assert len(seen) <= 9 * 216
    assert session.scalar(sa.select(sa.func.count()).select_from(ContactChannel)) == 216
