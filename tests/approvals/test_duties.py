"""Who prepared cannot appraise or decide, who appraised cannot decide: on every road."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from drills.accounts.models import Grant, Role
from drills.approvals.kinds import Rules
from drills.approvals.models import Act, Dossier, PaperState, State
from drills.approvals.models.details import PaperDetails
from drills.approvals.services import delegating, dossiers
from drills.approvals.services.delegating import DelegationDetails, OverrideDetails
from drills.approvals.services.duties import Barred
from drills.audit.models import Entry
from drills.core.errors import DomainError, Refused
from drills.systems.models import Decision
from tests.approvals.office import TODAY
from tests.browser import Browser


@pytest.fixture
def everything(office):
    """One person with every role, in the unit that appraises and with the whole tree in sight."""
    roles = [Role.ADMINISTRATOR, Role.SECURITY_TEAM, Role.MANAGER, Role.UNIT_OFFICER]
    return office.make.person(roles=roles, unit=office.root, name="Một Mình")


def grant(office, person, role):
    person.grants.append(Grant(role=role))
    office.session.commit()


def test_who_wrote_the_dossier_cannot_decide_on_it(office, everything):
    office.officer = everything
    dossier = office.dossier(State.APPRAISED)
    with pytest.raises(Barred):
        office.do(dossier, Act.APPROVE, by=everything)


def test_who_only_handed_in_one_paper_has_prepared(office, everything):
    dossier = office.dossier()
    paper = dossier.papers[0]
    dossiers.set_paper(
        office.session, paper, PaperDetails(PaperState.DONE, "có"), by=everything, at=office.now
    )
    for act in (Act.SUBMIT, Act.RECEIVE, Act.APPRAISE):
        office.do(dossier, act)
    with pytest.raises(Barred):
        office.do(dossier, Act.APPROVE, by=everything)


def test_who_received_the_dossier_cannot_decide_on_it(office):
    grant(office, office.manager, Role.SECURITY_TEAM)
    dossier = office.dossier(State.SUBMITTED, level=2)
    office.do(dossier, Act.RECEIVE, by=office.manager)
    office.do(dossier, Act.APPRAISE)
    with pytest.raises(Barred):
        office.do(dossier, Act.APPROVE, by=office.manager)


@pytest.mark.parametrize("act", [Act.EDIT, Act.RESUBMIT])
def test_who_sent_an_appraised_dossier_back_does_not_write_it_anew(office, everything, act):
    """They would have prepared what they had begun to decide on."""
    dossier = office.dossier(State.APPRAISED)
    office.do(dossier, Act.RETURN, by=everything)
    with pytest.raises(Barred) as refusal:
        office.do(dossier, act, by=everything)
    assert refusal.value.values == {"part": "decided on this dossier or sent it back"}
    office.do(dossier, act, by=office.officer)


def test_who_sent_an_appraised_dossier_back_does_not_appraise_it_the_next_time(office, everything):
    dossier = office.dossier(State.APPRAISED)
    office.do(dossier, Act.RETURN, by=everything)
    office.do(dossier, Act.RESUBMIT, by=office.officer)
    with pytest.raises(Barred):
        office.do(dossier, Act.RECEIVE, by=everything)


def test_the_preparer_cannot_appraise(office, everything):
    office.officer = everything
    dossier = office.dossier(State.IN_APPRAISAL)
    with pytest.raises(Barred):
        office.do(dossier, Act.APPRAISE, by=everything)


def test_an_administrator_is_no_exception(office):
    administrator = office.make.person(role=Role.ADMINISTRATOR)
    dossier = office.dossier(State.APPRAISED)
    with pytest.raises(Barred):
        office.do(dossier, Act.APPROVE, by=administrator)


def test_a_manager_of_another_body_cannot_decide(office):
    dossier = office.dossier(State.APPRAISED)
    other = office.make.person(role=Role.MANAGER, unit=office.operator)
    with pytest.raises(Barred):
        office.do(dossier, Act.APPROVE, by=other)


def test_the_preparer_cannot_name_themselves_as_the_approver(office, everything):
    with pytest.raises(Barred):
        dossiers.open_dossier(
            office.session,
            office.system,
            office.details(approver_id=everything.id),
            by=everything,
            at=office.now,
        )
    office.session.rollback()
    dossier = office.dossier()
    with pytest.raises(Barred):
        dossiers.revise(
            office.session,
            dossier,
            office.details(approver_id=office.officer.id),
            by=office.officer,
            at=office.now,
            version=dossier.version,
        )


def test_one_person_appraises_and_approves_only_where_the_rule_set_says_so(office):
    grant(office, office.manager, Role.SECURITY_TEAM)
    dossier = office.dossier(State.SUBMITTED, level=1)
    office.do(dossier, Act.RECEIVE, by=office.manager)
    office.do(dossier, Act.APPRAISE, by=office.manager)
    office.session.commit()
    with pytest.raises(Barred):
        office.do(dossier, Act.APPROVE, by=office.manager)
    _allow_one_person(office, dossier)
    decision = office.do(dossier, Act.APPROVE, by=office.manager)
    assert decision.is_one_person


def _allow_one_person(office, dossier):
    from drills.approvals.services import asked

    switches = {str(level): level <= 2 for level in range(1, 6)}
    regime = dossier.regime
    regime.rules = regime.rules | {"one_person_may_appraise_and_approve": switches}
    asked._READ[regime] = Rules.of(regime.rules)
    office.session.commit()


def delegation(office, deputy, **given):
    values = {
        "approver_id": office.chairman.id,
        "deputy_id": deputy.id,
        "starts_on": TODAY,
        "ends_on": TODAY + timedelta(days=5),
        "document_number": "3/GUQ",
        "document_date": TODAY,
    }
    details = DelegationDetails(**values | given)
    return delegating.delegate(office.session, details, by=office.chairman)


def test_a_deputy_decides_in_the_place_of_the_approver(office):
    dossier = office.dossier(State.APPRAISED)
    deputy = office.make.person(role=Role.MANAGER, unit=office.appraising)
    found = delegation(office, deputy)
    office.do(dossier, Act.APPROVE, by=deputy)
    event = dossier.events[-1]
    assert (event.by_id, event.for_id, event.delegation_id) == (
        deputy.id,
        office.chairman.id,
        found.id,
    )


@pytest.mark.parametrize(
    "days", [(-9, -1), (1, 9)], ids=["the delegation is over", "it has not begun"]
)
def test_a_delegation_holds_on_its_days_only(office, days):
    dossier = office.dossier(State.APPRAISED)
    deputy = office.make.person(role=Role.MANAGER, unit=office.appraising)
    first, last = (TODAY + timedelta(days=one) for one in days)
    delegation(office, deputy, starts_on=first, ends_on=last)
    with pytest.raises(Barred):
        office.do(dossier, Act.APPROVE, by=deputy)


def test_a_deputy_is_barred_by_what_the_one_they_stand_in_for_has_done(office):
    grant(office, office.chairman, Role.UNIT_OFFICER)
    office.officer = office.chairman
    dossier = office.dossier(State.APPRAISED)
    deputy = office.make.person(role=Role.MANAGER, unit=office.appraising)
    delegation(office, deputy)
    with pytest.raises(Barred):
        office.do(dossier, Act.APPROVE, by=deputy)


def test_nobody_makes_themselves_a_deputy(office):
    details = DelegationDetails(office.chairman.id, office.manager.id, TODAY, TODAY, "1/GUQ", TODAY)
    with pytest.raises(Refused):
        delegating.delegate(office.session, details, by=office.manager)


def test_a_revoked_delegation_no_longer_holds(office):
    dossier = office.dossier(State.APPRAISED)
    deputy = office.make.person(role=Role.MANAGER, unit=office.appraising)
    delegating.revoke(office.session, delegation(office, deputy), by=office.chairman, at=office.now)
    with pytest.raises(Barred):
        office.do(dossier, Act.APPROVE, by=deputy)


def test_an_exception_takes_two_people_and_is_used_once(office, everything):
    office.officer = everything
    dossier = office.dossier(State.APPRAISED)
    details = OverrideDetails(Act.APPROVE, everything.id, "Cả lãnh đạo đi công tác")
    with pytest.raises(Refused):
        delegating.ask(office.session, dossier, details, by=everything)
    override = delegating.ask(office.session, dossier, details, by=office.appraiser)
    for person in (office.appraiser, everything):
        with pytest.raises(Refused):
            delegating.grant(office.session, override, by=person, at=office.now)
    with pytest.raises(Barred):
        office.do(dossier, Act.APPROVE, by=everything)
    delegating.grant(office.session, override, by=office.manager, at=office.now)
    office.do(dossier, Act.APPROVE, by=everything)
    assert override.used_at == office.now
    assert [e.act for e in dossier.events][-2:] == [Act.OVERRIDE, Act.APPROVE]
    trail = set(office.session.scalars(sa.select(Entry.verb)))
    assert trail >= {"override.asked", "override.granted", "dossier.approved"}


def test_an_exception_without_a_reason_is_refused(office, everything):
    dossier = office.dossier(State.APPRAISED)
    details = OverrideDetails(Act.APPROVE, everything.id, "")
    with pytest.raises(DomainError):
        delegating.ask(office.session, dossier, details, by=office.appraiser)


def test_a_refused_decision_leaves_nothing_but_its_entry_in_the_trail(app, office, everything):
    office.officer = everything
    dossier = office.dossier(State.APPRAISED)
    before = _rows(office)
    browser = Browser(app, office.session, as_=everything)
    form = {
        "version": dossier.version,
        "kind": "level",
        "number": "1/QĐ",
        "signed_on": "23/11/2026",
        "authority": "UBND",
        "signer": "Một Mình",
        "step": "record",
    }
    browser.post(f"/dossiers/{dossier.id}/decide/", form, status=403)
    after = _rows(office)
    assert after.pop("audit_entry") == before.pop("audit_entry") + 1
    assert after == before
    entry = office.session.scalars(sa.select(Entry).order_by(Entry.id.desc()).limit(1)).one()
    assert (entry.verb, entry.subject_kind, entry.actor_id) == (
        "refused",
        "dossier",
        everything.id,
    )
    assert entry.changes["act"] == ["", "approve"]


def test_a_dossier_refused_when_it_is_opened_is_noted_on_its_system(app, office, everything):
    before = _rows(office)
    details = {
        "regime_id": office.regimes["nd-331-2026"].id,
        "level": 3,
        "occasion": "first",
        "marking": "internal",
        "appraising_unit_id": office.appraising.id,
        "approving_unit_id": office.root.id,
        "approver_id": everything.id,
    }
    Browser(app, office.session, as_=everything).post(
        f"/systems/{office.system.id}/dossiers/new/", details, status=403
    )
    after = _rows(office)
    assert after.pop("audit_entry") == before.pop("audit_entry") + 1
    assert after == before


def _rows(office):
    office.session.commit()
    names = ("dossier", "dossier_event", "decision", "override", "system", "audit_entry")
    counts = {n: office.session.scalar(sa.text(f"SELECT count(*) FROM {n}")) for n in names}
    states = office.session.execute(sa.select(Dossier.id, Dossier.state, Dossier.version)).all()
    return counts | {"states": [tuple(row) for row in states]}


def test_decisions_and_events_cannot_be_rewritten_or_deleted(office):
    decision = office.do(office.dossier(State.APPRAISED), Act.APPROVE)
    office.session.commit()
    wrong = [
        f"UPDATE decision SET number = 'x' WHERE id = {decision.id}",
        f"UPDATE decision SET snapshot_sha256 = 'x' WHERE id = {decision.id}",
        f"DELETE FROM decision WHERE id = {decision.id}",
        "UPDATE dossier_event SET by_id = NULL",
        "DELETE FROM dossier_event",
    ]
    for statement in wrong:
        with pytest.raises(sa.exc.DatabaseError):
            office.session.execute(sa.text(statement))
        office.session.rollback()
    office.session.execute(
        sa.text("UPDATE decision SET state = 'withdrawn', ended_reason = 'x', ended_on = :on"),
        {"on": date(2026, 11, 23)},
    )
    office.session.rollback()
    assert office.session.query(Decision).count() == 1
