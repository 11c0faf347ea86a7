import io
from datetime import date

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.units import services
from drills.units.models import Ranking, Succession, Unit
from tests.browser import Browser


@pytest.fixture
def tiers(session):
    return services.seed_tiers(session)


def names(page):
    return [row.select_one("th a").text for row in page.select("table.grid tbody tr")]


def a_file(text, name="units.csv"):
    return {"file": (io.BytesIO(text.encode()), name)}


def test_the_tree_is_walked_and_searched_without_accents(browser, make):
    health = make.unit(code="SYT", name="Sở Y tế")
    make.unit(name="Trung tâm Đà Nẵng", parent=health)
    make.unit(name="Sở cũ", active_to=date(2025, 1, 1))
    assert names(browser.get("/units/")) == ["Sở Y tế"]
    assert names(browser.get(f"/units/?under={health.id}")) == ["Trung tâm Đà Nẵng"]
    assert names(browser.get("/units/?q=trung tam da nang")) == ["Trung tâm Đà Nẵng"]
    assert names(browser.get("/units/?state=ended")) == ["Sở cũ"]
    assert names(browser.get("/units/?tier=department&q=so")) == ["Sở Y tế"]
    assert "Không có đơn vị nào phù hợp" in browser.get("/units/?q=zzz").text


def test_the_list_asks_little_however_long_it_is(browser, make, queries):
    browser.get("/units/")
    for _ in range(30):
        make.unit(parent=make.unit())
    with queries() as seen:
        browser.get("/units/?q=don vi")
    assert len(seen) <= 9, seen
    unit = make.unit()
    with queries() as seen:
        browser.get(f"/units/{unit.id}/")
    assert len(seen) <= 13, seen


def test_a_unit_is_added_and_changed(browser, make, session, tiers):
    root, tier = make.root(), tiers["department"]
    data = {"name": "Sở Y tế", "code": "SYT", "tier_id": tier.id, "parent_id": root.id}
    browser.post("/units/new", data | {"active_from": "1/3/2025"})
    unit = session.scalar(sa.select(Unit).where(Unit.code == "SYT"))
    assert (unit.parent_id, unit.active_from) == (root.id, date(2025, 3, 1))
    page = browser.get(f"/units/{unit.id}/edit")
    version = page.select_one("[name=version]")["value"]
    browser.post(f"/units/{unit.id}/edit", data | {"name": "Sở Y tế tỉnh", "version": version})
    assert unit.name == "Sở Y tế tỉnh"
    told = [one.text for one in browser.get(f"/units/{unit.id}/").select("#history li b")]
    assert len(told) == 2
    again = browser.post(f"/units/{unit.id}/edit", data | {"version": version}, status=422)
    assert "đã thay đổi" in again.select_one(".errors").text


def test_mistakes_come_back_with_what_was_typed(browser, make, tiers):
    make.unit(code="SYT")
    data = {"code": "SYT", "tier_id": tiers["other"].id, "parent_id": make.root().id}
    page = browser.post("/units/new", data | {"name": "X", "active_to": "31/02/2025"}, status=422)
    assert page.select_one("[name=active_to]")["value"] == "31/02/2025"
    page = browser.post("/units/new", data | {"name": "X"}, status=422)
    assert "SYT" in page.select_one(".errors").text


def test_units_are_merged_on_a_page(browser, make, session):
    old, new = make.unit(name="Cũ"), make.unit(name="Mới")
    make.system(owner=old)
    data = {"predecessor_ids": [old.id], "on": "01/07/2025", "decision": "202/2025/QH15"}
    browser.post(f"/units/{new.id}/merge", data)
    assert session.scalar(sa.select(Succession.successor_id)) == new.id
    assert "202/2025/QH15" in browser.get(f"/units/{new.id}/").select_one("#successions").text
    assert "Mới" in browser.get(f"/units/{old.id}/").select_one("#successions").text
    page = browser.post(f"/units/{new.id}/merge", data | {"predecessor_ids": [new.id]}, status=422)
    assert page.select_one(".errors")


def test_a_rank_is_noted_with_its_source(browser, make, session):
    unit = make.root()
    data = {"indicator": "Hệ thống được phê duyệt", "rank": 3, "out_of": 63, "as_of": "31/12/2024"}
    browser.post(f"/units/{unit.id}/rankings", data | {"source": "Bộ TT&TT"})
    assert session.scalar(sa.select(Ranking.rank)) == 3
    assert "Bộ TT&TT" in browser.get(f"/units/{unit.id}/").select_one("#rankings").text
    browser.post(f"/units/{unit.id}/rankings", data, status=422)


def test_a_list_is_looked_at_before_it_is_imported(browser, make, session, tiers):
    response = browser.post("/units/import", a_file("Mã;Tên;Màu\nA;Sở A;đỏ\nB;Sở B;xanh\n"))
    page = browser.get(response.location)
    assert "Màu" in page.select_one(".note.warn").text
    assert session.scalar(sa.select(sa.func.count(Unit.id))) == 1
    browser.post(response.location)
    assert session.scalar(sa.select(sa.func.count(Unit.id))) == 3
    browser.post(response.location, status=422)


def test_a_file_with_mistakes_cannot_be_imported(browser, make, session, tiers):
    response = browser.post("/units/import", a_file("Mã;Tên;Cấp\nA;Sở A;Sở\nA;;Xyz\n"))
    page = browser.get(response.location)
    assert [row.select("td")[0].text for row in page.select("#problems tbody tr")] == ["2", *"333"]
    assert not page.select(".head form")
    browser.post(response.location, status=422)
    assert session.scalar(sa.select(sa.func.count(Unit.id))) == 1
    refused = browser.post("/units/import", a_file("Không\n1\n"), status=422)
    assert "Mã đơn vị" in refused.select_one(".errors").text


def test_a_waiting_file_is_its_owners_alone(app, browser, make, session, tiers):
    response = browser.post("/units/import", a_file("Mã;Tên\nA;Sở A\n"))
    other = Browser(app, session, as_=make.person(role=Role.ADMINISTRATOR))
    other.get(response.location, status=422)


def test_the_export_is_a_valid_import(browser, make, tiers):
    make.unit(code="SYT", name="=Sở Y tế", tier=tiers["department"], active_from=date(2020, 1, 1))
    for kind in ("csv", "xlsx"):
        data = browser.raw(f"/units/export.{kind}").data
        response = browser.post("/units/import", {"file": (io.BytesIO(data), f"a.{kind}")})
        figures = [dd.text.strip() for dd in browser.get(response.location).select(".figs dd")]
        assert figures == ["0", "0", "2", "0"]


def test_provinces_are_loaded_from_a_page(browser, session):
    assert len(browser.get("/units/load").select("option")) == 35
    browser.post("/units/load", {"province": "51"})
    assert session.scalar(sa.select(Unit.name).where(Unit.code == "DVHC-51")) == "Tỉnh Quảng Ngãi"


def test_strangers_find_nothing_and_readers_may_not_change(app, make, session):
    make.organisation()
    mine, other = make.unit(), make.unit(name="Đơn vị khác")
    officer = Browser(app, session, as_=make.person(role=Role.UNIT_OFFICER, unit=mine))
    officer.get(f"/units/{mine.id}/")
    officer.get(f"/units/{other.id}/", status=404)
    officer.get(f"/units/{mine.id}/edit", status=403)
    officer.get(f"/units/{other.id}/edit", status=404)
    officer.post(f"/units/{other.id}/merge", {}, status=404)
    assert "Đơn vị khác" not in officer.get("/units/?q=don vi").text
    assert "Đơn vị khác" not in officer.raw("/units/export.csv").text
    member = Browser(app, session, as_=make.person(role=Role.IR_MEMBER, unit=mine))
    member.get("/units/", status=403)
