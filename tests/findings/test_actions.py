"""Findings of a drill and the corrective actions that follow from them."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.audit.models import Entry
from drills.core.errors import Conflict, DomainError, NotAllowedNow, Refused
from drills.exercises.models import DrillPerson, Observation, Part, Severity, Status
from drills.findings import lists
from drills.findings.models import (
    NEXT,
    ActionDetails,
    ActionEvent,
    ActionState,
    CorrectiveAction,
    Finding,
    FindingDetails,
    Lesson,
    Retest,
)
from drills.findings.services import actions, findings
from tests.browser import Browser
from tests.conftest import NOW

TODAY = NOW.date()


@pytest.fixture
def drill(make):
    make.organisation()
    return make.drill(starts_at=NOW - timedelta(days=20), status=Status.COMPLETED)


@pytest.fixture
def owner(make):
    return make.person(name="Lê Thị Chủ", role=Role.IR_MEMBER)


@pytest.fixture
def security(make):
    return make.person(name="Trần An Toàn", role=Role.SECURITY_TEAM)


@pytest.fixture
def ask(session, drill, owner, security):
    def asked(text="Vá máy chủ thư", due_on=TODAY + timedelta(days=10), **given):
        details = ActionDetails(text, owner.id, drill.unit_id, due_on, **given)
        action = actions.ask(session, drill, details, by=security, at=NOW)
        session.commit()
        return action

    return asked


def test_an_action_has_a_code_of_its_year(ask):
    assert [ask().code, ask().code] == ["KP-2026-001", "KP-2026-002"]


def test_an_action_goes_from_asked_to_verified_by_somebody_else(session, ask, owner, security):
    action = ask()
    actions.begin(session, action, by=owner, at=NOW)
    actions.report_done(session, action, "Đã vá ngày 20/11", by=owner, at=NOW)
    actions.verify(session, action, "Đã quét lại", by=security, at=NOW)
    session.commit()
    assert action.state is ActionState.VERIFIED
    states = session.scalars(sa.select(ActionEvent.state).order_by(ActionEvent.id)).all()
    assert states == [
        ActionState.OPEN,
        ActionState.IN_PROGRESS,
        ActionState.DONE,
        ActionState.VERIFIED,
    ]


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SECURITY_TEAM, Role.MANAGER])
def test_nobody_verifies_what_they_owe_whatever_their_role(session, make, drill, role):
    person, other = make.person(role=role), make.person(role=Role.SECURITY_TEAM)
    details = ActionDetails("Vá", person.id, drill.unit_id, TODAY)
    action = actions.ask(session, drill, details, by=other, at=NOW)
    actions.report_done(session, action, "Xong", by=other, at=NOW)
    session.commit()
    with pytest.raises(Refused):
        actions.verify(session, action, "", by=person, at=NOW)
    with pytest.raises(Refused):
        actions.verify(session, action, "", by=other, at=NOW)
    assert action.state is ActionState.DONE


def test_the_database_holds_that_line_too(session, ask, owner):
    action = ask()
    action.verified_by_id = owner.id
    with pytest.raises(sa.exc.IntegrityError):
        session.flush()


@pytest.mark.parametrize("state", list(ActionState))
def test_an_action_takes_only_the_steps_of_the_table(session, ask, security, state):
    for target in ActionState:
        action = ask()
        action.state = state
        if target in NEXT[state]:
            action.move_to(target)
            assert action.state is target
        else:
            with pytest.raises(NotAllowedNow):
                action.move_to(target)
        session.rollback()


def test_done_needs_words_or_a_file(session, ask, owner):
    with pytest.raises(DomainError):
        actions.report_done(session, ask(), "", by=owner, at=NOW)


def test_reopening_keeps_what_was_done_before(session, ask, owner, security):
    action = ask()
    actions.report_done(session, action, "Đã vá", by=owner, at=NOW)
    actions.verify(session, action, "", by=security, at=NOW)
    actions.reopen(session, action, "Lỗ hổng còn nguyên", by=security, at=NOW)
    session.commit()
    assert action.state is ActionState.REOPENED
    assert action.evidence == "Đã vá"
    assert action.verified_by_id is None
    texts = session.scalars(sa.select(ActionEvent.text).order_by(ActionEvent.id)).all()
    assert texts == ["", "Đã vá", "", "Lỗ hổng còn nguyên"]


def test_reopening_and_giving_up_need_a_reason(session, ask, security):
    with pytest.raises(DomainError):
        actions.cancel(session, ask(), "", by=security, at=NOW)


def test_what_a_later_drill_breaks_is_open_again(session, make, ask, owner, security):
    action = ask()
    actions.report_done(session, action, "Đã vá", by=owner, at=NOW)
    actions.verify(session, action, "", by=security, at=NOW)
    later = make.drill(starts_at=NOW + timedelta(days=60))
    assert actions.due_again(session, later, security) == [action]
    actions.carry_over(session, [action], later, by=security, at=NOW)
    later.status = Status.COMPLETED
    actions.note_retest(session, action, Retest.FAILED, "Vẫn khai thác được", by=security, at=NOW)
    session.commit()
    assert action.state is ActionState.REOPENED
    assert action.retest_result is Retest.FAILED


def test_what_held_is_not_offered_again(session, make, ask, owner, security):
    action = ask()
    actions.report_done(session, action, "Đã vá", by=owner, at=NOW)
    actions.verify(session, action, "", by=security, at=NOW)
    actions.carry_over(session, [action], held(make), by=security, at=NOW)
    actions.note_retest(session, action, Retest.HELD, "", by=security, at=NOW)
    session.commit()
    next_one = make.drill(starts_at=NOW + timedelta(days=400))
    assert actions.due_again(session, next_one, security) == []


def held(make, **given):
    """A drill after the first one, in its unit, that is over."""
    return make.drill(starts_at=NOW - timedelta(days=2), status=Status.COMPLETED, **given)


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.CANCELLED])
def test_an_action_whose_drill_has_shown_nothing_is_offered_again(
    session, make, ask, security, status
):
    action, chosen = ask(), held(make)
    actions.carry_over(session, [action], chosen, by=security, at=NOW)
    next_one = make.drill(starts_at=NOW + timedelta(days=60))
    chosen.status = Status.PLANNED
    assert actions.due_again(session, next_one, security) == []
    chosen.status = status
    assert actions.due_again(session, next_one, security) == [action]


def test_the_plan_of_the_next_drill_shows_what_was_left_open(app, session, make, ask, security):
    action, later = ask(), make.drill(starts_at=NOW + timedelta(days=60))
    browser = Browser(app, session, as_=security)
    assert action.text in browser.get(f"/drills/{later.id}/plan/").select_one("#left").text
    actions.carry_over(session, [action], later, by=security, at=NOW)
    session.commit()
    assert browser.get(f"/drills/{later.id}/plan/").select_one("#left") is None


def test_what_one_may_not_see_is_not_offered(session, make, ask):
    ask()
    stranger = make.person(role=Role.UNIT_OFFICER, unit=make.unit())
    assert actions.due_again(session, make.drill(), stranger) == []


def test_a_drill_that_has_not_begun_has_shown_nothing(session, make, ask, security):
    action = ask()
    later = make.drill(starts_at=NOW + timedelta(days=60))
    actions.carry_over(session, [action], later, by=security, at=NOW)
    with pytest.raises(NotAllowedNow):
        actions.note_retest(session, action, Retest.HELD, "", by=security, at=NOW)


def test_every_retest_stays_in_the_history(app, session, make, ask, owner, security):
    action, first, second = ask(), held(make), held(make)
    actions.report_done(session, action, "Đã vá", by=owner, at=NOW)
    for drill, result in ((first, Retest.FAILED), (second, Retest.HELD)):
        actions.carry_over(session, [action], drill, by=security, at=NOW)
        actions.note_retest(session, action, result, "Ghi chú", by=security, at=NOW)
    session.commit()
    page = Browser(app, session, as_=security).get(f"/actions/{action.id}/")
    titles = [b.text for b in page.select("#history .log b")]
    assert titles[0] == f"{second.code}: Đạt khi kiểm chứng lại"
    assert f"{first.code}: Không đạt khi kiểm chứng lại" in titles
    assert f"{first.code}: Sẽ kiểm chứng lại" in titles


def test_the_owner_does_not_judge_the_retest(session, make, ask, owner, security):
    action = ask()
    actions.carry_over(session, [action], held(make), by=security, at=NOW)
    with pytest.raises(Refused):
        actions.note_retest(session, action, Retest.HELD, "", by=owner, at=NOW)


def test_two_who_edit_at_once_do_not_overrule_each_other(session, ask, drill, owner, security):
    action = ask()
    details = ActionDetails("Khác", owner.id, drill.unit_id, TODAY)
    actions.revise(session, action, details, by=security, version=action.version, at=NOW)
    session.commit()
    with pytest.raises(Conflict):
        actions.revise(session, action, details, by=security, version=1, at=NOW)


def test_a_finding_with_actions_stays(session, drill, ask, security):
    details = FindingDetails("Không có nhật ký", Severity.HIGH)
    finding = findings.find(session, drill, details, by=security)
    session.commit()
    ask(finding_id=finding.id)
    with pytest.raises(NotAllowedNow):
        findings.remove(session, finding, by=security)


def test_every_step_is_in_the_trail(session, ask, owner, security):
    action = ask()
    actions.report_done(session, action, "Đã vá", by=owner, at=NOW)
    actions.verify(session, action, "", by=security, at=NOW)
    session.commit()
    verbs = session.scalars(sa.select(Entry.verb).order_by(Entry.id)).all()
    assert verbs == ["asked", "done", "verified"]


@pytest.mark.parametrize(
    ("days", "state", "expected"),
    [
        (-1, ActionState.OPEN, "overdue"),
        (0, ActionState.OPEN, "soon"),
        (30, ActionState.REOPENED, "soon"),
        (31, ActionState.IN_PROGRESS, "open"),
        (-1, ActionState.DONE, "to_verify"),
        (-1, ActionState.VERIFIED, "verified"),
        (-1, ActionState.CANCELLED, "cancelled"),
    ],
)
def test_page_and_query_agree_on_where_an_action_stands(
    session, ask, security, days, state, expected
):
    action = ask(due_on=TODAY + timedelta(days=days))
    action.state = state
    session.commit()
    wanted = lists.Wanted(on=TODAY)
    assert lists.standing(action, TODAY) == expected
    figures = lists.counts(session, wanted, security)
    assert figures == {name: int(name == expected) for name in lists.STANDINGS}


def test_ones_own_late_actions_stand_first(session, make, drill, ask, security):
    ask(text="Sau", due_on=TODAY + timedelta(days=3))
    others = ask(text="Của người khác", due_on=TODAY - timedelta(days=9))
    details = ActionDetails("Của tôi", security.id, drill.unit_id, TODAY - timedelta(days=1))
    mine = actions.ask(session, drill, details, by=None, at=NOW)
    session.commit()
    rows = session.scalars(lists.ordered(lists.Wanted(on=TODAY), security)).unique().all()
    assert rows[:2] == [mine, others]


def test_a_list_of_many_asks_the_database_a_few_times(app, session, make, ask, security, queries):
    for _ in range(60):
        ask()
    browser = Browser(app, session, as_=security)
    browser.get("/actions/")
    with queries() as seen:
        browser.get("/actions/")
    assert len(seen) <= 8, seen


class TestPages:
    def test_the_owner_says_done_and_somebody_else_verifies(
        self, app, session, ask, owner, security
    ):
        action = ask()
        mine = Browser(app, session, as_=owner)
        page = mine.get(f"/actions/{action.id}/")
        assert page.select_one(f"a[href='/actions/{action.id}/done']")
        mine.get(f"/actions/{action.id}/done")
        mine.post(f"/actions/{action.id}/done", {"evidence": "Đã vá và khởi động lại"})
        mine.get(f"/actions/{action.id}/verify", status=403)
        theirs = Browser(app, session, as_=security)
        theirs.post(f"/actions/{action.id}/verify", {"note": "Đã kiểm tra"})
        session.expire_all()
        assert action.state is ActionState.VERIFIED

    def test_a_restricted_finding_is_read_by_control_and_whoever_acts_on_it(
        self, app, session, make, drill, ask, owner, security
    ):
        details = FindingDetails("Mật khẩu mặc định trên FS-01", Severity.CRITICAL)
        finding = findings.find(session, drill, details, by=security)
        session.commit()
        player = make.person(role=Role.IR_MEMBER)
        drill.people.append(DrillPerson(person=player, part=Part.PLAYER))
        session.commit()
        address = f"/drills/{drill.id}/findings/"
        assert "FS-01" not in Browser(app, session, as_=player).get(address).text
        assert "FS-01" in Browser(app, session, as_=security).get(address).text
        action = ask(finding_id=finding.id)
        assert "FS-01" in Browser(app, session, as_=owner).get(f"/actions/{action.id}/").text

    def test_a_finding_leads_to_an_action(self, app, session, drill, owner, security):
        browser = Browser(app, session, as_=security)
        data = {"text": "Thiếu nhật ký", "severity": "high"}
        browser.post(f"/drills/{drill.id}/findings/new", data)
        finding = session.scalars(sa.select(Finding)).one()
        page = browser.get(f"/drills/{drill.id}/actions/new?finding={finding.id}")
        chosen = page.select_one("select[name=finding_id] option[selected]")
        assert chosen["value"] == str(finding.id)

    def test_a_mistake_keeps_what_was_typed(self, app, session, drill, security):
        browser = Browser(app, session, as_=security)
        data = {"text": "Vá", "due_on": "32/13/2026"}
        page = browser.post(f"/drills/{drill.id}/actions/new", data, status=422)
        assert page.select_one("[name=due_on]")["value"] == "32/13/2026"
        assert page.select_one("[name=text]").text.strip() == "Vá"

    def test_several_get_a_new_day_in_one_act(self, app, session, ask, security):
        first, second = ask(), ask()
        browser = Browser(app, session, as_=security)
        browser.post("/actions/due", {"id": [first.id, second.id], "due_on": "31/12/2026"})
        session.expire_all()
        assert {first.due_on, second.due_on} == {date(2026, 12, 31)}

    def test_the_day_of_anothers_drill_is_not_moved(self, app, session, ask, owner):
        action = ask()
        before = action.due_on
        browser = Browser(app, session, as_=owner)
        browser.post("/actions/due", {"id": [action.id], "due_on": "31/12/2026"})
        session.expire_all()
        assert action.due_on == before

    def test_what_earlier_drills_left_open_is_offered_to_the_next(
        self, app, session, make, ask, security
    ):
        action = ask()
        later = make.drill(starts_at=NOW + timedelta(days=30))
        browser = Browser(app, session, as_=security)
        assert action.code in browser.get(f"/drills/{later.id}/findings/").text
        browser.post(f"/drills/{later.id}/findings/carry-over", {"id": [action.id]})
        session.expire_all()
        assert action.retest_drill_id == later.id


def test_an_action_of_another_unit_is_not_seen(session, make, ask):
    ask()
    stranger = make.person(unit=make.unit(), role=Role.UNIT_OFFICER)
    rows = session.scalars(
        sa.select(CorrectiveAction).where(CorrectiveAction.visible_to(stranger))
    ).all()
    assert rows == []


def test_a_lesson_is_edited_and_says_which_finding_it_follows_from(
    app, session, make, drill, security
):
    finding = make.finding(drill, text="Sao lưu cũ chín ngày", is_restricted=True)
    lesson = make.save(Lesson(drill=drill, text="Trực ca"))
    browser = Browser(app, session, as_=security)
    address = f"/lessons/{lesson.id}/edit"
    browser.post(address, {"text": "Trực hai ca", "kind": "strength", "finding_id": finding.id})
    session.refresh(lesson)
    assert (lesson.text, lesson.is_strength, lesson.finding) == ("Trực hai ca", True, finding)
    page = f"/drills/{drill.id}/findings/"
    assert "chín ngày" in browser.get(page).select_one("#lessons").text
    looker = make.person(role=Role.UNIT_OFFICER)
    seen = Browser(app, session, as_=looker).get(page).select_one("#lessons").text
    assert "Trực hai ca" in seen
    assert "chín ngày" not in seen


def test_an_observation_becomes_a_finding(app, session, make, drill, security):
    seen = Observation(drill=drill, at=NOW, text="Không ai gọi trực ban", evaluator=security)
    make.save(seen)
    browser = Browser(app, session, as_=security)
    link = browser.get(f"/drills/{drill.id}/evaluation/").select_one("#observations li a")
    form = browser.get(link["href"])
    assert form.select_one("[name=text]").text.strip() == "Không ai gọi trực ban"
