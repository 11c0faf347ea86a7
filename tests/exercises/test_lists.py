"""The list, the year's plan, and the international series."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from drills.accounts.models import Role
from drills.exercises import services
from drills.exercises.models import Edition, Part, Participation, Series, Status
from tests.conftest import NOW


def words(page):
    return " ".join(page.main.text.split())


def codes(page):
    return [row["id"] for row in page.select("tbody tr[id]")]


def test_running_first_then_ahead_by_date_then_the_past_by_year(browser, make):
    make.drill(code="later", starts_at=NOW + timedelta(days=30))
    make.drill(code="soon", starts_at=NOW + timedelta(days=3))
    make.drill(code="old", starts_at=datetime(2024, 5, 1, tzinfo=UTC), status=Status.CLOSED)
    make.drill(code="recent", starts_at=NOW - timedelta(days=9), status=Status.COMPLETED)
    make.drill(code="now", starts_at=NOW, status=Status.RUNNING)
    page = browser.get("/drills/")
    assert codes(page) == ["now", "soon", "later", "recent", "old"]
    headings = [heading.text for heading in page.select("section h2")]
    assert headings == ["Đang diễn ra", "Sắp tới", "2026", "2024"]


def test_drills_are_found_without_accents_and_by_every_filter(browser, make):
    unit, sub = make.unit(), None
    sub = make.unit(parent=unit)
    make.drill(code="A", title="Mã độc tống tiền", unit=sub, kind_key="live_fire")
    make.drill(code="B", title="Đấu thầu", part=Part.OBSERVER, units=[unit])
    past = datetime(2024, 12, 31, 18, 0, tzinfo=UTC)
    make.drill(code="C", title="Lừa đảo", starts_at=past, status=Status.CANCELLED)
    found = {
        "q=ma+doc": ["A"],
        "q=dau": ["B"],
        "kind=live_fire": ["A"],
        "part=observer": ["B"],
        "status=cancelled": ["C"],
        "year=2025": ["C"],
        "year=2024": [],
        f"unit={unit.id}": ["A", "B"],
        "kind=nonsense&year=x": ["A", "B", "C"],
    }
    for query, expected in found.items():
        assert sorted(codes(browser.get(f"/drills/?{query}"))) == expected, query


def test_the_list_takes_at_most_eight_queries_however_long(browser, make, queries):
    for _ in range(30):
        make.drill(unit=make.unit(), lead=make.person())
    browser.get("/drills/")
    with queries() as seen:
        page = browser.get("/drills/?size=25")
    assert len(codes(page)) == 25
    assert len(seen) <= 8, seen
    assert len(codes(browser.get("/drills/?size=25&page=2"))) == 5


def test_officers_see_the_drills_of_their_own_units(browser, make):
    own, other = make.unit(), make.unit()
    make.drill(code="own", unit=own)
    make.drill(code="invited", unit=other, units=[own])
    make.drill(code="foreign", unit=other)
    browser.sign_in(make.person(role=Role.UNIT_OFFICER, unit=own))
    page = browser.get("/drills/")
    assert sorted(codes(page)) == ["invited", "own"]
    assert not page.select("a[href='/drills/new']")


def test_an_empty_list_says_what_to_do(browser):
    assert browser.get("/drills/").select("main a[href='/drills/new']")
    assert "Không có cuộc diễn tập nào phù hợp" in words(browser.get("/drills/?q=x"))


def test_the_year_has_a_lane_for_each_kind_and_a_list_by_month(browser, make, queries):
    for month in range(1, 11):
        make.drill(
            unit=make.unit(),
            starts_at=datetime(2026, month, 5, tzinfo=UTC),
            status=Status.COMPLETED,
            kind_key="tabletop" if month % 2 else "live_fire",
        )
    off = make.drill(status=Status.CANCELLED, kind_key="international")
    browser.get("/drills/")
    with queries() as seen:
        page = browser.get("/drills/calendar?year=2026")
    assert len(page.select("svg.chart a")) == 10
    assert [text.text for text in page.select("svg.chart > text.t")] == ["Thực chiến", "Trên bàn"]
    assert off.title in page.select_one("#month-12").text
    assert len(seen) <= 6, seen
    assert "Năm 1990 chưa có" in words(browser.get("/drills/calendar?year=1990"))


def test_the_known_editions_are_seeded_once(session):
    first = services.seed_series(session)
    assert first == 3 + 21
    assert services.seed_series(session) == 0
    query = sa.select(Edition).join(Series).where(Series.code == "APCERT", Edition.year == 2021)
    both = session.scalars(query).all()
    assert {edition.teams for edition in both} == {25, 26}, "two sources that disagree"
    assert all(
        edition.source and edition.read_on for edition in session.scalars(sa.select(Edition))
    )


def test_series_show_editions_with_their_sources_and_our_ranks(browser, make, session, queries):
    services.seed_series(session)
    for edition in session.scalars(sa.select(Edition).where(Edition.year.in_([2023, 2024]))):
        standing = Participation(edition=edition, rank=3, rank_of=63, rank_scope="63 tỉnh")
        make.drill(participation=standing, kind_key="international", status=Status.CLOSED)
    browser.get("/drills/")
    with queries() as seen:
        page = browser.get("/series/")
    assert "cert.org.cn 2017-09-26" in words(page)
    assert "3 trên 63" in words(page)
    assert page.select("#ranks polyline")
    assert len(seen) <= 8, seen


def test_editions_are_added_and_corrected_by_the_security_team_alone(browser, make, session):
    browser.post("/series/new", {"code": "NCA", "name": "Diễn tập quốc gia"})
    series = session.scalars(sa.select(Series)).one()
    browser.post("/series/new", {"code": "NCA", "name": "Lần nữa"}, status=422)
    url = f"/series/{series.id}/editions/new"
    browser.post(url, {"year": "2025"}, status=422)
    browser.post(url, {"year": "2025", "source": "Báo A", "starts_on": "19/12/2025"})
    edition = session.scalars(sa.select(Edition)).one()
    browser.post(f"/editions/{edition.id}/edit", {"year": "2025", "source": "Báo B", "teams": "9"})
    session.refresh(edition)
    assert (edition.source, edition.teams, edition.starts_on) == ("Báo B", 9, None)
    browser.sign_in(make.person(role=Role.UNIT_OFFICER))
    browser.get("/series/")
    browser.get(url, status=403)
    browser.get(f"/editions/{edition.id}/edit", status=403)


def test_systems_too_many_to_send_are_searched_for(browser, make, session):
    make.system(code="HT-X", name="Cổng dịch vụ công Đắk Lắk")
    found = browser.raw("/pick/systems?q=dak").json["items"]
    assert [item["text"] for item in found] == ["Cổng dịch vụ công Đắk Lắk · HT-X"]
    browser.sign_in(make.person(role=Role.IR_MEMBER))
    assert browser.raw("/pick/systems?q=dak").status_code == 403
