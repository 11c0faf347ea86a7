"""A person moves post: what is open goes to the successor, what is done stays."""

import json
from datetime import date

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.approvals.models import Condition, Dossier
from drills.audit.models import Entry
from drills.core.errors import DomainError
from drills.exercises.models import Status
from drills.findings.models import ActionState
from drills.roster.models import Member, TeamRole
from drills.roster.services.handover import HandoverDetails, estate, hand_over
from drills.systems.models import Decision, SystemStatus
from tests.browser import Browser
from tests.conftest import NOW

PINS = {"number": "1/QĐ", "signed_on": date(2024, 1, 1), "authority": "UBND", "level": 3}


def words(page):
    return " ".join(page.main.text.split())


@pytest.fixture
def open_work(make):
    """Somebody with one open and one finished thing of every kind."""
    person = make.person(name="Lò Thị Mỉ")
    drill = make.drill(lead=person)
    make.drill(lead=person, status=Status.CLOSED)
    make.action(owner=person, drill=drill)
    make.action(owner=person, drill=drill, state=ActionState.CANCELLED)
    system = make.system(responsible=person)
    make.system(responsible=person, status=SystemStatus.DECOMMISSIONED)
    decision = Decision(system=system, recorded_at=NOW, is_historical=True, **PINS)
    make.save(Condition(decision=decision, text="Bổ sung sao lưu", owner=person))
    make.save(Condition(decision=decision, text="Xong", owner=person, met_at=NOW))
    regime = make.regimes()["nd-331-2026"]
    to_appraise = {"appraiser_id": person.id, "approver_id": person.id}
    make.save(Dossier(code="HS-1", system=system, regime=regime, level=3, **to_appraise))
    make.member(person=person, role=TeamRole.LEAD, is_core=True)
    make.member(person=person, ends_on=date(2025, 1, 1))
    return person


def names(whole):
    return sorted(item.label for item in whole.items)


def test_everything_open_goes_over_and_nothing_that_is_done(make, session, open_work):
    successor = make.person()
    details = HandoverDetails(successor.id, date(2026, 12, 1), "5/QĐ")
    whole = hand_over(session, open_work, details, by=None)
    session.commit()
    assert names(whole) == [
        "Condition of a decision",
        "Corrective action",
        "Dossier to appraise",
        "Dossier to decide",
        "Lead of the drill",
        "Responsible for the system",
    ]
    assert names(estate(session, successor, by=None)) == names(whole)
    assert estate(session, open_work, by=None).items == ()
    taken = session.scalars(sa.select(Member).where(Member.person_id == successor.id)).one()
    assert (taken.role, taken.is_core, taken.starts_on) == (TeamRole.LEAD, True, date(2026, 12, 1))
    left = session.scalars(sa.select(Member).where(Member.ends_on == date(2026, 11, 30))).one()
    assert (left.person_id, left.end_decision_number) == (open_work.id, "5/QĐ")


def test_the_page_lists_it_first_and_the_trail_keeps_each_thing(browser, make, session, open_work):
    successor = make.person()
    address = f"/people/{open_work.id}/hand-over"
    assert "Bổ sung sao lưu" in words(browser.get(address))
    browser.post(address, {"successor_id": successor.id, "on": "23/11/2026"})
    verbs = session.scalars(sa.select(Entry.verb)).all()
    assert verbs.count("handed over") == 6
    assert verbs.count("handed everything over") == 1
    assert not browser.get(address).select("input[name=decision_number]")


def test_a_successor_who_is_in_the_team_keeps_the_own_role(make, session):
    team, leaver, stayer = make.team(), make.person(), make.person()
    make.member(team=team, person=leaver, role=TeamRole.LEAD)
    own = make.member(team=team, person=stayer, role=TeamRole.FORENSICS)
    hand_over(session, leaver, HandoverDetails(stayer.id, date(2026, 12, 1)), by=None)
    rows = session.scalars(sa.select(Member).where(Member.person_id == stayer.id)).all()
    assert rows == [own]


def test_nobody_hands_over_to_themselves(make, session):
    person = make.person()
    with pytest.raises(DomainError):
        hand_over(session, person, HandoverDetails(person.id, date(2026, 12, 1)), by=None)


def test_what_lies_outside_the_scope_stops_the_whole(app, make, session):
    make.organisation()
    near, far = make.unit(), make.unit()
    person, successor = make.person(unit=near), make.person(unit=near)
    make.drill(unit=far, lead=person)
    make.drill(unit=near, lead=person)
    by = make.person(role=Role.SECURITY_TEAM, unit=near)
    whole = estate(session, person, by=by)
    assert (len(whole.items), whole.hidden) == (1, 1)
    data = {"successor_id": successor.id, "on": "01/12/2026"}
    Browser(app, session, as_=by).post(f"/people/{person.id}/hand-over", data, status=422)
    assert estate(session, successor, by=None).size == 0


def test_an_operator_hands_over_by_command(make, session, cli, open_work):
    successor = make.person(email="sau@lamgiang.example")
    words = ["people", "hand-over", open_work.email, successor.email]
    looked = json.loads(cli(*words, "--dry-run", "--json").output)
    assert (looked["done"], len(looked["open"])) == (False, 7)
    assert estate(session, successor, by=None).size == 0
    done = json.loads(cli(*words, "--json").output)
    assert (done["done"], len(done["open"])) == (True, 7)
    session.expire_all()
    assert estate(session, successor, by=None).size == 7
