from datetime import date

import pytest
import sqlalchemy as sa

from drills.accounts.models import Person, Role
from drills.audit.models import Entry
from drills.core.errors import NotAllowedNow
from drills.roster import services
from drills.roster.models import EndDetails, Member, MemberDetails, Reforming, Team, TeamRole
from tests.browser import Browser


def words(page):
    return " ".join(page.main.text.split())


def test_a_team_is_set_up_with_its_decision(browser, make, session):
    unit = make.unit()
    browser.post(
        "/teams/new",
        {
            "name": "Đội ứng cứu tỉnh",
            "unit_id": unit.id,
            "decision_number": "115/QĐ-UBND",
            "decision_date": "15/01/2024",
        },
    )
    team = session.scalars(sa.select(Team)).one()
    assert (team.decision_date, team.unit_id) == (date(2024, 1, 15), unit.id)
    page = browser.get(f"/teams/{team.id}/")
    assert "115/QĐ-UBND" in words(page)
    assert session.scalars(sa.select(Entry.verb).where(Entry.subject_kind == "team")).all() == [
        "created"
    ]


def test_a_team_needs_a_name_of_its_own(browser, make):
    make.team(name="Đội một")
    browser.post("/teams/new", {"unit_id": make.root().id}, status=422)
    page = browser.post("/teams/new", {"name": "Đội một", "unit_id": make.root().id}, status=422)
    assert "Đội một" in words(page)


def test_somebody_known_joins_a_team(browser, make, session):
    team, person = make.team(), make.person()
    data = {"who": "known", "person_id": person.id, "role": "forensics", "is_core": "y"}
    browser.post(f"/teams/{team.id}/members/new", data | {"starts_on": "01/02/2026"})
    member = session.scalars(sa.select(Member)).one()
    assert (member.person_id, member.role, member.is_core) == (person.id, TeamRole.FORENSICS, True)
    assert member.starts_on == date(2026, 2, 1)
    assert person.name in words(browser.get(f"/teams/{team.id}/"))


def test_somebody_new_joins_a_team_and_is_known_from_then_on(browser, make, session):
    team = make.team()
    data = {"who": "new", "name": "Lò Thị Mỉ", "email": "Mi@lamgiang.example", "role": "member"}
    browser.post(
        f"/teams/{team.id}/members/new",
        data | {"unit_id": team.unit_id, "starts_on": "23/11/2026"},
    )
    person = session.scalars(sa.select(Person).where(Person.name == "Lò Thị Mỉ")).one()
    assert (person.email, person.active) == ("mi@lamgiang.example", False)
    page = browser.post(
        f"/teams/{make.team().id}/members/new",
        data | {"unit_id": team.unit_id, "starts_on": "23/11/2026"},
        status=422,
    )
    assert "mi@lamgiang.example" in words(page)


def test_a_member_form_says_what_is_missing(browser, make):
    team = make.team()
    page = browser.post(f"/teams/{team.id}/members/new", {"who": "known"}, status=422)
    assert page.select_one("#person_id-error")
    page = browser.post(f"/teams/{team.id}/members/new", {"who": "new"}, status=422)
    assert page.select_one("#name-error")


def test_nobody_is_in_a_team_twice_at_once_but_may_return(make, session):
    team, person = make.team(), make.person()
    details = MemberDetails(TeamRole.MEMBER, is_core=False, starts_on=date(2024, 1, 1))
    member = services.add_member(session, team, person, details, by=None)
    again = MemberDetails(TeamRole.MEMBER, is_core=False, starts_on=date(2026, 1, 1))
    with pytest.raises(NotAllowedNow):
        services.add_member(session, team, person, again, by=None)
    services.end_member(session, member, EndDetails(date(2025, 6, 30)), by=None)
    services.add_member(session, team, person, again, by=None)
    assert len(team.members) == 2


def test_who_leaves_is_listed_as_former(browser, make, session):
    member = make.member()
    browser.post(f"/teams/members/{member.id}/end", {"ends_on": "hôm qua"})
    session.refresh(member)
    assert member.ends_on == date(2026, 11, 22)
    page = browser.get(f"/teams/{member.team_id}/")
    assert member.name in " ".join(page.select_one("#former").text.split())


def test_members_are_sorted_by_given_name(browser, make):
    team = make.team()
    for name in ("Trần Văn Ân", "Lê Văn Bình", "Nguyễn Thị An"):
        make.member(team=team, person=make.person(name=name))
    rows = browser.get(f"/teams/{team.id}/").select("#members tbody th > :first-child")
    assert [row.text for row in rows] == ["Nguyễn Thị An", "Trần Văn Ân", "Lê Văn Bình"]


def test_teams_are_found_without_accents_in_a_constant_number_of_queries(browser, make, queries):
    for n in range(12):
        make.member(team=make.team(name=f"Đội ứng cứu {n}", unit=make.unit()))
    make.team(name="Tổ điều phối")
    with queries() as seen:
        page = browser.get("/teams/?q=doi ung")
    assert len(page.select("tbody tr")) == 12
    assert len(seen) <= 7, seen


def test_officers_see_their_own_teams_and_change_none(browser, make):
    own, other = make.unit(), make.unit()
    team, foreign = make.team(unit=own), make.team(unit=other)
    browser.sign_in(make.person(role=Role.UNIT_OFFICER, unit=own))
    browser.get(f"/teams/{team.id}/")
    browser.get(f"/teams/{foreign.id}/", status=404)
    browser.get(f"/teams/{team.id}/edit", status=403)
    browser.get("/teams/new", status=403)


def terms(team, **given):
    kept = frozenset(member.id for member in team.members[:2])
    fixed = {"decision_number": "9/QĐ-UBND", "decision_date": date(2026, 3, 1), "kept": kept}
    return Reforming(on=date(2026, 4, 1), **fixed | given)


def test_a_team_is_re_formed_in_one_act(make, session):
    team = make.team(decision_number="1/QĐ")
    for role in (TeamRole.LEAD, TeamRole.FORENSICS, TeamRole.LEGAL):
        make.member(team=team, role=role, is_core=role is TeamRole.LEAD, is_full_time=True)
    assert services.reform(session, team, terms(team), by=None) is team
    today = [m for m in team.members if not m.has_left(date(2026, 4, 1))]
    assert [(m.role, m.is_core, m.starts_on, m.decision_number) for m in today] == [
        (TeamRole.LEAD, True, date(2026, 4, 1), "9/QĐ-UBND"),
        (TeamRole.FORENSICS, False, date(2026, 4, 1), "9/QĐ-UBND"),
    ]
    before = [m for m in team.members if m.ends_on]
    assert {(m.ends_on, m.end_decision_number) for m in before} == {
        (date(2026, 3, 31), "9/QĐ-UBND")
    }
    assert (len(before), team.decision_number) == (3, "9/QĐ-UBND")


def test_a_team_that_follows_another_takes_over_who_is_kept(browser, make, session):
    team = make.team(name="Đội cũ", active_from=date(2020, 1, 1), mandate="Toàn tỉnh")
    stays, goes = make.member(team=team), make.member(team=team)
    page = browser.get(f"/teams/{team.id}/reform")
    assert len(page.select("input[name=kept][checked]")) == 2
    data = {"decision_number": "9/QĐ", "decision_date": "01/03/2026", "on": "01/04/2026"}
    browser.post(f"/teams/{team.id}/reform", data | {"name": "Đội mới", "kept": [stays.id]})
    session.expire_all()
    new = session.scalars(sa.select(Team).where(Team.name == "Đội mới")).one()
    assert (team.successor_id, team.active_to) == (new.id, date(2026, 3, 31))
    assert [member.person_id for member in new.members] == [stays.person_id]
    assert (new.mandate, goes.ends_on) == ("Toàn tỉnh", date(2026, 3, 31))
    assert "Đội mới" in words(browser.get(f"/teams/{team.id}/"))


def test_a_team_is_not_re_formed_from_before_somebody_joined(make, session):
    team = make.team()
    make.member(team=team, starts_on=date(2026, 5, 1))
    with pytest.raises(NotAllowedNow):
        services.reform(session, team, terms(team), by=None)


def test_the_time_in_a_team_is_corrected_with_its_decision(browser, make, session):
    member = make.member()
    data = {"role": "contact_backup", "starts_on": "01/02/2024", "decision_number": "7/QĐ"}
    browser.post(f"/teams/members/{member.id}/edit", data | {"is_full_time": "y"})
    session.refresh(member)
    assert (member.role, member.is_full_time) == (TeamRole.CONTACT_BACKUP, True)
    assert (member.starts_on, member.decision_number) == (date(2024, 2, 1), "7/QĐ")
    wrong = data | {"ends_on": "01/01/2024"}
    browser.post(f"/teams/members/{member.id}/edit", wrong, status=422)
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "member revised")).one()
    assert entry.changes["role"] == ["member", "contact_backup"]


def test_who_is_not_in_the_team_sees_no_telephone_numbers(app, make, session):
    make.organisation()
    team = make.team()
    mate = make.person(role=Role.IR_MEMBER, mobile="0912 345 678")
    make.member(team=team, person=mate)
    stranger = make.person(role=Role.IR_MEMBER)
    seen = [
        "0912 345 678" in words(Browser(app, session, as_=viewer).get(f"/teams/{team.id}/"))
        for viewer in (mate, stranger)
    ]
    assert seen == [True, False]
