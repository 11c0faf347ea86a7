"""Teams and years side by side."""

from datetime import UTC, datetime, timedelta

import pytest

from drills.accounts.models import Role
from drills.exercises.models import InjectStatus, LogKind, Rating, Status
from tests.browser import Browser


@pytest.fixture
def team(make):
    make.organisation()
    return make.team(name="Đội ứng cứu tỉnh")


@pytest.fixture
def played(make):
    """A drill that is over, in which ``team`` found the one inject after so many minutes."""

    def play(year, minutes, team=None, name="SOC", **given):
        begin = datetime(year, 5, 4, 1, tzinfo=UTC)
        drill = make.drill(starts_at=begin, status=Status.COMPLETED, **given)
        side = make.side(drill, name=name, team_id=team.id if team else None)
        inject = make.inject(
            drill,
            sides=[side],
            status=InjectStatus.RELEASED,
            released_at=begin,
            released_exercise_seconds=0,
        )
        at = begin + timedelta(minutes=minutes)
        make.line(
            drill,
            inject=inject,
            side=side,
            kind=LogKind.DETECTED,
            at=at,
            exercise_seconds=minutes * 60,
        )
        return drill

    return play


@pytest.fixture
def browser(app, make, session, team):
    return Browser(app, session, as_=make.person(role=Role.SECURITY_TEAM))


def cells(page, part):
    rows = page.select(f"#{part} tbody tr")
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"])]
        for row in rows
    ]


def test_a_team_is_followed_over_the_years_whatever_its_side_was_called(browser, played, team):
    played(2024, 30, team, "Đội phòng thủ")
    played(2025, 12, team, "Đội xanh")
    assert cells(browser.get("/drills/results/"), "team-years") == [
        ["Đội ứng cứu tỉnh", "12 phút", "30 phút"]
    ]


def test_years_are_compared_newest_first(browser, played):
    played(2024, 30)
    played(2024, 10)
    played(2025, 12)
    page = browser.get("/drills/results/")
    assert [(row[0], row[1]) for row in cells(page, "years")] == [
        ("2025 1 cuộc diễn tập", "12 phút"),
        ("2024 2 cuộc diễn tập", "20 phút"),
    ]


def test_a_kind_is_compared_by_itself(browser, played):
    played(2024, 30, kind_key="live_fire")
    played(2025, 12, kind_key="tabletop")
    page = browser.get("/drills/results/?kind=live_fire")
    assert [row[1] for row in cells(page, "years")] == ["30 phút"]


def test_ratings_are_counted_by_year(browser, make, played):
    for rating in (Rating.PERFORMED, Rating.PERFORMED, Rating.UNABLE, None):
        make.objective(played(2025, 12), text="Phát hiện", rating=rating)
    assert [row[1] for row in cells(browser.get("/drills/results/"), "ratings")] == [
        "2",
        "0",
        "0",
        "1",
    ]


def test_what_is_not_over_or_not_ones_own_is_not_compared(app, make, session, played, browser):
    played(2025, 12).status = Status.RUNNING
    played(2024, 30)
    session.commit()
    assert len(cells(browser.get("/drills/results/"), "years")) == 1
    stranger = Browser(app, session, as_=make.person(unit=make.unit(), role=Role.UNIT_OFFICER))
    assert "Chưa có gì để so sánh" in stranger.get("/drills/results/").text


def test_a_comparison_takes_at_most_eight_statements(browser, played, team, queries):
    for year in range(2015, 2026):
        played(year, 12, team)
    browser.get("/drills/results/")
    with queries() as seen:
        browser.get("/drills/results/")
    assert len(seen) <= 8, seen
