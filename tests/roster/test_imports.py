"""Members from a spreadsheet: looked at first, then all or nobody."""

import io

import sqlalchemy as sa

from drills.accounts.models import Person
from drills.audit.models import Entry
from drills.roster.models import Member, TeamRole

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
