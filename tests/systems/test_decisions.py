"""Decisions and the register's summary of the one in force."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drills.accounts.models import Role
from drills.audit.models import Entry
from drills.core.errors import DomainError, NotAllowedNow, Refused
from drills.systems import services
from drills.systems.models import (
    Approval,
    Decision,
    DecisionDetails,
    DecisionKind,
    DecisionState,
    SystemStatus,
)
from drills.systems.services import decisions, writing

TODAY = date(2026, 11, 23)
SINCE = date(2026, 7, 1)


@pytest.fixture
def system(make):
    home = make.organisation()
    home.approvals_since = SINCE
    return make.system(level=2, approval=Approval.APPRAISED)


@pytest.fixture
def manager(make):
    return make.person(role=Role.MANAGER, name="Trần Văn Bình")


def signed(number="1/QĐ", on=date(2025, 1, 2), level=3, **more):
    given = {"authority": "UBND tỉnh", "signer": "Lê Thị Hoa"} | more
    return DecisionDetails(number=number, signed_on=on, level=level, **given)


def enact(session, make, system, details, by):
    snapshot = decisions.snapshot_of(system, [], None)
    return decisions.enact(session, system, details, snapshot=snapshot, by=by, at=make.now)


def record(session, system, details, by=None):
    return decisions.record_historical(session, system, details, by=by, on=TODAY)


def summary(system):
    return system.approval, system.level, system.decision_number, system.decision_date


def test_a_decision_fills_the_summary_and_supersedes_the_one_before(make, session, system, manager):
    first = enact(session, make, system, signed("1/QĐ", date(2026, 8, 1), 3), manager)
    assert summary(system) == (Approval.APPROVED, 3, "1/QĐ", date(2026, 8, 1))
    second = enact(session, make, system, signed("2/QĐ", date(2026, 9, 1), 4), manager)
    assert summary(system) == (Approval.APPROVED, 4, "2/QĐ", date(2026, 9, 1))
    assert (first.state, first.successor_id) == (DecisionState.SUPERSEDED, second.id)
    assert first.ended_on == date(2026, 9, 1)
    verbs = session.scalars(sa.select(Entry.verb).order_by(Entry.id)).all()
    assert verbs.count("decision.enacted") == 2


def test_a_later_change_of_what_was_pinned_shows_and_the_snapshot_stays(
    make, session, system, manager
):
    decision = enact(session, make, system, signed(), manager)
    assert not system.has_changed_since
    held = dict(decision.snapshot)
    writing.write(system, {"review_due_on": None, "responsible_id": manager.id})
    assert not system.has_changed_since
    system.decided_at -= timedelta(hours=1)
    writing.write(system, {"has_personal_data": True})
    session.commit()
    assert system.has_changed_since
    assert decision.snapshot == held
    assert decisions.is_intact(decision)
    assert decisions.differences(decision) == [("has_personal_data", "False", "True")]


def test_level_five_is_approved_by_the_list_and_the_plan_together(make, session, system, manager):
    enact(session, make, system, signed("9/QĐ-TTg", level=5, kind=DecisionKind.LIST), manager)
    assert system.approval is Approval.APPRAISED
    enact(session, make, system, signed("8/QĐ-UBND", level=5, kind=DecisionKind.PLAN), manager)
    assert summary(system)[:3] == (Approval.APPROVED, 5, "9/QĐ-TTg")


def test_a_withdrawn_decision_leaves_the_level_proposed_and_stays_in_history(
    make, session, system, manager
):
    decision = enact(session, make, system, signed(), manager)
    with pytest.raises(DomainError, match="reason"):
        decisions.withdraw(session, decision, "", by=manager, on=TODAY)
    decisions.withdraw(session, decision, "Ký sai thẩm quyền", by=manager, on=TODAY)
    assert summary(system) == (Approval.NONE, 3, "", None)
    assert (decision.state, decision.ended_reason) == (DecisionState.WITHDRAWN, "Ký sai thẩm quyền")
    with pytest.raises(NotAllowedNow):
        decisions.withdraw(session, decision, "Lần nữa", by=manager, on=TODAY)


def test_decommissioning_ends_the_decisions_and_keeps_them(make, session, system, manager):
    decision = enact(session, make, system, signed(), manager)
    services.decommission(session, system, by=manager, on=TODAY)
    assert system.status is SystemStatus.DECOMMISSIONED
    assert (decision.state, decision.ended_on) == (DecisionState.ENDED, TODAY)


def test_older_decisions_take_their_place_in_history(session, system):
    newer = record(session, system, signed("5/QĐ", date(2025, 5, 1), 3))
    older = record(session, system, signed("1/QĐ", date(2023, 1, 1), 2))
    assert summary(system) == (Approval.APPROVED, 3, "5/QĐ", date(2025, 5, 1))
    assert (older.state, older.successor_id) == (DecisionState.SUPERSEDED, newer.id)
    assert older.ended_on == date(2025, 5, 1)
    newest = record(session, system, signed("7/QĐ", date(2026, 1, 1), 4))
    assert summary(system) == (Approval.APPROVED, 4, "7/QĐ", date(2026, 1, 1))
    assert newer.successor_id == newest.id
    assert all(decision.is_historical for decision in (older, newer, newest))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"number": ""}, "number"),
        ({"authority": ""}, "authority"),
        ({"on": TODAY + timedelta(days=1)}, "future"),
        ({"on": SINCE}, "01/07/2026"),
    ],
)
def test_what_is_no_earlier_decision_is_not_recorded(session, system, change, said):
    with pytest.raises(DomainError, match=said):
        record(session, system, signed(**change))
    assert session.scalar(sa.select(sa.func.count(Decision.id))) == 0


def test_nobody_records_a_decision_twice_or_one_they_signed(session, system, manager):
    with pytest.raises(Refused):
        record(session, system, signed(signer="trần văn bình"), by=manager)
    record(session, system, signed(), by=manager)
    with pytest.raises(DomainError, match="already"):
        record(session, system, signed(), by=manager)


def test_no_road_through_the_register_touches_a_decision(make, session, system, manager):
    with pytest.raises(DomainError, match="decision"):
        services.register(session, changed(system, code="", approval=Approval.APPROVED), by=manager)
    with pytest.raises(DomainError, match="decision"):
        revise(session, system, manager, approval=Approval.APPROVED)
    enact(session, make, system, signed(review_due_on=date(2027, 1, 1)), manager)
    for change in (
        {"level": 5}, {"approval": Approval.NONE}, {"review_due_on": date(2030, 1, 1)},
    ):  # fmt: skip
        with pytest.raises(DomainError):
            revise(session, system, manager, **change)


def test_a_review_day_may_be_set_where_the_decision_sets_none(make, session, system, manager):
    enact(session, make, system, signed(), manager)
    revise(session, system, manager, review_due_on=date(2028, 1, 1))
    assert system.review_due_on == date(2028, 1, 1)


def changed(system, **changes):
    return replace(services.details_of(system), **changes)


def revise(session, system, by, **changes):
    services.revise(session, system, changed(system, **changes), by=by, version=system.version)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["enact", "record", "withdraw"]),
        st.integers(0, 400),
        st.integers(1, 5),
    ),
    max_size=8,
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=ACTS)
def test_whatever_is_done_the_summary_is_the_decision_in_force_and_none_is_lost(
    make, session, system, manager, acts
):
    system = make.system(level=1)
    made = []
    for n, (act, days, level) in enumerate(acts):
        found = [d for d in made if d.state is DecisionState.IN_FORCE]
        if act == "enact":
            made.append(enact(session, make, system, signed(f"{n}/QĐ", TODAY, level), manager))
        elif act == "record":
            day = date(2024, 1, 1) + timedelta(days=days)
            made.append(record(session, system, signed(f"{n}/QĐ", day, level)))
        elif found:
            decisions.withdraw(session, found[0], "Lý do", by=manager, on=TODAY)
        in_force = decisions.in_force(session, system)
        assert len(in_force) <= 1
        assert system.is_approved == bool(in_force)
        if in_force:
            assert summary(system)[1:3] == (in_force[0].level, in_force[0].number)
        assert decisions.of_system(session, system) == sorted(
            made, key=lambda one: (one.signed_on, one.id)
        )
        assert all(decisions.is_intact(d) for d in made if d.snapshot)
