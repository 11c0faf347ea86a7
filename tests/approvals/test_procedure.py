"""From a draft to a decision, act by act."""

import pytest

from drills.approvals.models import Act, PaperState, State, Verdict
from drills.approvals.models.details import PaperDetails
from drills.approvals.services import dossiers
from drills.core.errors import DomainError, NotAllowedNow
from drills.systems.models import Approval, Decision
from drills.systems.services import decisions
from tests.approvals.office import TODAY


def test_the_dossier_has_the_papers_of_its_level(office):
    dossier = office.dossier(level=3)
    assert [p.position for p in dossier.papers] == list(range(1, len(dossier.papers) + 1))
    assert all(p.label for p in dossier.papers)
    assert dossier.code == "HSCD-2026-001"


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("code", ["nd-85-2016", "nd-331-2026"])
def test_a_dossier_of_every_level_can_be_walked_to_its_decision(office, level, code):
    dossier = office.dossier(State.APPRAISED, level=level, code=code)
    assert office.system.approval is Approval.APPRAISED
    from drills.approvals.services import deciding

    for kind in deciding.wanted(office.session, dossier):
        assert dossier.state is State.APPRAISED
        office.do(dossier, Act.APPROVE, kind=kind)
    assert dossier.state is State.APPROVED
    assert (office.system.approval, office.system.level) == (Approval.APPROVED, level)
    assert office.system.decision_number.endswith("/QĐ-UBND")


def test_a_paper_that_is_missing_is_named_when_the_dossier_is_sent(office):
    dossier = office.dossier()
    paper = dossier.papers[1]
    details = PaperDetails(PaperState.IN_PROGRESS)
    dossiers.set_paper(office.session, paper, details, by=office.officer, at=office.now)
    with pytest.raises(DomainError) as refusal:
        office.do(dossier, Act.SUBMIT)
    assert paper.label in str(refusal.value)


def test_a_paper_without_file_or_note_is_not_done(office):
    dossier = office.dossier()
    with pytest.raises(DomainError):
        dossiers.set_paper(
            office.session,
            dossier.papers[0],
            PaperDetails(PaperState.DONE),
            by=office.officer,
            at=office.now,
        )


def test_a_system_has_one_open_dossier(office):
    office.dossier()
    with pytest.raises(NotAllowedNow):
        office.dossier()


def test_levels_four_and_five_ask_for_the_professional_opinion(office):
    low = {p.key for p in office.dossier(level=3).papers}
    other = office.make.system(owner=office.root, operator=office.operator)
    high = {p.key for p in office.dossier(level=4, system=other).papers if p.is_required}
    assert high > low


def test_a_unit_that_operates_the_system_needs_an_independent_body(office):
    office.system.operator = office.appraising
    office.officer = office.make.person(role="unit_officer", unit=office.appraising)
    dossier = office.dossier(State.SUBMITTED)
    with pytest.raises(DomainError):
        office.do(dossier, Act.RECEIVE)
    office.session.rollback()
    from drills.approvals.models.details import Receipt
    from drills.approvals.services import procedure

    procedure.receive(
        office.session,
        dossier,
        Receipt(TODAY, "Hội đồng thẩm định độc lập"),
        by=office.appraiser,
        at=office.now,
        version=dossier.version,
    )
    assert dossier.state is State.IN_APPRAISAL


def test_a_return_says_why_and_the_dossier_can_be_sent_again(office):
    dossier = office.dossier(State.RETURNED)
    assert dossier.return_reason == "Thiếu sơ đồ mạng"
    assert office.system.approval is Approval.DRAFTING
    office.do(dossier, Act.RESUBMIT)
    assert dossier.state is State.SUBMITTED
    assert [e.text for e in dossier.events if e.act is Act.RETURN] == ["Thiếu sơ đồ mạng"]


def test_who_returns_instead_of_deciding_may_decide_when_it_comes_back(office):
    dossier = office.dossier(State.APPRAISED)
    for act in (Act.RETURN, Act.RESUBMIT, Act.RECEIVE, Act.APPRAISE):
        office.do(dossier, act)
    decision = office.do(dossier, Act.APPROVE)
    assert decision.system_id == office.system.id


def test_an_appraisal_against_cannot_be_approved(office):
    dossier = office.dossier(State.IN_APPRAISAL)
    office.do(dossier, Act.APPRAISE, verdict=Verdict.AGAINST)
    with pytest.raises(DomainError):
        office.do(dossier, Act.APPROVE)


def test_a_refused_dossier_makes_room_for_another(office):
    office.dossier(State.REFUSED)
    assert office.system.approval is Approval.NONE
    assert office.dossier().code == "HSCD-2026-002"


def test_a_decision_pins_the_system_the_files_and_the_rules(office):
    dossier = office.dossier(State.APPRAISED)
    decision = office.do(dossier, Act.APPROVE)
    assert decision.snapshot["system"]["name"] == office.system.name
    assert decision.snapshot["system"]["level"] == "3"
    assert decision.snapshot["rules"] == {"code": "nd-331-2026", "version": 1}
    assert decisions.is_intact(decision)
    assert decisions.differences(decision) == []


def test_an_edit_after_the_decision_shows_what_has_changed(office):
    decision = office.do(office.dossier(State.APPRAISED), Act.APPROVE)
    was = office.system.name
    office.system.name = "Cổng khác"
    office.session.flush()
    assert decisions.differences(decision) == [("name", was, "Cổng khác")]
    assert decisions.is_intact(decision)


def test_a_new_decision_supersedes_the_one_in_force(office):
    first = office.do(office.dossier(State.APPRAISED), Act.APPROVE)
    second = office.do(office.dossier(State.APPRAISED, level=2), Act.APPROVE)
    assert (first.state, first.successor_id) == ("superseded", second.id)
    assert office.system.level == 2
    assert office.session.query(Decision).count() == 2


def test_a_draft_does_not_hide_the_level_that_is_approved(office):
    office.dossier(State.APPROVED)
    office.dossier(State.APPRAISED)
    assert office.system.approval is Approval.APPROVED


def test_a_withdrawn_decision_leaves_the_system_without_a_level_in_force(office):
    decision = office.do(office.dossier(State.APPRAISED), Act.APPROVE)
    decisions.withdraw(office.session, decision, "Ban hành nhầm", by=office.chairman, on=TODAY)
    assert office.system.approval is Approval.NONE
    assert office.system.decision_number == ""
    assert decision.ended_reason == "Ban hành nhầm"


def test_an_earlier_approval_is_recorded_as_historical_and_older_ones_fall_into_line(office):
    from datetime import date

    from drills.systems.models import DecisionDetails

    new = DecisionDetails("9/QĐ", date(2024, 5, 1), "UBND tỉnh", 2, signer="Ai Đó")
    old = DecisionDetails("1/QĐ", date(2020, 5, 1), "UBND tỉnh", 1)
    record = decisions.record_historical
    first = record(office.session, office.system, new, by=office.appraiser, on=TODAY)
    second = record(office.session, office.system, old, by=office.appraiser, on=TODAY)
    assert (first.state, second.state, second.successor_id) == ("in_force", "superseded", first.id)
    assert first.is_historical
    assert (office.system.level, office.system.decision_number) == (2, "9/QĐ")
