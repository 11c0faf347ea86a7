"""Our part in other people's drills: rounds, standings, injects received and answered."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.core.errors import Conflict, DomainError
from drills.exercises.models import (
    Attendance,
    Edition,
    OurPart,
    Part,
    Participation,
    Presence,
    ReceivedDetails,
    ReceivedInject,
    Round,
    RoundDetails,
    RoundLevel,
    Series,
)
from drills.exercises.services import participation as services
from tests.browser import Browser
from tests.conftest import NOW

TODAY = NOW.date()


@pytest.fixture
def series(make):
    make.organisation()
    return make.save(
        Series(code="APCERT", name="APCERT Cyber Drill", every_months=12, usual_month=8)
    )


@pytest.fixture
def edition(make, series):
    return make.save(Edition(series=series, year=2026, source="apcert.org", theme="Ransomware"))


@pytest.fixture
def drill(make, edition):
    part = Participation(edition=edition)
    return make.drill(kind_key="international", participation=part, starts_at=NOW)


@pytest.fixture
def security(make):
    return make.person(role=Role.SECURITY_TEAM)


def details(number="1", **given):
    values = {
        "received_at": NOW,
        "answered_at": NOW + timedelta(minutes=25),
        "assigned_to": "",
        "summary": "Mẫu mã độc",
        "answer": "",
        "artefact_hash": "",
        "feedback": "",
    }
    return ReceivedDetails(number=number, **values | given)


def part(**given):
    empty = dict.fromkeys(("round_id", "score", "score_of", "rank", "rank_of", "entered"))
    words = dict.fromkeys(("rank_scope", "source", "prize", "feedback", "lessons"), "")
    return OurPart(**empty | words | given)


def a_round(**given):
    values = {
        "level": RoundLevel.NATIONAL,
        "name": "",
        "starts_on": date(2026, 8, 26),
        "ends_on": None,
        "registration_by": date(2026, 8, 10),
        "venue": "Hà Nội",
        "is_ranked": True,
        "scoring": "",
        "teams": 34,
        "source": "ncsc.gov.vn",
        "read_on": TODAY,
    }
    return RoundDetails(**values | given)


def test_an_inject_knows_how_long_the_answer_took(session, drill, security):
    received = services.receive(session, drill, details(), by=security)
    session.commit()
    assert received.answered_after_minutes == 25


def test_a_number_is_noted_once(session, drill, security):
    services.receive(session, drill, details("7"), by=security)
    with pytest.raises(Conflict):
        services.receive(session, drill, details("7"), by=security)
    other = services.receive(session, drill, details("8"), by=security)
    with pytest.raises(Conflict):
        services.correct(session, other, details("7"), by=security)


def test_an_answer_before_the_inject_is_refused_by_the_database(session, make, drill):
    wrong = ReceivedInject(
        participation=drill.participation,
        number="1",
        received_at=NOW,
        answered_at=NOW - timedelta(minutes=1),
    )
    with pytest.raises(sa.exc.IntegrityError):
        make.save(wrong)


def test_a_rank_belongs_to_a_round_of_the_same_edition(session, make, series, drill, security):
    other = make.save(Edition(series=series, year=2025, source="x"))
    foreign = services.add_round(session, other, a_round(), by=security)
    with pytest.raises(DomainError):
        services.tell(session, drill, part(round_id=foreign.id), by=security)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 11, 23), date(2027, 8, 1)),
        (date(2027, 8, 20), date(2027, 8, 1)),
        (date(2027, 9, 5), date(2028, 8, 1)),
    ],
)
def test_the_next_edition_follows_from_the_cadence(series, edition, on, expected):
    proposed = services.next_edition(series, on)
    assert proposed.starts_on == expected
    assert proposed.year == expected.year


def test_without_a_cadence_nothing_is_proposed(make, series, edition):
    series.every_months = None
    assert services.next_edition(series, TODAY) is None


@pytest.mark.parametrize(
    ("days", "due"), [(60, date(2027, 6, 2)), (None, date(2027, 7, 2))], ids=["told", "taken"]
)
def test_the_registration_is_due_before_the_first_day(series, edition, days, due):
    series.registration_days = days
    assert services.next_edition(series, TODAY).registration_by == due


def test_an_edition_ahead_is_not_proposed_again(make, series, edition):
    make.save(Edition(series=series, year=2027, source="x"))
    assert services.next_edition(series, TODAY) is None


@pytest.mark.parametrize(
    ("cadence", "years"), [(12, [2027, 2028]), (24, [2028]), (6, [2027, 2027, 2028, 2028])]
)
def test_the_cadence_tells_which_years_have_passed_without_a_source(
    series, edition, cadence, years
):
    series.every_months = cadence
    assert services.passed_by(series, date(2028, 11, 23)) == years


class TestPages:
    @pytest.fixture
    def browser(self, app, session, security):
        return Browser(app, session, as_=security)

    def test_the_proposed_edition_is_confirmed_by_a_person(self, browser, session, series, edition):
        page = browser.get(f"/series/{series.id}/")
        link = page.select_one(f"a[href='/series/{series.id}/next']")
        assert link
        form = browser.get(link["href"])
        assert form.select_one("[name=year]")["value"] == "2027"
        browser.post(
            link["href"], {"year": "2027", "source": "apcert.org", "starts_on": "26/8/2027"}
        )
        years = session.scalars(sa.select(Edition.year).order_by(Edition.year)).all()
        assert years == [2026, 2027]

    def test_two_sources_of_a_year_stand_side_by_side(self, browser, make, series, edition):
        make.save(Edition(series=series, year=2026, source="vnanet.vn", teams=26, theme="Khác"))
        text = browser.get(f"/series/{series.id}/").select_one("#year-2026").text
        assert "apcert.org" in text
        assert "vnanet.vn" in text

    def test_a_year_without_us_says_so(self, browser, make, series, edition, drill):
        make.save(Edition(series=series, year=2024, source="x"))
        page = browser.get(f"/series/{series.id}/")
        assert "Không tham gia" in page.select_one("#year-2025").text
        assert drill.code in page.select_one("#year-2026").text

    def test_years_since_the_last_source_are_gaps_too(self, browser, make, series, drill):
        make.save(Edition(series=series, year=2023, source="x"))
        drill.participation.edition.year = 2024
        drill.participation.rank, drill.participation.rank_of = 3, 63
        page = browser.get(f"/series/{series.id}/")
        assert "Không tham gia" in page.select_one("#year-2026").text
        assert page.select_one("#year-2026 a")["href"].endswith("/editions/new?year=2026")
        told = [" ".join(row.text.split()) for row in page.select("[id^=board-] ul.plain li")]
        assert told == ["2026: không tham gia", "2025: không tham gia", "2024: 3 trên 63"]
        assert len(page.select("[id^=board-] svg[role=img] .gap")) == 2

    def test_an_edition_to_come_is_not_entered_yet(self, browser, make, series, edition):
        own = make.save(Edition(series=series, year=2027, source="x", starts_on=date(2027, 8, 1)))
        text = browser.get(f"/series/{series.id}/").select_one(f"#year-{own.year}").text
        assert "Chưa đăng ký tham gia" in text
        assert "Không tham gia" not in text

    def test_who_went_is_told_with_who_was_absent_last(self, browser, make, drill):
        come = make.person(name="Vũ Thị Đến")
        away = make.person(name="An Văn Vắng")
        for person, presence in ((come, Presence.PRESENT), (away, Presence.ABSENT)):
            make.named(drill, person, Part.PLAYER)
            make.save(
                Attendance(drill_id=drill.id, person_id=person.id, presence=presence, noted_at=NOW)
            )
        told = browser.get(f"/drills/{drill.id}/participation/").select("#went li")
        assert "Vũ Thị Đến" in told[0].text
        assert "Vắng" in told[-1].text

    def test_papers_that_are_missing_are_one_step_away(self, browser, drill):
        page = browser.get(f"/drills/{drill.id}/participation/")
        links = [link["href"] for link in page.select("#papers .acts a")]
        assert len(links) == 3
        form = browser.get(links[-1])
        assert form.select_one("[name=kind] [selected]")["value"] == "certificate"

    def test_ranks_among_different_opponents_are_not_one_line(
        self, browser, make, series, edition, drill
    ):
        drill.participation.rank, drill.participation.rank_of = 3, 34
        drill.participation.rank_scope = "34 tỉnh"
        earlier = make.save(Edition(series=series, year=2024, source="x"))
        standing = Participation(edition=earlier, rank=3, rank_of=63, rank_scope="63 tỉnh")
        make.drill(kind_key="international", participation=standing)
        page = browser.get(f"/series/{series.id}/")
        assert len(page.select("[id^=board-] svg[role=img]")) == 2

    def test_injects_are_noted_one_after_the_other(self, browser, session, drill):
        address = f"/drills/{drill.id}/participation/received/new"
        data = {
            "number": "1",
            "day": "23/11/2026",
            "received_time": "9:00",
            "answered_time": "9:25",
            "again": "1",
        }
        browser.post(address, data)
        page = browser.get(address)
        assert page.select_one("[name=number]")["value"] == "2"
        assert "25" in browser.get(f"/drills/{drill.id}/participation/").text

    def test_a_number_taken_keeps_what_was_typed(self, browser, session, drill, security):
        services.receive(session, drill, details("1"), by=security)
        data = {"number": "1", "day": "23/11/2026", "summary": "Đã gõ rất nhiều"}
        address = f"/drills/{drill.id}/participation/received/new"
        page = browser.post(address, data, status=422)
        assert page.select_one("[name=summary]").text.strip() == "Đã gõ rất nhiều"

    def test_our_standing_is_told_with_its_round(self, browser, session, drill, edition, security):
        one = services.add_round(session, edition, a_round(), by=security)
        session.commit()
        data = {"entered": "domestic_player", "round_id": one.id, "rank": "3", "rank_of": "34"}
        browser.post(f"/drills/{drill.id}/participation/edit", data)
        session.expire_all()
        assert drill.participation.round is one
        assert "Vòng quốc gia" in browser.get(f"/drills/{drill.id}/participation/").text

    def test_a_series_page_asks_the_database_a_few_times(
        self, browser, make, series, edition, queries
    ):
        for year in range(2010, 2026):
            own = make.save(Edition(series=series, year=year, source="x"))
            make.save(Round(edition=own, level=RoundLevel.NATIONAL, source="x"))
            make.drill(kind_key="international", participation=Participation(edition=own))
        browser.get(f"/series/{series.id}/")
        with queries() as seen:
            browser.get(f"/series/{series.id}/")
        assert len(seen) <= 9, seen


def test_a_stranger_does_not_see_what_we_received(session, make, drill, security):
    services.receive(session, drill, details(), by=security)
    session.commit()
    stranger = make.person(unit=make.unit(), role=Role.UNIT_OFFICER)
    query = sa.select(ReceivedInject).where(ReceivedInject.visible_to(stranger))
    assert session.scalars(query).all() == []
