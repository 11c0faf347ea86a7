"""Search: without accents, exact first, and nothing of other people's units."""

import pytest

from drills.accounts.models import Role


def finds(browser, words, status=200):
    answer = browser.raw("/search.json", query_string={"q": words})
    assert answer.status_code == status
    return {g["label"]: [i["label"] for i in g["items"]] for g in answer.json["groups"]}


@pytest.mark.parametrize(
    ("words", "name"),
    [("don vi", "Hồ sơ đơn vị"), ("da nang", "Cổng Đà Nẵng"), ("NANG cong", "Cổng Đà Nẵng")],
)
def test_accents_case_and_order_do_not_matter(browser, make, words, name):
    make.system(name=name)
    assert finds(browser, words)["Hệ thống"] == [name]


def test_what_has_the_same_accents_comes_first(browser, make):
    for name in ("An toàn", "Ấn tống", "Ân nghĩa"):
        make.system(name=name)
    assert finds(browser, "Ân")["Hệ thống"][0] == "Ân nghĩa"


def test_every_kind_of_thing_is_found(browser, make):
    unit = make.unit(name="Sở Mường Thanh")
    make.system(name="Cổng Mường Thanh", owner=unit)
    make.drill(title="Diễn tập Mường Thanh")
    make.team(name="Đội Mường Thanh")
    make.person(name="Trần Mường Thanh", unit=unit, email="tran@other.example")
    assert finds(browser, "muong thanh") == {
        "Hệ thống": ["Cổng Mường Thanh"],
        "Diễn tập": ["Diễn tập Mường Thanh"],
        "Đơn vị": ["Sở Mường Thanh"],
        "Cán bộ": ["Trần Mường Thanh"],
        "Đội": ["Đội Mường Thanh"],
    }


def test_the_palette_gets_five_of_a_kind(browser, make):
    for _ in range(7):
        make.system(name="Giống nhau")
    assert len(finds(browser, "giong nhau")["Hệ thống"]) == 5


def test_an_exact_code_leads_straight_to_its_page(browser, make):
    system = make.system(code="HT-0042")
    make.system(code="HT-00421")
    answer = browser.raw("/search?q=ht-0042")
    assert (answer.status_code, answer.location) == (302, f"/systems/{system.id}/")


def test_the_page_lists_finds_and_leads_to_the_whole_list(browser, make):
    make.drill(title="Mã độc tống tiền")
    page = browser.get("/search?q=ma doc")
    assert page.select_one("#drills .go").text == "Mã độc tống tiền"
    assert page.select_one("#drills .linkrow")["href"] == "/drills/?q=ma+doc"


def test_nothing_found_says_so(browser):
    assert "xyzzy" in browser.get("/search?q=xyzzy").select_one(".empty").text
    assert finds(browser, "xyzzy") == {}


def test_a_percent_sign_is_not_a_wildcard(browser, make):
    make.system(name="Tỷ lệ 100%")
    make.system(name="Khác")
    assert finds(browser, "%")["Hệ thống"] == ["Tỷ lệ 100%"]


def test_a_stranger_finds_nothing_of_other_units(browser, make):
    mine, other = make.unit(name="Sở của tôi"), make.unit(name="Sở của người")
    make.system(name="Cổng của người", owner=other)
    make.person(name="Người Của", unit=other)
    make.team(name="Đội của người", unit=other)
    make.drill(title="Diễn tập của người", unit=other)
    browser.sign_in(make.person(role=Role.UNIT_OFFICER, unit=mine, name="Tôi"))
    assert finds(browser, "cua") == {"Đơn vị": ["Sở của tôi"]}


def test_a_response_member_finds_neither_systems_nor_people(browser, make):
    make.system(name="Cổng chung")
    member = make.person(role=Role.IR_MEMBER, name="Chung Văn An")
    make.drill(title="Diễn tập chung", people=[member])
    browser.sign_in(member)
    assert finds(browser, "chung") == {"Diễn tập": ["Diễn tập chung"]}


def test_search_asks_a_constant_number_of_queries(browser, make, queries):
    for _ in range(10):
        make.system(name="Giống nhau")
        make.person(name="Giống Nhau")
    with queries() as seen:
        browser.client.get("/search?q=giong")
    assert len(seen) <= 10, "\n".join(seen)
