"""Whether people's numbers are right: asked by a link, telephoned, and known when last confirmed."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
import sqlalchemy as sa

from drills import jobs
from drills.accounts.models import Role
from drills.audit.models import Entry
from drills.core.errors import DomainError, NotAllowedNow
from drills.exercises.models import DrillTeam
from drills.roster import answering
from drills.roster.jobs import ask_again
from drills.roster.models import (
    AskState,
    AskVia,
    ChannelKind,
    CheckDetails,
    ContactAsk,
    ContactChannel,
    ContactCheck,
    ContactCorrection,
    CorrectedNumbers,
)
from drills.roster.services import confirming
from drills.roster.services import contact_checks as services
from drills.web import links
from tests.browser import Browser
from tests.conftest import NOW

DAY = timedelta(days=1)


@pytest.fixture
def keeper(make):
    make.organisation()
    return make.person(role=Role.SECURITY_TEAM)


@pytest.fixture
def team(make, keeper):
    return make.team(name="Đội ứng cứu tỉnh")


@pytest.fixture
def person(make, team):
    person = make.person(name="Lò Thị Mỉ", email="mi@lamgiang.example", mobile="0912 000 345")
    return make.member(team=team, person=person).person


@pytest.fixture
def opened(session, keeper, team):
    def check(**given):
        defaults = {
            "name": "Trước diễn tập quý IV",
            "purpose": "",
            "unit_id": keeper.scope.id,
            "team_ids": (),
            "closes_at": NOW + 14 * DAY,
            "retry_days": 3,
            "rounds": 3,
        }
        details = CheckDetails(**defaults | given)
        made = services.open_check(session, details, by=keeper, at=NOW)
        session.commit()
        return made

    return check


@pytest.fixture
def ask(session, person, opened):
    check = opened()
    return session.scalars(sa.select(ContactAsk).where(ContactAsk.check_id == check.id)).one()


@pytest.fixture
def path(app, ask):
    def address(**given):
        options = {"purpose": answering.PURPOSE, "expires_at": NOW + DAY} | given
        with app.app_context():
            subject = links.subject_of(ask.id, ask.nonce)
            return "/contact/" + links.sign(options.pop("purpose"), subject, **options)

    return address


@pytest.fixture
def visitor(app, session):
    """Somebody who has not signed in."""
    return Browser(app, session)


@pytest.fixture
def office(app, session, keeper):
    return Browser(app, session, as_=keeper)


def names(session, check):
    return {a.person.name for a, _state in session.execute(services.asks_of(check, NOW)).unique()}


def states(session, check, at=NOW):
    return {a.person_id: s for a, s in session.execute(services.asks_of(check, at)).unique()}


def channel(session, person, kind=ChannelKind.MOBILE):
    query = sa.select(ContactChannel).where(ContactChannel.person_id == person.id)
    return session.scalars(query.where(ContactChannel.kind == kind)).one()


def test_a_check_asks_the_members_of_today_and_each_of_them_once(make, session, person, opened):
    make.member(person=person)
    former = make.member(ends_on=date(2026, 11, 22)).person
    make.person(name="Không thuộc đội nào")
    found = names(session, opened())
    assert person.name in found
    assert former.name not in found
    assert len(found) == 1


def test_a_check_asks_the_teams_named_or_the_unit_with_all_below_it(
    make, session, team, person, opened
):
    unit = make.unit()
    below = make.member(person=make.person(unit=make.unit(parent=unit)))
    assert names(session, opened(team_ids=(team.id,))) == {person.name}
    assert names(session, opened(unit_id=unit.id)) == {below.person.name}
    assert len(names(session, opened())) == 2


@pytest.mark.parametrize("given", [{"closes_at": NOW}, {"team_ids": (999,)}])
def test_a_check_of_nobody_or_that_is_over_is_not_opened(person, opened, given):
    with pytest.raises(DomainError):
        opened(**given)


def test_a_person_confirms_without_signing_in_and_their_numbers_count_as_right(
    session, visitor, person, ask, path
):
    page = visitor.get(path())
    assert person.name in page.text
    assert "Đội ứng cứu tỉnh" in page.text
    assert "345" in page.text
    assert "0912 000 345" not in page.text
    visitor.post(path(), {"act": "confirm"})
    assert (ask.confirmed_at, ask.via) == (NOW, AskVia.LINK)
    assert channel(session, person).verified_at == NOW
    assert channel(session, person, ChannelKind.WORK_EMAIL).verified_at == NOW
    assert visitor.get(path()).select_one("#thanks")
    verbs = session.scalars(sa.select(Entry.verb).where(Entry.subject_kind == "person")).all()
    assert verbs[-1] == "contact.confirmed"


def test_to_look_at_the_link_changes_nothing(session, visitor, ask, path):
    for _ in range(2):
        visitor.get(path())
        visitor.client.head(path())
    session.refresh(ask)
    assert (ask.confirmed_at, ask.ask_number) == (None, 1)
    assert session.scalars(sa.select(ContactChannel)).all() == []


def test_what_has_changed_is_proposed_and_the_security_team_takes_it_over(
    session, visitor, office, person, ask, path
):
    visitor.post(path(), {"act": "correct", "mobile": "0987 111 222"})
    session.refresh(person)
    assert person.mobile == "0912 000 345"
    assert states(session, ask.check) == {person.id: AskState.CORRECTED}
    correction = session.scalars(sa.select(ContactCorrection)).one()
    page = office.get(f"/contact-checks/{ask.check_id}/")
    assert "0987 111 222" in page.select_one("#corrections").text
    office.post(f"/contact-corrections/{correction.id}/accept")
    session.refresh(person)
    assert person.mobile == "0987 111 222"
    assert channel(session, person).value == "0987 111 222"
    assert channel(session, person).verified_at == NOW
    assert (correction.is_accepted, correction.mobile) == (True, "")
    office.post(f"/contact-corrections/{correction.id}/reject", status=409)


def test_a_correction_left_aside_changes_nothing_and_is_forgotten(
    session, visitor, office, person, ask, path
):
    visitor.post(path(), {"act": "correct", "phone": "0255 3 822 000", "note": "Đã chuyển phòng"})
    correction = session.scalars(sa.select(ContactCorrection)).one()
    office.post(f"/contact-corrections/{correction.id}/reject")
    session.refresh(person)
    assert person.phone == ""
    assert (correction.is_accepted, correction.phone, correction.note) == (False, "", "")


def test_the_numbers_do_not_stand_in_the_trail(session, visitor, office, person, ask, path):
    visitor.post(path(), {"act": "correct", "mobile": "0987 111 222"})
    correction = session.scalars(sa.select(ContactCorrection)).one()
    office.post(f"/contact-corrections/{correction.id}/accept")
    changes = session.scalars(sa.select(Entry.changes).where(Entry.subject_id == person.id)).all()
    assert "0987" not in str(changes)


@pytest.mark.parametrize(
    "data", [{}, {"act": "correct"}, {"act": "correct", "mobile": "gọi sau"}, {"act": "delete"}]
)
def test_an_answer_that_says_nothing_is_asked_for_again(visitor, ask, path, data):
    assert visitor.post(path(), data, status=422).select(".errors")
    assert ask.confirmed_at is None


@pytest.mark.parametrize("token", ["x", "WzEsMl0.abc", "không-phải", "a" * 3000])
def test_a_token_that_is_none_is_not_found(visitor, ask, token):
    visitor.get(f"/contact/{token}", status=404)


def test_a_link_leads_nowhere_when_it_is_of_another_purpose_too_old_taken_back_or_closed(
    session, visitor, keeper, ask, path
):
    visitor.get(path(purpose="rsvp"), status=404)
    visitor.get(path(expires_at=NOW), status=404)
    good = path()
    visitor.get(good)
    services.close(session, ask.check, by=keeper, at=NOW)
    visitor.post(good, {"act": "confirm"}, status=404)
    ask.check.closed_at, ask.nonce = None, links.fresh_nonce()
    visitor.get(good, status=404)
    assert ask.confirmed_at is None


def test_the_address_in_the_letter_is_the_public_one(app, visitor, ask):
    with app.app_context():
        address = answering.address_of(ask)
    assert address.startswith("http://drills.test/contact/")
    visitor.get(address.removeprefix("http://drills.test"))


def test_whoever_answers_second_finds_it_answered(session, keeper, ask):
    services.tick_off(session, ask, by=keeper, at=NOW)
    with pytest.raises(NotAllowedNow, match=ask.name):
        services.confirm(session, ask, at=NOW)
    services.untick(session, ask, by=keeper, at=NOW)
    services.correct(session, ask, CorrectedNumbers("", "", ""), at=NOW)
    assert (ask.via, ask.correction) == (AskVia.LINK, None)
    with pytest.raises(NotAllowedNow):
        services.untick(session, ask, by=keeper, at=NOW)


def test_everybody_asked_is_in_one_state(make, session, team, keeper, opened):
    people = [make.member(team=team, person=make.person(mobile="0912")).person for _ in range(5)]
    silent = make.member(team=team, person=make.person(email=None)).person
    check = opened()
    asks = {a.person_id: a for a, _ in session.execute(services.asks_of(check, NOW)).unique()}
    waiting, confirmed, corrected, called, bounced = people
    services.confirm(session, asks[confirmed.id], at=NOW)
    numbers = CorrectedNumbers("0913", "", "")
    services.correct(session, asks[corrected.id], numbers, at=NOW)
    services.tick_off(session, asks[called.id], by=keeper, at=NOW)
    confirming.mark_bounced(session, bounced.email, "550 unknown", NOW)
    session.flush()
    assert states(session, check) == {
        waiting.id: AskState.WAITING,
        confirmed.id: AskState.CONFIRMED,
        corrected.id: AskState.CORRECTED,
        called.id: AskState.CALLED,
        bounced.id: AskState.BOUNCED,
        silent.id: AskState.NO_ADDRESS,
    }
    assert states(session, check, check.closes_at)[waiting.id] == AskState.EXPIRED
    counted = services.standing(session, [check], NOW)[check.id]
    assert (counted.asked, counted.of(*AskState)) == (6, 6)


def test_who_has_not_answered_is_asked_again_in_the_rhythm_of_the_check_and_no_more_often(
    session, ask
):
    def due(days):
        return services.retry_due(session, NOW + days * DAY)

    assert [due(days) for days in (0, 2, 3, 4, 6, 9, 20)] == [0, 0, 1, 0, 1, 0, 0]
    assert (ask.ask_number, ask.ask_at) == (3, NOW + 6 * DAY)


def test_nobody_is_asked_again_who_answered_has_no_address_or_a_dead_one(
    make, session, team, person, ask
):
    services.confirm(session, ask, at=NOW)
    assert services.retry_due(session, NOW + 4 * DAY) == 0
    other = make.member(team=team).person
    check = ask.check
    session.add(ContactAsk(check=check, person=other, nonce="x", ask_at=NOW))
    session.flush()
    confirming.mark_bounced(session, other.email.upper(), "550", NOW)
    assert services.retry_due(session, NOW + 4 * DAY) == 0
    other.email = "moi@lamgiang.example"
    session.flush()
    assert services.retry_due(session, NOW + 4 * DAY) == 1


def test_asking_again_at_once_counts_those_who_are_left(session, office, keeper, ask):
    office.post(f"/contact-checks/{ask.check_id}/retry")
    session.refresh(ask)
    assert (ask.ask_number, ask.ask_at) == (2, NOW)
    services.confirm(session, ask, at=NOW)
    session.commit()
    office.post(f"/contact-checks/{ask.check_id}/retry", status=409)


def test_the_clockwork_asks_again(app, session, ask):
    ask.ask_at = NOW - 4 * DAY
    ask.check.opened_at = NOW - 4 * DAY
    session.commit()
    [job] = [job for job in jobs.JOBS if job.run is ask_again]
    jobs.run(app, job, lambda: False)
    session.refresh(ask)
    assert (ask.ask_number, ask.ask_at) == (2, NOW)


def test_a_dead_address_is_marked_and_comes_alive_when_confirmed_later(session, person, ask):
    assert confirming.mark_bounced(session, "Mi@lamgiang.example", "550 5.1.1", NOW) == 1
    address = channel(session, person, ChannelKind.WORK_EMAIL)
    assert (address.is_bounced, address.bounce_reason) == (True, "550 5.1.1")
    services.confirm(session, ask, at=NOW + DAY)
    assert not channel(session, person, ChannelKind.WORK_EMAIL).is_bounced
    assert confirming.mark_bounced(session, "ai@lamgiang.example", "550", NOW) == 0


def test_who_did_not_answer_is_one_page_and_one_file_and_is_ticked_off_by_telephone(
    session, office, person, ask
):
    page = office.get(f"/contact-checks/{ask.check_id}/unanswered")
    assert page.select_one("a[href='tel:0912000345']")
    answer = office.raw(f"/contact-checks/{ask.check_id}/unanswered.xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.values)
    assert [row[:3] for row in rows[1:]] == [(person.name, person.unit.name, person.mobile)]
    verbs = session.scalars(sa.select(Entry.verb).where(Entry.subject_id == ask.check_id)).all()
    assert "contact.list_taken" in verbs
    office.post(f"/contact-asks/{ask.id}/tick")
    page = office.get(f"/contact-checks/{ask.check_id}/unanswered")
    assert person.name in page.select_one("#called").text
    assert not page.select("#open tbody tr")
    assert channel(session, person).verified_at == NOW
    office.post(f"/contact-asks/{ask.id}/untick")
    assert ask.confirmed_at is None


def test_a_check_is_opened_and_closed_by_its_pages(session, office, team, person, keeper):
    data = {"name": "Định kỳ", "unit_id": keeper.scope.id, "team_ids": [team.id]}
    data |= {"last_day": "30/11/2026", "retry_days": 2, "rounds": 2}
    office.post("/contact-checks/new", data | {"last_day": "01/11/2026"}, status=422)
    office.post("/contact-checks/new", data)
    check = session.scalars(sa.select(ContactCheck)).one()
    assert "Định kỳ" in office.get("/contact-checks/").text
    assert person.name in office.get(f"/contact-checks/{check.id}/?state=waiting").main.text
    assert person.name not in office.get(f"/contact-checks/{check.id}/?state=called").main.text
    office.post(f"/contact-checks/{check.id}/close")
    assert not check.is_open(NOW)
    office.post(f"/contact-checks/{check.id}/close", status=409)


def test_an_overseer_reads_the_check_without_the_numbers(app, make, session, person, ask):
    auditor = Browser(app, session, as_=make.person(role=Role.AUDITOR))
    page = auditor.get(f"/contact-checks/{ask.check_id}/unanswered")
    assert person.name in page.main.text
    assert "0912" not in page.main.text
    auditor.get(f"/contact-checks/{ask.check_id}/unanswered.xlsx", status=403)
    auditor.get("/contact-checks/new", status=403)
    officer = Browser(app, session, as_=make.person(role=Role.UNIT_OFFICER))
    officer.get("/contact-checks/", status=403)


def test_a_drill_leads_to_a_check_of_its_teams_that_ends_before_it(make, session, office, team):
    drill = make.drill(starts_at=NOW + timedelta(days=9))
    make.save(DrillTeam(drill_id=drill.id, team_id=team.id))
    page = office.get(f"/drills/{drill.id}/invitations/")
    form = office.get(page.select_one("main a[href*='contact-checks/new']")["href"])
    values = {field["name"]: field.get("value") for field in form.select("main input[name]")}
    assert values["name"] == f"Trước cuộc {drill.title}"
    assert values["last_day"] == "01/12/2026"
    assert [o["value"] for o in form.select("#team_ids option[selected]")] == [str(team.id)]


def test_an_address_names_no_team_that_one_may_not_see(app, make, session, team):
    """What was picked before is shown to whoever opens a form: an address must not pick."""
    unit = make.unit()
    narrow = Browser(
        app, session, as_=make.person(role=Role.SECURITY_TEAM, unit=unit, scope_id=unit.id)
    )
    page = narrow.get(f"/contact-checks/new?team={team.id}")
    assert team.name not in page.main.text


def test_a_team_has_its_own_rhythm(session, office, team):
    office.post(f"/teams/{team.id}/contact-rhythm", {"contact_check_months": "6"})
    session.refresh(team)
    assert team.contact_check_months == 6
    assert "6 tháng" in office.get(f"/teams/{team.id}/").main.text
    office.post(f"/teams/{team.id}/contact-rhythm", {"contact_check_months": "0"}, status=422)


def test_a_large_check_asks_no_more_questions_than_a_small_one(
    make, session, team, opened, office, queries
):
    def cost(count):
        for _ in range(count):
            make.member(team=team, person=make.person(mobile="09"))
        check = opened()
        costs = []
        for page in ("", "unanswered"):
            with queries() as seen:
                office.get(f"/contact-checks/{check.id}/{page}")
            costs.append(len(seen))
        with queries() as seen:
            office.get("/contact-checks/")
        return [*costs, len(seen)]

    cost(2)
    few = cost(2)
    assert few == cost(10)
    assert max(few) <= 12


def test_the_commands_open_a_check_and_name_who_has_not_answered(cli, session, keeper, person):
    answer = cli("contacts", "open", "Định kỳ", "--as", keeper.email, "--json")
    assert answer.exit_code == 0, answer.output
    check = session.scalars(sa.select(ContactCheck)).one()
    assert check.name in cli("contacts", "list").output
    assert person.mobile in cli("contacts", "unanswered", check.id, "--json").output
    assert cli("contacts", "unanswered", 999).exit_code == 1
    assert cli("contacts", "open", "x", "--as", "ai@lamgiang.example").exit_code == 1
