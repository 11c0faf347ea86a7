"""What is known of the 312 systems: their decisions of 2024, their plans, checks, regulations."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from drills.approvals.models import (
    Check,
    CheckDetails,
    CheckKind,
    MeasureDetails,
    MeasureState,
    Regime,
)
from drills.approvals.services import aftercare, measures
from drills.approvals.services.follow_up import INDEPENDENT_FROM, newest, regime_on
from drills.systems.models import Decision, InformationSystem, PlanState

KEPT_SINCE = date(2025, 1, 1)
"""From here on levels are approved in the register; what was decided before is history."""
CHECKED_BY = ("Tổ công tác kiểm tra liên ngành", "Công ty TNHH Giám định An toàn số Lam Giang")
CHECKLISTS = 12
FINDINGS = "Đã khắc phục các phát hiện mức cao; còn tồn tại nêu trong báo cáo."


def build(session: Session, systems: Sequence[InformationSystem], as_of: date) -> None:
    regime = regime_on(newest(session), systems[0].decision_date or as_of)
    session.add_all([_decision(system, regime, as_of) for system in systems])
    for number, system in enumerate(systems, start=1):
        _plan(system, number, as_of)
    session.add_all(_checks(systems, as_of))
    session.flush()
    for number, system in enumerate(systems[:CHECKLISTS], start=1):
        _measure(session, system, number, as_of)
    _check_before_use(session, systems[1], as_of)


def _decision(system: InformationSystem, regime: Regime | None, as_of: date) -> Decision:
    assert system.level is not None
    assert system.decision_date is not None
    at = datetime.combine(as_of, datetime.min.time(), UTC)
    system.decided_at = at
    return Decision(
        system=system,
        regime_id=regime.id if regime else None,
        level=system.level,
        number=system.decision_number,
        signed_on=system.decision_date,
        authority=system.decision_authority,
        review_due_on=system.review_due_on,
        is_historical=True,
        recorded_at=at,
    )


def _plan(system: InformationSystem, number: int, as_of: date) -> None:
    """Six in ten plans are complete, one in ten has not begun."""
    place = number % 10
    system.plan_state = (
        PlanState.FULLY
        if place < 6
        else PlanState.PARTLY
        if place < 9
        else PlanState.NOT_IMPLEMENTED
    )
    if system.plan_state is not PlanState.FULLY and number % 7:
        system.plan_expected_on = as_of + timedelta(days=60 + number)
    if number % 13:
        system.regulation_number = "1204/QĐ-UBND"
        system.regulation_date = date(2023, 9, 8)
        system.regulation_authority = "UBND tỉnh"


def _checks(systems: Sequence[InformationSystem], as_of: date) -> list[Check]:
    """One check each, but for a few; a few are too long ago."""
    found = []
    for number, system in enumerate(systems, start=1):
        if number % 24 == 0:
            continue
        days = 420 if number % 31 == 0 else 20 + number % 300
        is_high = (system.level or 0) >= INDEPENDENT_FROM
        found.append(
            Check(
                system=system,
                kind=CheckKind.COMPLIANCE if number % 3 else CheckKind.EFFECTIVENESS,
                done_on=as_of - timedelta(days=days),
                done_by=CHECKED_BY[is_high],
                is_independent=is_high,
                result=FINDINGS,
                findings=number % 5,
            )
        )
    return found


def _measure(session: Session, system: InformationSystem, number: int, as_of: date) -> None:
    """A checklist as far as the plan is told to be."""
    items = measures.checklist(session, system, as_of).items
    done = len(items) if system.plan_state is PlanState.FULLY else len(items) * 2 // 3
    due = as_of + timedelta(days=20 * (number % 4) - 15)
    changes = {
        item.key: MeasureDetails(MeasureState.DONE, "Đáp ứng, theo báo cáo tự đánh giá")
        if place < done
        else MeasureDetails(MeasureState.PARTLY, "Đang triển khai", due)
        for place, item in enumerate(items)
    }
    if changes:
        measures.settle(session, system, changes, by=None, on=as_of)


def _check_before_use(session: Session, system: InformationSystem, as_of: date) -> None:
    details = CheckDetails(
        kind=CheckKind.TECHNICAL,
        done_on=min(date(2024, 1, 5), as_of),
        done_by=CHECKED_BY[1],
        is_independent=True,
        is_before_use=True,
        result="Kiểm thử xâm nhập trước khi đưa vào sử dụng: 3 lỗ hổng, đã khắc phục.",
        findings=3,
    )
    aftercare.record_check(session, system, details, by=None, on=as_of)
