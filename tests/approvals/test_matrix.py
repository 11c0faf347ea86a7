"""Every state, every act, every role, own unit and another's, by page and by command: only what
the table and the policy allow happens, and a refusal changes nothing."""

import itertools

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.approvals.models import NEXT, Act, Dossier, State
from drills.approvals.models.parties import Party, party_of
from drills.core.errors import DomainError
from drills.systems.models import Approval, Decision, InformationSystem
from tests.approvals.office import WAYS
from tests.browser import Browser

ACTS = [act for act in Act if act not in {Act.CREATE, Act.OVERRIDE}]
MAY = {
    Party.PREPARER: {Role.UNIT_OFFICER, Role.SECURITY_TEAM},
    Party.APPRAISER: {Role.SECURITY_TEAM},
    Party.APPROVER: {Role.MANAGER},
}


def body_of(office, act, state, *, is_own):
    """The unit whose people may do ``act``, or one that has nothing to do with it."""
    if not is_own:
        return office.make.unit(name="Đơn vị khác")
    party = party_of(act, state)
    return {
        Party.PREPARER: office.operator,
        Party.APPRAISER: office.appraising,
        Party.APPROVER: office.root,
    }[party]


def cells():
    """What the table and the policy say of each cell of the matrix."""
    for state, act, role, is_own in itertools.product(State, ACTS, Role, (True, False)):
        allowed = is_own and role in MAY[party_of(act, state)] and act in NEXT[state]
        yield state, act, role, is_own, allowed


@pytest.mark.parametrize("state", State)
def test_services_do_what_the_table_and_the_policy_allow_and_nothing_else(office, state):
    dossier = office.dossier(state)
    people = {
        (role, act, is_own): office.make.person(
            role=role, unit=body_of(office, act, state, is_own=is_own)
        )
        for role, act, is_own in itertools.product(Role, ACTS, (True, False))
    }
    wrong = []
    for found, act, role, is_own, allowed in cells():
        if found is not state:
            continue
        with office.session.begin_nested() as savepoint:
            try:
                office.do(dossier, act, by=people[role, act, is_own])
                done = True
            except DomainError:
                done = False
            savepoint.rollback()
        office.session.expire_all()
        if act in {Act.SUBMIT, Act.RESUBMIT} and not allowed and done:
            # one service sends: which of the two acts it is follows from the state
            done = not is_own or role not in MAY[Party.PREPARER] or not dossier.is_editable
        if done is not allowed:
            wrong.append((act, role, is_own, done))
    assert wrong == []


PATHS = {
    Act.EDIT: "edit/",
    Act.SUBMIT: "send/",
    Act.RESUBMIT: "send/",
    Act.RECEIVE: "receive/",
    Act.RETURN: "return/",
    Act.APPRAISE: "appraise/",
    Act.APPROVE: "decide/",
    Act.REFUSE: "refuse/",
    Act.WITHDRAW: "withdraw/",
}
FORM = {
    "on": "23/11/2026",
    "verdict": "for",
    "opinion": "Phù hợp",
    "reason": "Vì vậy",
    "number": "9/QĐ",
    "kind": "level",
    "signed_on": "23/11/2026",
    "authority": "UBND",
    "signer": "Ai Đó",
    "step": "record",
    "level": "3",
    "occasion": "first",
    "marking": "internal",
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("is_own", [True, False], ids=["own", "another's"])
def test_pages_do_what_the_table_and_the_policy_allow_and_nothing_else(app, office, role, is_own):
    wrong = []
    for state in (State.DRAFT, State.IN_APPRAISAL, State.APPRAISED, State.APPROVED):
        system = office.make.system(owner=office.root, operator=office.operator)
        dossier = office.dossier(state, system=system)
        for act in ACTS:
            if act is Act.RESUBMIT or (act in NEXT[state] and is_own):
                continue
            unit = body_of(office, act, state, is_own=is_own)
            browser = Browser(app, office.session, as_=office.make.person(role=role, unit=unit))
            path = PATHS[act]
            form = FORM | {"version": dossier.version, "regime_id": dossier.regime_id}
            status = browser.client.post(f"/dossiers/{dossier.id}/{path}", data=form).status_code
            office.session.expire_all()
            if status not in {403, 404, 409, 422} or dossier.state is not state:
                wrong.append((state, act, status, dossier.state))
    assert wrong == []


@pytest.mark.parametrize("role", ["officer", "appraiser", "manager", "chairman"])
def test_commands_refuse_whom_the_pages_refuse(cli, office, role):
    dossier = office.dossier(State.APPRAISED)
    person = getattr(office, role)
    words = ("--as", person.email, "--number", "9/QĐ", "--signer", "Ai Đó")
    result = cli("dossiers", "approve", dossier.code, *words)
    allowed = role == "chairman"
    assert (result.exit_code == 0) is allowed, result.output
    assert (office.session.query(Decision).count() == 1) is allowed


def test_a_refused_command_is_noted_in_the_trail(cli, office):
    from drills.audit.models import Entry

    dossier = office.dossier(State.APPRAISED)
    cli("dossiers", "refuse", dossier.code, "--as", office.officer.email, "--reason", "Không")
    entry = office.session.scalars(sa.select(Entry).order_by(Entry.id.desc()).limit(1)).one()
    assert (entry.verb, entry.origin) == ("refused", "command")
    assert office.session.get(Dossier, dossier.id).state is State.APPRAISED


def test_a_dossier_is_walked_by_commands(cli, office):
    dossier = office.dossier()
    code, by = dossier.code, "--as"
    assert cli("dossiers", "submit", code, by, office.officer.email).exit_code == 0
    assert cli("dossiers", "receive", code, by, office.appraiser.email).exit_code == 0
    words = ("--verdict", "for", "--opinion", "Được", "--number", "1/TĐ")
    assert cli("dossiers", "appraise", code, by, office.appraiser.email, *words).exit_code == 0
    listed = cli("dossiers", "list", by, office.chairman.email, "--turn", "decide", "--json")
    assert code in listed.output
    reason = ("--reason", "Thiếu sơ đồ")
    assert cli("dossiers", "return", code, by, office.chairman.email, *reason).exit_code == 0
    shown = cli("dossiers", "show", code, by, office.officer.email)
    assert "Thiếu sơ đồ" in shown.output
    office.session.refresh(dossier)
    assert dossier.state is State.RETURNED


def test_no_road_makes_a_system_that_is_approved_from_the_start(app, office):
    administrator = office.make.person(role=Role.ADMINISTRATOR)
    before = office.session.scalar(sa.select(sa.func.count()).select_from(InformationSystem))
    form = {
        "name": "Cổng mới",
        "kind": "internal",
        "owner_id": office.root.id,
        "operator_id": office.operator.id,
        "status": "operating",
        "level": "3",
        "approval": "approved",
        "decision_number": "1/QĐ",
        "decision_date": "01/02/2025",
        "decision_authority": "UBND",
    }
    browser = Browser(app, office.session, as_=administrator)
    browser.client.post("/systems/new/", data=form)
    approved = sa.select(InformationSystem).where(InformationSystem.approval == Approval.APPROVED)
    assert office.session.scalars(approved).all() == []
    assert before is not None


def test_every_state_can_be_reached():
    assert set(WAYS) == set(State)
