"""After a decision: the plan's checklist, the checks, the conditions."""

import io
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.approvals.models import (
    CheckDetails,
    CheckKind,
    Condition,
    ConditionDetails,
    Measure,
    MeasureDetails,
    MeasureState,
)
from drills.approvals.services import aftercare, follow_up, measure_sheets, measures
from drills.approvals.services.regimes import load_shipped
from drills.audit.models import Entry
from drills.core import tabular
from drills.core.errors import Conflict, DomainError, NotAllowedNow
from drills.systems.models import Approval, Decision, DecisionState, InformationSystem, PlanState
from tests.browser import Browser

TODAY = date(2026, 11, 23)
DONE, PARTLY = MeasureState.DONE, MeasureState.PARTLY
SKIPPED, OPEN = MeasureState.NOT_APPLICABLE, MeasureState.NOT_STARTED


@pytest.fixture
def rules(session):
    load_shipped(session)
    session.commit()


@pytest.fixture
def officer(make, rules):
    make.organisation()
    return make.person(role=Role.SECURITY_TEAM)


def decided(make, *, level=3, signed_on=date(2025, 11, 1), **given):
    system = make.system(
        level=level,
        approval=Approval.APPROVED,
        decision_number="1/QĐ-UBND",
        decision_date=signed_on,
        **given,
    )
    decision = make.save(
        Decision(
            system=system,
            level=level,
            number=f"{system.id}/QĐ-UBND",
            signed_on=signed_on,
            authority="UBND tỉnh",
            recorded_at=make.now,
        )
    )
    return system, decision


def settle(session, system, changes, **given):
    details = {
        key: given_ if isinstance(given_, MeasureDetails) else MeasureDetails(given_)
        for key, given_ in changes.items()
    }
    return measures.settle(session, system, details, by=None, on=TODAY, **given)


def keys(session, system):
    return [item.key for item in measures.checklist(session, system, TODAY).items]


def test_the_checklist_is_what_the_rule_set_of_the_decision_asks_at_its_level(
    session, make, officer
):
    old, _decision = decided(make, level=3, signed_on=date(2024, 3, 1))
    low, _decision = decided(make, level=1, signed_on=date(2024, 3, 1))
    three = measures.checklist(session, old, TODAY)
    one = measures.checklist(session, low, TODAY)
    assert three.basis.regime.code == "nd-85-2016"
    assert "7." in {item.asked.clause[:2] for item in three.items}
    assert 0 < len(one.items) < len(three.items)
    assert session.scalar(sa.select(sa.func.count(Measure.id))) == 0


def test_the_state_of_the_plan_follows_from_its_measures(session, make, officer):
    system, _decision = decided(make)
    names = keys(session, system)
    steps = [
        ({names[0]: PARTLY}, PlanState.PARTLY),
        ({names[0]: OPEN}, PlanState.NOT_IMPLEMENTED),
        (dict.fromkeys(names[1:], DONE), PlanState.PARTLY),
        ({names[0]: MeasureDetails(SKIPPED, "Không có mạng không dây")}, PlanState.FULLY),
    ]
    for changes, state in steps:
        settle(session, system, changes)
        assert system.plan_state is state
    found = measures.checklist(session, system, TODAY)
    assert (found.percentage, found.applicable) == (100, len(names) - 1)


def test_a_plan_nobody_wrote_of_stays_as_it_was_told(session, make, officer):
    system, _decision = decided(make, plan_state=PlanState.FULLY)
    measures.derive(session, system, by=None, on=TODAY)
    assert system.plan_state is PlanState.FULLY


def test_not_applicable_needs_a_note(session, make, officer):
    system, _decision = decided(make)
    first, second, *_rest = keys(session, system)
    with pytest.raises(DomainError, match="say why"):
        settle(session, system, {first: DONE, second: SKIPPED})
    session.rollback()
    assert session.scalars(sa.select(Measure)).all() == []


def test_a_state_that_somebody_else_changed_is_not_overruled(session, make, officer):
    system, _decision = decided(make)
    first, *_rest = keys(session, system)
    settle(session, system, {first: DONE}, known={first: "not_started"})
    with pytest.raises(Conflict):
        settle(session, system, {first: PARTLY}, known={first: "not_started"})
    assert settle(session, system, {first: DONE}, known={first: "not_started"}) == 0


def test_each_changed_measure_is_in_the_trail_and_so_is_the_plan(session, make, officer):
    system, _decision = decided(make)
    first, *_rest = keys(session, system)
    measures.settle(session, system, {first: MeasureDetails(DONE)}, by=officer, on=TODAY)
    entries = session.scalars(sa.select(Entry).order_by(Entry.id.desc()).limit(2)).all()
    plan, measure = (entry.changes for entry in entries)
    assert measure == {"measure_state": ["Not implemented", "Fully implemented"]}
    assert plan["plan_state"] == ["", "partly"]


def test_what_a_new_level_asks_no_longer_is_retired_with_its_evidence(session, make, officer):
    system, decision = decided(make, level=3)
    settle(session, system, dict.fromkeys(keys(session, system), DONE))
    decision.state, decision.ended_on = DecisionState.SUPERSEDED, TODAY
    make.save(
        Decision(
            system=system,
            level=1,
            number="2/QĐ-UBND",
            signed_on=TODAY,
            authority="UBND tỉnh",
            recorded_at=make.now,
            regime_id=measures.checklist(session, system, TODAY).basis.regime.id,
        )
    )
    found = measures.checklist(session, system, TODAY)
    assert found.retired
    assert found.percentage == 100
    settle(session, system, {found.items[0].key: PARTLY})
    assert {row.is_retired for row in measures.checklist(session, system, TODAY).retired} == {True}


def test_without_a_level_there_is_no_checklist(session, make, officer):
    system = make.system()
    with pytest.raises(NotAllowedNow):
        settle(session, system, {"policy-text": DONE})


def test_the_checklist_goes_out_to_a_sheet_and_comes_back_the_same(session, make, officer):
    system, _decision = decided(make)
    first, second, third, *_rest = keys(session, system)
    changes = {
        first: MeasureDetails(DONE, "=1+1 theo <QĐ 12> & phụ lục", date(2026, 12, 1)),
        second: MeasureDetails(SKIPPED, "Không dùng"),
        third: MeasureDetails(PARTLY),
    }
    settle(session, system, changes)
    for language in ("vi", "en"):
        found, target = measures.checklist(session, system, TODAY), io.BytesIO()
        headers = tabular.labels(measure_sheets.COLUMNS, language)
        lines = measure_sheets.lines(found, language)
        tabular.write_xlsx(target, headers, lines, sheet="Phương án")
        target.seek(0)
        said = measure_sheets.reading(target, "phuong-an.xlsx", found)
        assert said.problems == []
        assert settle(session, system, said.changes) == 0


def test_a_sheet_with_one_bad_row_changes_nothing(app, session, make, officer):
    system, _decision = decided(make)
    first, second, *_rest = keys(session, system)
    text = f"Mã,Tình trạng,Hạn\n{first},Đã triển khai đầy đủ,\n{second},Gần xong,31/02/2026\n"
    browser = Browser(app, session, as_=officer)
    page = browser.post(
        f"/systems/{system.id}/protection-plan/import/",
        {"file": (io.BytesIO(text.encode()), "phuong-an.csv")},
        status=422,
    )
    assert "Gần xong" in page.select_one("#mistakes").text
    assert session.scalars(sa.select(Measure)).all() == []
    good = text.replace("Gần xong,31/02/2026", "Triển khai một phần,01/02/2027")
    browser.post(
        f"/systems/{system.id}/protection-plan/import/",
        {"file": (io.BytesIO(good.encode()), "phuong-an.csv")},
    )
    assert session.get(InformationSystem, system.id).plan_state is PlanState.PARTLY


def test_many_measures_are_set_at_once_from_the_page(app, session, make, officer):
    system, _decision = decided(make)
    browser = Browser(app, session, as_=officer)
    address = f"/systems/{system.id}/protection-plan/"
    page = browser.get(address)
    names = [box["value"] for box in page.select("input[name=key]")]
    browser.post(address, {"key": names[:5], "set": "done"})
    chosen = {f"state-{names[5]}": "partly", f"was-{names[5]}": "not_started"}
    browser.post(address, chosen)
    states = [item.state for item in measures.checklist(session, system, TODAY).items]
    assert states[:6] == [DONE] * 5 + [PARTLY]
    page = browser.post(address, {"key": names[:1], "set": "not_applicable"}, status=422)
    assert page.select_one("#mistake")
    browser.post(address, {"key": names[:1], "set": "not_applicable", "bulk-note": "Thuê ngoài"})


def test_evidence_of_a_measure_is_kept_and_handed_out(app, session, make, officer):
    system, _decision = decided(make)
    first, *_rest = keys(session, system)
    browser = Browser(app, session, as_=officer)
    form = {"state": "done", "note": "", "due_on": "", "was": "not_started"}
    upload = {"evidence": (io.BytesIO("Biên bản".encode()), "bien-ban.txt")}
    browser.post(f"/systems/{system.id}/protection-plan/{first}/", form | upload)
    row = session.scalars(sa.select(Measure).where(Measure.key == first)).one()
    with browser.raw(f"/measures/{row.id}/evidence") as answer:
        assert answer.data == "Biên bản".encode()
    stranger = make.person(role=Role.UNIT_OFFICER, unit=make.unit())
    assert (
        Browser(app, session, as_=stranger).raw(f"/measures/{row.id}/evidence").status_code == 404
    )


def test_a_reader_sees_the_plan_but_changes_nothing(app, session, make, officer):
    system, _decision = decided(make)
    browser = Browser(app, session, as_=make.person(role=Role.AUDITOR))
    page = browser.get(f"/systems/{system.id}/protection-plan/")
    assert not page.select("main select")
    browser.post(f"/systems/{system.id}/protection-plan/", {"set": "done"}, status=403)


def check(session, system, done_on, *, by_whom="Trung tâm", **given):
    details = CheckDetails(given.pop("kind", CheckKind.COMPLIANCE), done_on, by_whom, **given)
    return aftercare.record_check(session, system, details, by=None, on=TODAY)


def due_of(session, system):
    basis = follow_up.basis(session, system, TODAY)
    return follow_up.dues(basis, follow_up.checks_of(session, system))[0]


@pytest.mark.parametrize(
    ("level", "due_on"),
    [(1, date(2026, 3, 1)), (3, date(2025, 3, 1)), (5, date(2024, 9, 1))],
)
def test_the_first_check_is_due_by_the_interval_of_the_level(session, make, officer, level, due_on):
    system, _decision = decided(make, level=level, signed_on=date(2024, 3, 1))
    assert due_of(session, system).due_on == due_on


def test_the_next_check_is_due_after_the_last_one_that_counts(session, make, officer):
    system, _decision = decided(make, level=3, signed_on=date(2024, 3, 1))
    check(session, system, date(2025, 6, 1), is_independent=True)
    check(session, system, date(2026, 6, 1))
    found = due_of(session, system)
    assert found.due_on == date(2026, 6, 1)
    assert found.is_overdue(TODAY)


def test_below_level_three_a_check_of_ones_own_counts(session, make, officer):
    system, _decision = decided(make, level=2, signed_on=date(2024, 3, 1))
    check(session, system, date(2026, 6, 1))
    assert due_of(session, system).last.done_on == date(2026, 6, 1)


def test_a_check_lies_behind_and_names_who_made_it(session, make, officer):
    system, _decision = decided(make)
    for day, body in ((TODAY + timedelta(days=1), "Trung tâm"), (TODAY, "")):
        with pytest.raises(DomainError):
            check(session, system, day, by_whom=body)


def test_a_check_is_recorded_and_corrected_on_its_tab(app, session, make, officer):
    system, _decision = decided(make, signed_on=date(2024, 3, 1))
    browser = Browser(app, session, as_=officer)
    assert "Quá hạn kiểm tra, đánh giá" in browser.get(f"/systems/{system.id}/checks/").text
    form = {
        "kind": "compliance",
        "done_on": "01/11/2026",
        "done_by": "Công ty An Toàn",
        "is_independent": "y",
        "findings": "3",
    }
    report = {"report": (io.BytesIO(b"3 phat hien"), "bao-cao.txt")}
    browser.post(f"/systems/{system.id}/checks/new/", form | report)
    page = browser.get(f"/systems/{system.id}/checks/")
    assert "Quá hạn kiểm tra, đánh giá" not in page.text
    made = follow_up.checks_of(session, system)[0]
    with browser.raw(f"/checks/{made.id}/report") as answer:
        assert answer.data == b"3 phat hien"
    edited = form | {"findings": "4", "version": str(made.version)}
    browser.post(f"/checks/{made.id}/edit/", edited)
    assert browser.post(f"/checks/{made.id}/edit/", edited, status=409)
    assert follow_up.checks_of(session, system)[0].findings == 4


def test_a_condition_is_met_with_what_shows_it_and_may_be_reopened(session, make, officer):
    _system, decision = decided(make)
    owed = aftercare.impose(
        session, decision, ConditionDetails("Bổ sung sao lưu", officer.id, TODAY), by=officer
    )
    with pytest.raises(DomainError):
        aftercare.meet(session, owed, "", by=officer, at=make.now)
    aftercare.meet(session, owed, "Đã lắp tủ sao lưu", by=officer, at=make.now)
    with pytest.raises(NotAllowedNow):
        aftercare.meet(session, owed, "Lần nữa", by=officer, at=make.now)
    aftercare.reopen(session, owed, "Sao lưu hỏng", by=officer)
    assert (owed.met_at, owed.note) == (None, "Sao lưu hỏng")


def test_a_condition_cannot_be_due_before_the_decision(session, make, officer):
    _system, decision = decided(make, signed_on=date(2026, 5, 1))
    with pytest.raises(DomainError):
        aftercare.impose(
            session, decision, ConditionDetails("Sớm quá", None, date(2026, 4, 1)), by=officer
        )


def test_overdue_conditions_count_only_while_their_decision_is_in_force(session, make, officer):
    decision, ended = decided(make)[1], decided(make)[1]
    for one in (decision, ended):
        make.save(Condition(decision=one, text="Bổ sung", due_on=TODAY - timedelta(days=1)))
    ended.state, ended.ended_on = DecisionState.WITHDRAWN, TODAY
    make.save(ended)
    assert session.scalar(follow_up.systems_with_conditions_overdue(officer, TODAY)) == 1


def test_conditions_are_listed_and_met_on_their_page(app, session, make, officer):
    system, decision = decided(make)
    browser = Browser(app, session, as_=officer)
    late = (TODAY - timedelta(days=1)).strftime("%d/%m/%Y")
    browser.post(
        f"/decisions/{decision.id}/conditions/new/",
        {"text": "Bổ sung nhật ký", "owner_id": str(officer.id), "due_on": late},
    )
    owed = session.scalars(sa.select(Condition)).one()
    assert "Bổ sung nhật ký" in browser.get("/approvals/conditions/?show=overdue").text
    assert "Bổ sung nhật ký" in browser.get("/approvals/conditions/?show=mine").text
    assert "Bổ sung nhật ký" in browser.get(f"/systems/{system.id}/protection-plan/").text
    browser.post(f"/conditions/{owed.id}/meet/", {"note": ""}, status=422)
    browser.post(f"/conditions/{owed.id}/meet/", {"note": "Đã bật nhật ký"})
    assert "Đã bật nhật ký" in browser.get(f"/conditions/{owed.id}/").text
    assert "Bổ sung nhật ký" not in browser.get("/approvals/conditions/").text
    browser.post(f"/conditions/{owed.id}/reopen/", {"reason": "Nhật ký bị tắt"})
    assert session.get(Condition, owed.id).met_at is None


def test_the_plan_takes_the_same_queries_however_far_it_is(app, session, make, officer, queries):
    system, _decision = decided(make, level=4)
    browser = Browser(app, session, as_=officer)
    address = f"/systems/{system.id}/protection-plan/"
    browser.get(address)
    with queries() as before:
        browser.get(address)
    settle(session, system, dict.fromkeys(keys(session, system), PARTLY))
    session.commit()
    browser.get(address)
    with queries() as after:
        browser.get(address)
    assert len(after) == len(before)
