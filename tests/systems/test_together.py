"""Changing many systems at once, saved views, chosen columns, and the export of a list."""

import io
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.audit.models import Entry
from drills.core import tabular
from drills.extensions import db
from drills.systems.models import Approval, Decision, InformationSystem, PlanState, SavedView
from drills.units.models import Unit
from tests.browser import Browser

TODAY = date(2026, 11, 23)


def codes(page):
    return [row["id"] for row in page.select("#register tbody tr")]


def test_the_ticked_systems_get_somebody_responsible(browser, make, session):
    one, two, three = (make.system() for _ in range(3))
    person = make.person()
    data = {"id": [one.id, two.id], "responsible_id": person.id}
    answer = browser.post("/systems/assign/?q=he", data)
    assert answer.location == "/systems/?q=he"
    session.expire_all()
    assert [s.responsible_id for s in (one, two, three)] == [person.id, person.id, None]
    entries = session.scalars(sa.select(Entry).filter_by(verb="revised")).all()
    assert {entry.subject_id for entry in entries} == {one.id, two.id}


def test_the_whole_list_is_meant_with_one_tick_and_only_that_list(browser, make, session):
    listed = [make.system(level=3) for _ in range(4)]
    other = make.system(level=1)
    data = {"every": "1", "review_due_on": "01/02/2027"}
    browser.post("/systems/review/?level=3", data)
    session.expire_all()
    assert {s.review_due_on for s in listed} == {date(2027, 2, 1)}
    assert other.review_due_on is None


def test_what_is_left_out_is_named_with_its_reason(browser, make, session):
    fixed = make.system(name="Đã định", level=3, approval=Approval.APPROVED)
    free = make.system()
    decision = make.save(decision_of(fixed))
    page = browser.post(
        "/systems/review/", {"id": [fixed.id, free.id], "review_due_on": "01/02/2027"}, status=200
    )
    assert "Đã định" in page.select_one("#left tbody").text
    session.expire_all()
    assert (fixed.review_due_on, free.review_due_on) == (None, date(2027, 2, 1))
    assert decision.review_due_on == date(2027, 10, 1)


def decision_of(system):
    return Decision(
        system=system, level=3, number="1/QĐ", signed_on=date(2025, 1, 1), authority="UBND",
        review_due_on=date(2027, 10, 1), recorded_at=system.created_at,
    )  # fmt: skip


def test_what_lies_outside_the_scope_is_not_touched(app, make, session):
    make.organisation()
    own, other = make.unit(), make.unit()
    mine, theirs = make.system(owner=own), make.system(owner=other)
    officer = make.person(role=Role.UNIT_OFFICER, unit=own)
    data = {"id": [mine.id, theirs.id], "review_due_on": "01/02/2027"}
    Browser(app, session, as_=officer).post("/systems/review/", data)
    session.expire_all()
    assert (mine.review_due_on, theirs.review_due_on) == (date(2027, 2, 1), None)


def test_without_a_tick_nothing_happens(browser, make, session):
    system = make.system()
    browser.post("/systems/review/", {"review_due_on": "01/02/2027"})
    session.refresh(system)
    assert system.review_due_on is None


def test_a_saved_view_opens_the_same_list_and_may_open_first(browser, make, session):
    make.system(code="HIGH", level=4)
    make.system(code="LOW", level=1)
    data = {"name": "Cấp cao", "query": "level=4&sort=name&evil=1", "is_default": "on"}
    answer = browser.post("/systems/views/", data)
    assert answer.location == "/systems/?level=4&sort=name"
    assert browser.raw("/systems/").location == "/systems/?level=4&sort=name"
    assert set(codes(browser.get("/systems/?sort=due"))) == {"HIGH", "LOW"}
    browser.post("/systems/views/", data | {"query": "level=1"})
    view = session.scalars(sa.select(SavedView)).one()
    assert view.query == "level=1"
    browser.post(f"/systems/views/{view.id}/delete/")
    assert session.scalar(sa.select(sa.func.count(SavedView.id))) == 0


def test_a_shared_view_is_seen_by_others_and_deleted_by_its_owner_only(app, browser, make, session):
    browser.post("/systems/views/", {"name": "Của tôi", "query": "level=1"})
    browser.post("/systems/views/", {"name": "Chung", "query": "level=2", "is_shared": "on"})
    other = Browser(app, session, as_=make.person(role=Role.AUDITOR))
    text = other.get("/systems/?sort=due").select_one("main").text
    assert "Chung" in text
    assert "Của tôi" not in text
    mine, shared = session.scalars(sa.select(SavedView).order_by(SavedView.id))
    other.post(f"/systems/views/{shared.id}/delete/", status=403)
    other.post(f"/systems/views/{mine.id}/delete/", status=404)


def test_columns_are_chosen_in_the_address_and_remembered(browser, make):
    make.system(code="A", owner=make.unit(name="Sở Tài chính"))
    page = browser.get("/systems/?columns=owner,plan")
    heads = [head.text.strip() for head in page.select("thead th")]
    assert heads[-2:] == ["Chủ quản", "Phương án bảo đảm an toàn"]
    assert "Sở Tài chính" in page.select("#A td")[-2].text
    again = [head.text.strip() for head in browser.get("/systems/?sort=name").select("thead th")]
    assert again == heads


def test_an_export_is_what_is_on_the_screen_and_says_of_what(browser, make):
    make.system(code="B", level=3, name="=1+1")
    make.system(code="A", level=3)
    make.system(code="C", level=1)
    data = browser.raw("/systems/export.xlsx?level=3&sort=code&columns=level,due").data
    book = tabular.pages(io.BytesIO(data), "x.xlsx", limit=50)
    assert [row.cells[0] for row in book[0].rows] == ["Mã hệ thống", "A", "B"]
    assert len(book[0].rows[0].cells) == 5
    said = {row.cells[0]: row.cells[1] for row in book[1].rows}
    assert book[1].name == "Bộ lọc"
    assert said["Cấp độ"] == "Cấp 3"
    text = browser.raw("/systems/export.csv?level=3&sort=code").data
    assert text.startswith(b"\xef\xbb\xbf")
    assert b"'=1+1" in text


def test_the_ticked_rows_are_exported_alone(browser, make):
    make.system(code="A")
    two = make.system(code="B")
    data = browser.client.post("/systems/selection.xlsx", data={"id": [two.id]}).data
    book = tabular.read(io.BytesIO(data), "x.xlsx", limit=50)
    assert [row.cells[0] for row in book.rows] == ["B"]


@pytest.fixture
def facets(make):
    tier = make.tier("commune", 60)
    commune = make.unit(tier=tier, code="XA")
    now = make.now
    decided = {"level": 2, "approval": Approval.APPROVED, "decided_at": now - timedelta(days=9)}
    make.system(code="CHANGED", **decided, facts_changed_at=now)
    make.system(code="ENDS", **decided, valid_until=TODAY + timedelta(days=80))
    make.system(code="ENDED", **decided, valid_until=TODAY - timedelta(days=1))
    make.system(code="COMMUNE", owner=commune, plan_state=PlanState.PARTLY)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("condition=changed", {"CHANGED"}),
        ("condition=expiring", {"ENDS"}),
        ("condition=expired", {"ENDED"}),
        ("condition=expired&condition=changed", {"ENDED", "CHANGED"}),
        ("condition=never", {"COMMUNE"}),
        ("tier=commune", {"COMMUNE"}),
        ("plan=partly", {"COMMUNE"}),
        ("plan=none", {"CHANGED", "ENDS", "ENDED"}),
    ],
)
def test_the_facets_narrow_the_list(browser, facets, query, expected):
    assert set(codes(browser.get(f"/systems/?{query}"))) == expected


def test_the_owner_is_a_filter_of_its_own(browser, make):
    owner, operator = make.unit(), make.unit()
    make.system(code="A", owner=owner, operator=operator)
    make.system(code="B", owner=operator)
    assert codes(browser.get(f"/systems/?owner={operator.id}")) == ["B"]


def total(browser):
    return int(browser.get("/systems/?sort=due").select_one(".views a .n").text)


def test_numbers_are_right_at_once_after_every_kind_of_write(browser, make, session, app):
    assert total(browser) == 0
    system = make.system()
    assert total(browser) == 1
    row = {"code": "BULK", "name": "x", "sort": "x", "search": "x", "description": "",
           "owner_id": system.owner_id, "operator_id": system.owner_id, "decision_number": "",
           "decision_authority": "", "version": 1}  # fmt: skip
    session.execute(sa.insert(InformationSystem), [row])
    session.commit()
    assert total(browser) == 2
    session.execute(sa.update(InformationSystem).values(level=5))
    session.commit()
    assert set(codes(browser.get("/systems/?level=5"))) == {system.code, "BULK"}
    officer = make.person(role=Role.AUDITOR, unit=make.unit(code="NEW"))
    reader = Browser(app, session, as_=officer)
    assert total(reader) == 0
    system.owner = session.scalars(sa.select(Unit).filter_by(code="NEW")).one()
    session.commit()
    assert total(reader) == 1
    session.add(make_of(system))
    session.flush()
    session.rollback()
    assert total(browser) == 2


def make_of(system):
    return InformationSystem(
        code="GONE", name="y", owner_id=system.owner_id, operator_id=system.owner_id
    )


def test_a_writer_of_another_process_is_seen_as_well(app, browser, make, session):
    owner_id = make.system().owner_id
    session.rollback()
    assert total(browser) == 1
    for number, code in enumerate(("ONE", "TWO"), start=2):
        with app.app_context(), db.sessionmaker() as other:
            unit = {"owner_id": owner_id, "operator_id": owner_id}
            other.add(InformationSystem(code=code, name=code, **unit))
            other.commit()
        assert total(browser) == number


def test_what_was_counted_is_not_counted_again(browser, make, queries):
    for n in range(3):
        make.system(code=f"S{n}")
    browser.get("/systems/?sort=due")
    with queries() as seen:
        browser.get("/systems/?sort=due")
    assert not any("is_left" in statement for statement in seen), seen
    assert len(seen) <= 5
