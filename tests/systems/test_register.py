"""The list of systems: what it shows, to whom, and in how many statements."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.audit.models import Entry
from drills.systems.models import Approval, InformationSystem, SystemStatus
from tests.browser import Browser

TODAY = date(2026, 11, 23)


def codes(page):
    return [row["id"] for row in page.select("#register tbody tr")]


def approved(make, **given):
    defaults = {
        "level": 3,
        "approval": Approval.APPROVED,
        "decision_number": "1187/QĐ-UBND",
        "decision_date": date(2025, 10, 12),
    }
    return make.system(**defaults | given)


def test_the_list_is_searched_without_accents_by_name_code_and_unit(browser, make):
    health = make.unit(name="Sở Y tế Đà Nẵng")
    make.system(code="A", name="Bệnh án điện tử")
    make.system(code="B", name="Đấu giá", owner=health)
    make.system(code="C", name="Ngân sách")
    assert codes(browser.get("/systems/?q=benh+an")) == ["A"]
    assert codes(browser.get("/systems/?q=da+nang")) == ["B"]
    assert codes(browser.get("/systems/?q=c")) != []
    assert codes(browser.get("/systems/?q=khong+co")) == []


def test_filters_and_views_stand_in_the_address(browser, make):
    approved(make, code="LATE", review_due_on=TODAY - timedelta(days=2))
    approved(make, code="GOOD", level=4, review_due_on=TODAY + timedelta(days=10))
    make.system(code="WAIT", level=2, approval=Approval.APPRAISED)
    make.system(code="GONE", level=None, status=SystemStatus.DECOMMISSIONED)
    assert codes(browser.get("/systems/?level=3&level=4")) == ["LATE", "GOOD"]
    assert codes(browser.get("/systems/?level=3,4")) == ["LATE", "GOOD"]
    assert codes(browser.get("/systems/?level=0")) == ["GONE"]
    assert codes(browser.get("/systems/?approval=approved")) == ["LATE", "GOOD"]
    assert codes(browser.get("/systems/?approval=valid")) == ["GOOD"]
    assert codes(browser.get("/systems/?approval=overdue")) == ["LATE"]
    assert codes(browser.get("/systems/?status=decommissioned")) == ["GONE"]
    assert codes(browser.get("/systems/?review=30")) == ["GOOD"]
    page = browser.get("/systems/?level=3&level=4&level=5")
    assert page.select_one(".views [aria-current]").text.split()[-1] == "2"
    strip = {a.b.text: a["href"] for a in page.select(".seg a")}
    assert len(page.select(".seg a")) == 2
    assert strip


def test_nonsense_in_the_address_is_passed_over(browser, make):
    make.system(code="A")
    page = browser.get("/systems/?level=9&approval=x&sort=rm&page=99&size=-1&unit=abc&review=z")
    assert codes(page) == ["A"]


def test_the_unit_filter_takes_what_lies_below(browser, make):
    above = make.unit()
    below = make.unit(parent=above)
    make.system(code="DEEP", owner=below)
    make.system(code="ELSEWHERE", owner=make.unit())
    assert codes(browser.get(f"/systems/?unit={above.id}")) == ["DEEP"]
    assert codes(browser.get(f"/systems/?unit=&unit-text={below.code}")) == ["DEEP"]


def test_sorting_keeps_the_filters_and_puts_missing_dates_last(browser, make):
    make.system(code="NONE", level=1)
    make.system(code="SOON", level=2, review_due_on=TODAY)
    make.system(code="LATER", level=3, review_due_on=TODAY + timedelta(days=9))
    assert codes(browser.get("/systems/")) == ["SOON", "LATER", "NONE"]
    assert codes(browser.get("/systems/?sort=-due")) == ["LATER", "SOON", "NONE"]
    assert codes(browser.get("/systems/?sort=-level")) == ["LATER", "SOON", "NONE"]
    page = browser.get("/systems/?q=he&sort=due")
    assert "q=he" in page.select_one("th[aria-sort=ascending] a")["href"]


def test_an_officer_sees_the_own_branch_and_a_stranger_finds_nothing(app, make, session):
    make.organisation()
    own, other = make.unit(), make.unit()
    mine, theirs = make.system(code="MINE", owner=own), make.system(code="THEIRS", owner=other)
    officer = make.person(role=Role.UNIT_OFFICER, unit=own)
    browser = Browser(app, session, as_=officer)
    assert codes(browser.get("/systems/")) == ["MINE"]
    assert browser.raw(f"/systems/{mine.id}/").status_code == 200
    assert browser.raw(f"/systems/{theirs.id}/").status_code == 404
    assert browser.raw(f"/systems/{theirs.id}/edit/").status_code == 404
    assert browser.raw("/systems/import/").status_code == 403
    assert b"THEIRS" not in browser.raw("/systems/export.csv").data


def test_a_reader_may_look_but_not_write(app, make, session):
    make.organisation()
    system = make.system()
    browser = Browser(app, session, as_=make.person(role=Role.AUDITOR))
    page = browser.get(f"/systems/{system.id}/")
    assert not page.select("form[action*=decommission]")
    browser.post(f"/systems/{system.id}/edit/", status=403)
    browser.post(f"/systems/{system.id}/decommission/", status=403)


def test_the_list_takes_at_most_six_statements_however_long_it_is(app, make, session, queries):
    make.organisation()
    branch = make.unit()
    person = make.person()
    session.execute(
        sa.insert(InformationSystem),
        [
            {
                "code": f"HT-{n:04}", "name": f"Hệ thống {n}", "search": f"ht-{n:04} he thong {n}",
                "sort": f"{n:06}", "description": "", "owner_id": branch.id,
                "operator_id": branch.id, "level": n % 5 + 1, "responsible_id": person.id,
                "decision_number": "", "decision_authority": "", "version": 1,
                "review_due_on": TODAY + timedelta(days=n % 900),
            }
            for n in range(2000)
        ],
    )  # fmt: skip
    session.commit()
    for unit in (None, branch):
        given = {"unit": unit} if unit else {}
        browser = Browser(app, session, as_=make.person(role=Role.AUDITOR, **given))
        for address in (
            "/systems/",
            "/systems/?page=10&size=200",
            f"/systems/?q=he+thong&level=3&unit={branch.id}&approval=none&sort=-unit",
        ):
            with queries() as seen:
                browser.get(address)
            assert len(seen) <= 6, "\n".join(
                s[:60] + " FROM " + s.partition("FROM")[2][:60].replace("\n", " ") for s in seen
            )


def details(system, **changes):
    given = {
        "name": system.name, "code": system.code, "kind": "internal", "status": "operating",
        "owner_id": system.owner_id, "operator_id": system.operator_id, "level": "",
        "approval": "none", "version": system.version,
    }  # fmt: skip
    return given | changes


def test_entering_gives_a_code_and_an_audit_entry(browser, make, session):
    unit = make.unit()
    make.system(code="HT-0041")
    data = {
        "name": "Bệnh án điện tử", "code": "", "kind": "public", "status": "operating",
        "owner_id": unit.id, "operator_id": unit.id, "level": "3", "approval": "none",
        "has_personal_data": "y",
    }  # fmt: skip
    browser.post("/systems/new/", data)
    system = session.scalars(sa.select(InformationSystem).filter_by(code="HT-0042")).one()
    assert (system.level, system.has_personal_data) == (3, True)
    entry = session.scalars(sa.select(Entry).filter_by(subject_kind="system")).one()
    assert (entry.verb, entry.changes["name"]) == ("created", ["", "Bệnh án điện tử"])


def test_the_form_cannot_approve(browser, make, session):
    system = make.system(level=2)
    before = session.scalar(sa.select(sa.func.count(Entry.id)))
    for address in (f"/systems/{system.id}/edit/", "/systems/new/"):
        page = browser.post(address, details(system, approval="approved"), status=422)
        assert page.select_one(".errors a")["href"] == "#approval"
    session.refresh(system)
    assert system.approval is Approval.NONE
    assert session.scalar(sa.select(sa.func.count(Entry.id))) == before


def test_what_a_decision_has_settled_is_shown_and_stays(browser, make, session):
    system = approved(make, decision_authority="UBND tỉnh", review_due_on=date(2027, 10, 12))
    page = browser.get(f"/systems/{system.id}/edit/")
    assert not page.select("[name=level], [name=approval], [name=decision_number]")
    assert "1187/QĐ-UBND" in page.select_one("main form").text
    data = details(system, level="5", approval="none", name="Tên mới", review_due_on="12/10/2027")
    browser.post(f"/systems/{system.id}/edit/", data)
    session.refresh(system)
    assert (system.name, system.level, system.approval) == ("Tên mới", 3, Approval.APPROVED)
    assert system.review_due_on == date(2027, 10, 12)


def test_a_code_that_is_taken_is_said_beside_the_field(browser, make):
    make.system(code="TAKEN")
    system = make.system()
    page = browser.post(f"/systems/{system.id}/edit/", details(system, code="TAKEN"), status=422)
    assert "TAKEN" in page.select_one(".errors").text


def test_after_editing_one_is_back_at_the_same_place_of_the_list(browser, make, session):
    system = make.system(code="HT-0042")
    answer = browser.post(
        f"/systems/{system.id}/edit/?q=he&page=2", details(system, name="Tên mới", level="2")
    )
    assert answer.location == "/systems/?q=he&page=2#HT-0042"
    session.refresh(system)
    assert (system.name, system.search) == ("Tên mới", "ht-0042 ten moi")
    page = browser.get(f"/systems/{system.id}/")
    assert "Tên mới" in page.select_one(".log .diff").text


def test_the_second_of_two_editors_is_shown_both_versions(browser, make, session):
    system = make.system(name="Trước")
    stale = details(system, name="Của tôi")
    system.name = "Của người khác"
    session.commit()
    response = browser.client.post(f"/systems/{system.id}/edit/", data=stale)
    assert response.status_code == 409
    assert "Của người khác" in response.text
    assert "Của tôi" in response.text
    session.refresh(system)
    assert system.name == "Của người khác"
    again = details(system, name="Của tôi")
    browser.post(f"/systems/{system.id}/edit/", again)
    session.refresh(system)
    assert system.name == "Của tôi"


def test_decommissioning_is_audited_and_done_once(browser, make, session):
    system = make.system()
    browser.post(f"/systems/{system.id}/decommission/")
    session.refresh(system)
    assert system.status is SystemStatus.DECOMMISSIONED
    assert session.scalar(sa.select(Entry.verb)) == "decommissioned"
    browser.post(f"/systems/{system.id}/decommission/", status=409)


def test_previous_and_next_follow_the_list_one_came_from(browser, make):
    first = make.system(name="A", level=3)
    make.system(name="B", level=1)
    third = make.system(name="C", level=3)
    page = browser.get(f"/systems/{first.id}/?level=3&sort=name")
    links = [a["href"] for a in page.select(".head .acts a")]
    assert f"/systems/{third.id}/?level=3&sort=name" in links


@pytest.mark.parametrize("sort", ["due", "-due", "level", "-level", "name", "-unit"])
def test_every_system_stands_on_exactly_one_page_also_when_counted_from_the_end(
    browser, make, sort
):
    for n in range(11):
        due = TODAY + timedelta(days=n % 3) if n % 4 else None
        make.system(name=f"Tên {n % 5}", level=n % 3 or None, review_due_on=due)
    whole = codes(browser.get(f"/systems/?sort={sort}"))
    pages = [codes(browser.get(f"/systems/?sort={sort}&size=3&page={n}")) for n in range(1, 5)]
    assert [code for page in pages for code in page] == whole
    assert len(whole) == 11
