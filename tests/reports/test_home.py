"""Home: what needs somebody today, what the year was, as far as one may see."""

from datetime import UTC, date, datetime, timedelta

from drills.accounts.models import Role
from drills.exercises.models import DrillTeam, Invitation, Status
from drills.systems.models import Approval

TODAY = date(2026, 11, 23)


def approved(**given):
    return {
        "approval": Approval.APPROVED,
        "decision_number": "1/QĐ",
        "decision_date": date(2024, 5, 1),
    } | given


def words(page):
    return " ".join(page.select_one("main").text.split())


def test_an_empty_register_says_what_to_do_first(browser):
    page = browser.get("/")
    links = {a["href"] for a in page.select("#begin a")}
    assert {"/systems/import/", "/units/", "/teams/", "/drills/new"} <= links
    assert page.select_one("#demonstration form")["action"] == "/demo/load"


def test_an_empty_register_tells_a_response_member_what_will_appear(browser, make):
    browser.sign_in(make.person(role=Role.IR_MEMBER))
    page = browser.get("/")
    assert not page.select("#begin, #demonstration")
    assert page.select_one(".empty")


def test_a_member_finds_their_own_shift_invitation_actions_and_certificates(browser, make):
    member = make.person(role=Role.IR_MEMBER)
    shift = make.shift(person=member)
    drill = make.drill(people=[member], status=Status.PLANNED)
    make.save(Invitation(drill=drill, person=member, invited_at=make.now))
    make.action(owner=member, due_on=TODAY - timedelta(days=1))
    make.certificate(member, expires_on=TODAY + timedelta(days=60))
    make.certificate(member, expires_on=TODAY + timedelta(days=61))
    browser.sign_in(member)
    page = browser.get("/")
    rows = {" ".join(row.get_text(" ").split()): row.a["href"] for row in page.select("#mine .row")}
    told = " | ".join(rows)
    assert f"/shifts/{shift.id}/" in rows.values()
    assert "Anh/chị đang trực" in told
    assert f"Trả lời lời mời: {drill.title}" in told
    assert "Biện pháp khắc phục phải thực hiện 1 biện pháp quá hạn 1" in told
    assert "Chứng chỉ, kỹ năng hết hạn trong 60 ngày 1" in told
    answer = next(href for text, href in rows.items() if "Trả lời lời mời" in text)
    assert drill.title in browser.get(answer[answer.index("/rsvp/") :]).text


def test_whoever_has_nothing_to_do_finds_no_empty_box(browser, make):
    make.drill()
    assert not browser.get("/").select("#mine")


def test_the_demonstration_is_loaded_with_one_button(browser):
    browser.post("/demo/load")
    page = browser.get("/")
    assert "318" in page.select_one(".figs").text
    assert "3/63" in page.select_one(".figs").text


def test_levels_and_standings_are_counted_and_lead_to_the_same_systems(browser, make):
    make.system(level=3, **approved(review_due_on=TODAY - timedelta(days=1)))
    make.system(level=3, **approved(review_due_on=TODAY))
    make.system(level=2, approval=Approval.SENT)
    make.system()
    page = browser.get("/")
    cells = {a["href"]: a.text for a in page.select("#standings td a")}
    assert cells == {
        "/systems/?level=3&approval=overdue": "1",
        "/systems/?level=3&approval=valid": "1",
        "/systems/?level=2&approval=sent": "1",
        "/systems/?level=0&approval=none&approval=drafting": "1",
    }
    for href, count in cells.items():
        rows = browser.get(href).select("table.grid tbody tr")
        assert len(rows) == int(count), href


def test_what_is_late_comes_first_in_the_list_of_things_to_do(browser, make):
    make.system(name="Còn lâu", level=2, **approved(review_due_on=TODAY + timedelta(days=31)))
    make.system(name="Sắp đến", level=2, **approved(review_due_on=TODAY + timedelta(days=30)))
    make.system(name="Đã muộn", level=2, **approved(review_due_on=TODAY - timedelta(days=2)))
    past = datetime(2026, 11, 1, tzinfo=UTC)
    make.drill(title="Chưa báo", starts_at=past)
    make.drill(title="Chưa đóng", starts_at=past, status=Status.COMPLETED)
    make.drill(title="Đã đóng", starts_at=past, status=Status.CLOSED)
    titles = [a.text for a in browser.get("/").select("#tasks .go")]
    assert titles == ["Chưa báo", "Chưa đóng", "Đã muộn", "Sắp đến"]


def test_a_running_drill_stands_on_top(browser, make, session):
    make.drill(
        title="Đang chạy", status=Status.RUNNING, starts_at=datetime(2026, 11, 23, 1, tzinfo=UTC)
    )
    assert browser.get("/").select_one(".strip a").text.endswith("Đang chạy")


def test_the_year_of_today_is_shown_and_another_can_be_chosen(browser, make):
    make.drill(title="Năm nay", starts_at=datetime(2026, 3, 1, tzinfo=UTC), status=Status.CLOSED)
    make.drill(title="Năm kia", starts_at=datetime(2024, 3, 1, tzinfo=UTC), status=Status.CLOSED)
    assert "Năm nay" in browser.get("/").select_one("#year .agenda").text
    then = browser.get("/?year=2024").select_one("#year")
    assert "Năm kia" in then.select_one(".agenda").text
    assert then.select_one("svg a")["href"].startswith("/drills/")


def test_a_year_without_drills_falls_back_to_the_latest_that_has_some(browser, make):
    make.drill(title="Năm kia", starts_at=datetime(2024, 3, 1, tzinfo=UTC), status=Status.CLOSED)
    assert "Năm kia" in browser.get("/?year=1999").select_one("#year .agenda").text


def test_units_that_drilled_least_come_first(browser, make, session):
    keen, lazy = make.unit(name="A chăm"), make.unit(name="B lười")
    make.unit(name="C đã giải thể", active_to=date(2025, 6, 30))
    drill = make.drill(unit=keen, starts_at=datetime(2026, 3, 1, tzinfo=UTC), status=Status.CLOSED)
    drill.units = [keen]
    session.commit()
    rows = browser.get("/").select("#units tbody tr")
    assert [r.th.text for r in rows] == [lazy.name, keen.name]
    assert rows[1].select("td")[-1].text == "1"
    assert "hot" in rows[0].select("td")[-1]["class"]


def test_ranks_are_drawn_and_told_as_a_table(demo_year, browser):
    cells = [td.text for td in browser.get("/").select("#ranks details td")]
    assert cells == ["4", "6"]


def test_a_unit_officer_sees_the_figures_of_their_own_unit(browser, make):
    mine, other = make.unit(), make.unit()
    make.system(owner=mine, level=1, **approved())
    make.system(owner=other, level=5, **approved())
    browser.sign_in(make.person(role=Role.UNIT_OFFICER, unit=mine))
    page = browser.get("/")
    assert [a.text for a in page.select("#standings td a")] == ["1"]
    assert not page.select("#standings .lv5 ~ a")


def test_a_response_member_sees_their_own_drills_and_no_register(browser, make, session):
    member = make.person(role=Role.IR_MEMBER)
    make.drill(title="Của tôi", people=[member])
    make.drill(title="Của người khác")
    team = make.team()
    make.member(team=team, person=member)
    by_team = make.drill(title="Của đội tôi")
    session.add(DrillTeam(drill_id=by_team.id, team_id=team.id))
    browser.sign_in(member)
    page = browser.get("/")
    assert "Của tôi" in words(page)
    assert "Của đội tôi" in words(page)
    assert "Của người khác" not in words(page)
    assert not page.select("#standings, #units, .figs")


def test_the_home_page_asks_at_most_24_queries_whatever_there_is(demo_year, browser, queries):
    browser.client.get("/obligations/")  # after a change they are derived anew first
    with queries() as seen:
        browser.client.get("/?year=2024")
    assert len(seen) <= 24, "\n".join(seen)
