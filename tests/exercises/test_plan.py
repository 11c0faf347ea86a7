"""The plan of a drill: its page and what stands on it."""

import re

import pytest

from drills.accounts.models import Role
from drills.core.errors import Conflict, DomainError, NotAllowedNow
from drills.exercises.models import (
    Drill,
    DrillTeam,
    DrillUnit,
    Go,
    Objective,
    ObjectiveDetails,
    Part,
    PlanDetails,
    Presence,
    Readiness,
    ReadinessItem,
    SafetyDetails,
    SafetyRecord,
    Status,
)
from drills.exercises.services import copying, people, planning, readiness, safety
from drills.exercises.services import move as move_drill
from tests.browser import Browser


@pytest.fixture
def drill(make):
    make.organisation()
    return make.drill()


@pytest.fixture
def live(make):
    make.organisation()
    return make.drill(kind_key="live_fire")


PAGES = (
    "/drills/{}/plan/",
    "/drills/{}/plan/edit",
    "/drills/{}/objectives/new",
    "/drills/{}/scenario",
    "/drills/{}/sides/new",
    "/drills/{}/documents/new",
    "/drills/{}/parts",
    "/drills/{}/invitations/",
    "/drills/{}/attendance",
    "/drills/{}/readiness",
    "/drills/{}/safety",
    "/drills/{}/safety/edit",
    "/drills/{}/vulnerabilities/new",
    "/drills/new?copy={}",
)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_a_plan_opens_and_is_stamped(make, browser, live, path):
    team = make.member(person=make.person()).team
    make.save(DrillTeam(drill_id=live.id, team_id=team.id))
    make.save(DrillUnit(drill_id=live.id, unit_id=live.unit_id))
    make.named(live, make.person(), Part.EVALUATOR)
    make.side(live)
    make.objective(live)
    make.vulnerability(live)
    page = browser.get(path.format(live.id))
    assert "DIỄN TẬP" in page.text


@pytest.mark.parametrize(
    "path",
    ["/scenarios/", "/scenarios/new", "/programmes/", "/programmes/new", "/recurrences/new",
     "/drills/calendar/month", "/drills/calendar/month?month=2026-02",
     "/drills/calendar/month?month=nonsense", "/drills/calendar", "/calendar-addresses/"],
)  # fmt: skip
def test_the_pages_beside_the_plan_open(make, browser, drill, path):
    browser.get(path)


def test_objectives_keep_their_order_and_a_rated_one_stays(make, session, browser, drill):
    details = [ObjectiveDetails(text) for text in ("một", "hai", "ba")]
    first, _second, third = (
        planning.add_objective(session, drill, one, by=browser.person) for one in details
    )
    browser.post(f"/objectives/{third.id}/move", {"to": "up"})
    assert [one.text for one in planning.objectives(session, drill)] == ["một", "ba", "hai"]
    first.score, first.score_of = 3, 5
    browser.post(f"/objectives/{first.id}/drop", status=409)
    browser.post(f"/objectives/{third.id}/drop")
    assert [one.text for one in planning.objectives(session, drill)] == ["một", "hai"]


def test_an_objective_is_written_on_its_form(make, session, browser, drill):
    browser.post(f"/drills/{drill.id}/objectives/new", {"text": ""}, status=422)
    browser.post(
        f"/drills/{drill.id}/objectives/new",
        {"text": "Phát hiện trong 30 phút", "capability": "Giám sát", "priority": "high"},
    )
    objective = session.query(Objective).one()
    assert (objective.capability, objective.priority) == ("Giám sát", "high")
    assert "Phát hiện trong 30 phút" in browser.get(f"/drills/{drill.id}/plan/").text


def test_the_second_to_save_the_plan_is_told(make, session, browser, drill):
    page = browser.get(f"/drills/{drill.id}/plan/edit")
    stale = page.select_one("[name=version]")["value"]
    form = {"scope": "Trung tâm dữ liệu", "detect_target_minutes": "30", "version": stale}
    browser.post(f"/drills/{drill.id}/plan/edit", form)
    assert (drill.scope, drill.detect_target_minutes) == ("Trung tâm dữ liệu", 30)
    browser.post(f"/drills/{drill.id}/plan/edit", form | {"scope": "Khác"}, status=409)
    with pytest.raises(Conflict):
        planning.write_plan(session, drill, PlanDetails(), by=None, version=0)


def test_people_get_their_parts_and_sides_on_one_page(make, session, browser, drill):
    player, referee = make.person(), make.person()
    make.named(drill, player, Part.PLAYER)
    make.named(drill, referee, Part.PLAYER)
    side = make.side(drill, "soc")
    team = make.team()
    make.save(DrillTeam(drill_id=drill.id, team_id=team.id))
    browser.post(
        f"/drills/{drill.id}/parts",
        {
            f"person-{player.id}": "blue",
            f"side-{player.id}": str(side.id),
            f"person-{referee.id}": "white",
            f"side-{referee.id}": "",
            f"team-{team.id}": "red",
        },
    )
    parts = {link.person_id: (link.part, link.side_id) for link in people.named(session, drill)}
    assert parts == {player.id: (Part.BLUE, side.id), referee.id: (Part.WHITE, None)}
    assert people.teams(session, drill)[0].part is Part.RED


def test_a_side_that_injects_are_addressed_to_cannot_be_taken_out(make, session, browser, drill):
    browser.post(f"/drills/{drill.id}/sides/new", {"side_key": "SOC", "side_name": "Tổ trực"})
    [side] = drill.sides
    assert side.key == "soc"
    browser.post(
        f"/drills/{drill.id}/sides/new", {"side_key": "soc", "side_name": "Khác"}, status=422
    )
    make.inject(drill, sides=[side])
    browser.post(f"/drills/{drill.id}/sides/drop", {"side": side.id}, status=409)


def test_the_scenario_panel_is_for_those_who_know(app, make, session, drill):
    make.organisation()
    drill.scenario_version_id = make.scenario(title="Mã độc trong đêm").newest.id
    make.save(drill)
    planner, player = (make.person(role=Role.SECURITY_TEAM) for _ in range(2))
    make.named(drill, player, Part.BLUE)
    path = f"/drills/{drill.id}/plan/"
    assert "Mã độc trong đêm" in Browser(app, session, as_=planner).get(path).text
    browser = Browser(app, session, as_=player)
    assert "Mã độc trong đêm" not in browser.get(path).text
    browser.get(f"/drills/{drill.id}/scenario", status=403)


def test_a_scenario_one_is_to_play_cannot_be_pinned(app, make, session, drill):
    scenario = make.scenario()
    played = make.drill(scenario_version_id=scenario.newest.id)
    planner = make.person(role=Role.SECURITY_TEAM)
    make.named(played, planner, Part.PLAYER)
    browser = Browser(app, session, as_=planner)
    page = browser.post(
        f"/drills/{drill.id}/scenario", {"version_id": scenario.newest.id}, status=422
    )
    assert scenario.title not in page.text
    assert drill.scenario_version_id is None


# Documents


def test_a_document_is_kept_with_its_file_and_handed_out(make, session, browser, drill):
    from io import BytesIO

    pdf = BytesIO(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
    browser.post(
        f"/drills/{drill.id}/documents/new",
        {"kind": "decision", "number": "12/QĐ-STTTT", "dated": "01/11/2026",
         "file": (pdf, "Quyết định.pdf")},
        content_type="multipart/form-data",
    )  # fmt: skip
    [paper] = planning.documents(session, drill, browser.person)
    answer = browser.raw(f"/drill-documents/{paper.id}/file")
    assert answer.data.startswith(b"%PDF-1.4")
    assert "attachment" in answer.headers["Content-Disposition"]
    answer.close()
    browser.post(f"/drills/{drill.id}/documents/new", {"kind": "plan"}, status=422)


def test_a_scenario_handed_in_as_a_file_is_hidden_from_players(app, make, session, browser, drill):
    browser.post(
        f"/drills/{drill.id}/documents/new", {"kind": "scenario", "title": "Kịch bản chi tiết"}
    )
    player = make.person(role=Role.SECURITY_TEAM)
    make.named(drill, player, Part.PLAYER)
    page = Browser(app, session, as_=player).get(f"/drills/{drill.id}/plan/")
    assert "Kịch bản chi tiết" not in page.text
    [paper] = planning.documents(session, drill, browser.person)
    Browser(app, session, as_=player).post(f"/drill-documents/{paper.id}/drop", status=404)


# Readiness


SAFE = SafetyDetails(
    authorisation_number="45/QĐ-UBND",
    rules="Không đọc dữ liệu",
    stop_word="HOÀNG HÔN",
)


def safe(make, **more):
    from dataclasses import replace
    from datetime import date

    whole = {"authorisation_date": date(2026, 11, 1), "backup_at": make.now}
    return replace(SAFE, **whole | more)


def test_live_fire_does_not_start_without_what_protects_the_systems(make, session, browser, live):
    with pytest.raises(NotAllowedNow):
        move_drill(session, live, Status.RUNNING, "", by=browser.person)
    keep = safety.keep_safety
    record = keep(session, live, safe(make), file=None, version=0, by=browser.person)
    assert record.missing == []
    move_drill(session, live, Status.RUNNING, "", by=browser.person)
    assert live.status is Status.RUNNING


@pytest.mark.parametrize(
    "lacking", ["authorisation_number", "authorisation_date", "rules", "stop_word", "backup_at"]
)
def test_each_protection_that_is_missing_stops_the_start(make, session, live, lacking):
    empty = None if lacking in {"authorisation_date", "backup_at"} else ""
    details = safe(make, **{lacking: empty})
    safety.keep_safety(session, live, details, file=None, version=0, by=None)
    assert len(readiness.missing(session, live)) == 1
    with pytest.raises(NotAllowedNow):
        readiness.refuse_start(session, live)


def test_a_go_with_a_reason_lets_live_fire_start(make, session, browser, live):
    page = browser.post(f"/drills/{live.id}/go", {"go-answer": "go"}, status=422)
    assert "stop word" in page.text.lower() or "missing" in page.text.lower()
    browser.post(
        f"/drills/{live.id}/go", {"go-answer": "go", "go-reason": "Chủ quản đồng ý bằng lời"}
    )
    readiness.refuse_start(session, live)
    [decision] = readiness.decisions(session, live)
    assert (decision.answer, decision.decided_by_id) == (Go.GO, browser.person.id)


def test_a_no_go_stops_every_kind_of_drill_until_it_is_decided_anew(make, session, drill):
    with pytest.raises(DomainError):
        readiness.decide(session, drill, Go.NO_GO, "", by=None, at=make.now)
    readiness.decide(session, drill, Go.NO_GO, "Bão số 12", by=None, at=make.now)
    with pytest.raises(NotAllowedNow):
        readiness.refuse_start(session, drill)
    readiness.decide(session, drill, Go.GO, "", by=None, at=make.now)
    readiness.refuse_start(session, drill)


def test_the_page_of_a_live_fire_drill_says_what_is_missing(make, session, browser, live):
    path = f"/drills/{live.id}/"
    assert "/readiness" in str(browser.get(path).select_one("#missing"))
    browser.post(f"/drills/{live.id}/status", {"status": "running"}, status=409)
    safety.keep_safety(session, live, safe(make), file=None, version=0, by=None)
    assert not browser.get(path).select("#missing")
    browser.post(f"/drills/{live.id}/status", {"status": "running"})
    assert live.status is Status.RUNNING


def test_a_tabletop_starts_without_ceremony(session, drill):
    readiness.refuse_start(session, drill)
    assert readiness.missing(session, drill) == []


def test_tasks_are_noted_with_who_and_when_and_one_may_add_tasks(make, session, browser, drill):
    browser.post(f"/drills/{drill.id}/readiness/new", {"more-text": "Mượn phòng họp số 2"})
    keys = [task.key for task in readiness.tasks(session, drill, None)]
    assert keys[-1] == "own-1"
    assert "stop_word" not in keys
    states = {f"state-{key}": "open" for key in keys} | {f"note-{key}": "" for key in keys}
    browser.post(
        f"/drills/{drill.id}/readiness",
        states | {"state-own-1": "done", "note-own-1": "Đã giữ chỗ", "state-room": "not_needed"},
    )
    tasks = {task.key: task for task in readiness.tasks(session, drill, None)}
    assert tasks["own-1"].done_by == browser.person.name
    assert tasks["own-1"].note == "Đã giữ chỗ"
    assert tasks["room"].state is Readiness.NOT_NEEDED
    assert tasks["roster"].is_open
    assert session.query(ReadinessItem).count() == 2


def test_what_the_safety_record_says_is_not_ticked_by_hand(make, session, browser, live):
    ticked = {f"state-{key}": "done" for key in ("roster", "contacts", "scenario", "control",
                                                 "room", "rollback", "monitoring", "stop_word")}  # fmt: skip
    browser.post(f"/drills/{live.id}/readiness", ticked)
    tasks = readiness.tasks(session, live, None)
    assert {task.key for task in tasks if task.is_open} == {
        "authorisation", "rules", "stop_word", "backup"
    }  # fmt: skip
    safety.keep_safety(session, live, safe(make), file=None, version=0, by=None)
    tasks = readiness.tasks(session, live, readiness.safety_of(session, live))
    assert not next(task for task in tasks if task.key == "stop_word").is_open


# Safety


def test_the_safety_record_keeps_the_moments_of_the_drills_zone(make, session, browser, live):
    browser.post(
        f"/drills/{live.id}/safety/edit",
        {"authorisation_number": "45/QĐ-UBND", "authorisation_date": "01/11/2026",
         "window_from_day": "03/12/2026", "window_from_time": "08:00",
         "window_to_day": "04/12/2026", "stop_word": "HOÀNG HÔN", "version": "0"},
    )  # fmt: skip
    record = session.query(SafetyRecord).one()
    assert record.window_from.isoformat() == "2026-12-03T01:00:00+00:00"
    assert record.window_to.astimezone(live.zone).strftime("%d %H:%M") == "04 23:59"
    assert "HOÀNG HÔN" in browser.get(f"/drills/{live.id}/safety").text
    stale = {"stop_word": "KHÁC", "version": "0"}
    browser.post(f"/drills/{live.id}/safety/edit", stale, status=409)


def test_vulnerabilities_are_restricted_and_say_when_they_are_late(app, make, session, live):
    from datetime import date

    make.vulnerability(live, title="Tài khoản mặc định", fix_by=date(2026, 11, 1))
    planner = Browser(app, session, as_=make.person(role=Role.SECURITY_TEAM))
    page = planner.get(f"/drills/{live.id}/safety")
    assert "Tài khoản mặc định" in page.text
    assert page.select("#vulnerabilities .st.late")
    manager = Browser(app, session, as_=make.person(role=Role.MANAGER))
    assert "Tài khoản mặc định" not in manager.get(f"/drills/{live.id}/safety").text


# Attendance


def test_attendance_is_ticked_for_everybody_and_can_be_mended(make, session, browser, drill):
    first, second = make.person(), make.person()
    for person in (first, second):
        make.named(drill, person, Part.PLAYER)
    path = f"/drills/{drill.id}/attendance"
    browser.post(path, {f"person-{first.id}": "present", f"person-{second.id}": ""})
    assert people.attendance(session, drill) == {first.id: Presence.PRESENT}
    browser.post(path, {f"person-{first.id}": "", f"person-{second.id}": "late"})
    assert people.attendance(session, drill) == {second.id: Presence.LATE}
    page = browser.get(f"/people/{second.id}/drills/")
    assert drill.title in page.text
    assert page.select(".st.turn")


def test_a_player_does_not_note_attendance(app, make, session, drill):
    player = make.person(role=Role.IR_MEMBER)
    make.named(drill, player, Part.PLAYER)
    Browser(app, session, as_=player).get(f"/drills/{drill.id}/attendance", status=403)


# Copying


def planned_in_full(make):
    earlier = make.drill(scope="Trung tâm dữ liệu", detect_target_minutes=30)
    player = make.person()
    side = make.side(earlier, "soc")
    make.named(earlier, player, Part.BLUE, side_id=side.id)
    objective = make.objective(earlier, rating="P")
    first = make.inject(earlier, sides=[side], objective=objective, title="Tệp bị mã hoá",
                        released_at=make.now, extra={"ghi-chu": "x"})  # fmt: skip
    make.inject(earlier, depends_on=first)
    make.save(ReadinessItem(drill=earlier, key="own-1", text="Mượn phòng", state=Readiness.DONE))
    return earlier, player


def form_of(page):
    fields = {}
    for control in page.select("main form.form [name]"):
        if control.get("type") == "checkbox" and not control.has_attr("checked"):
            continue
        if control.name == "select":
            chosen = [o["value"] for o in control.select("option[selected]")]
            fields[control["name"]] = chosen if control.has_attr("multiple") else "".join(chosen)
        elif control["name"] in fields:
            fields[control["name"]] = [*fields[control["name"]], control["value"]] if isinstance(
                fields[control["name"]], list) else [fields[control["name"]], control["value"]]  # fmt: skip
        else:
            fields[control["name"]] = control.get("value") or control.text.strip()
    return fields


def test_a_copy_takes_the_plan_over_and_leaves_the_day_behind(make, session, browser):
    make.organisation()
    earlier, player = planned_in_full(make)
    form = form_of(browser.get(f"/drills/new?copy={earlier.id}"))
    assert set(form["what"]) == {"objectives", "plan", "sides", "readiness", "injects"}
    browser.post(f"/drills/new?copy={earlier.id}", form)
    copy = session.query(Drill).filter(Drill.id != earlier.id).one()
    assert (copy.scope, copy.detect_target_minutes) == ("Trung tâm dữ liệu", 30)
    assert copy.copied_from_id == earlier.id
    [objective] = planning.objectives(session, copy)
    assert objective.rating is None
    [side] = copy.sides
    [link] = copy.people
    assert (link.person_id, link.part, link.side_id) == (player.id, Part.BLUE, side.id)
    injects = session.query(type(make.inject(copy))).filter_by(drill_id=copy.id).all()[:2]
    assert [one.status.value for one in injects] == ["planned", "planned"]
    assert injects[0].sides == [side]
    assert injects[0].objective_id == objective.id
    assert injects[1].depends_on_id == injects[0].id
    tasks = readiness.tasks(session, copy, None)
    assert [(t.label, t.is_open) for t in tasks if t.is_own] == [("Mượn phòng", True)]


def test_injects_one_may_not_know_cannot_be_copied(app, make, session):
    make.organisation()
    earlier, _player = planned_in_full(make)
    person = make.person(role=Role.SECURITY_TEAM)
    make.named(earlier, person, Part.PLAYER)
    page = Browser(app, session, as_=person).get(f"/drills/new?copy={earlier.id}")
    assert "injects" not in form_of(page)["what"]
    with pytest.raises(DomainError):
        copying.take_over(session, earlier, make.drill(), {"injects"}, by=person)


# Systems and people


def test_a_system_of_level_3_that_was_never_drilled_is_told_so(make, session, browser):
    make.organisation()
    system = make.system(level=3)
    path = f"/systems/{system.id}/drills/"
    assert browser.get(path).select(".note.warn")
    drill = make.drill(status=Status.COMPLETED, starts_at=make.now.replace(month=3))
    drill.systems = [system]
    make.save(drill)
    page = browser.get(path)
    assert not page.select(".note.warn")
    assert drill.title in page.text


def test_systems_of_the_higher_levels_show_when_they_were_last_drilled(
    make, session, browser, queries
):
    make.organisation()
    never, tabletop, live, low = (
        make.system(level=level, name=name)
        for level, name in (
            (3, "Chưa lần nào"),
            (4, "Chỉ trên bàn"),
            (5, "Thực chiến"),
            (2, "Thấp"),
        )
    )
    past = make.now.replace(month=3)
    for kind, system in (("tabletop", tabletop), ("live_fire", live)):
        drill = make.drill(kind_key=kind, status=Status.COMPLETED, starts_at=past)
        drill.systems = [system, low]
        make.save(drill)
    make.save(make.drill(kind_key="live_fire", systems=[never]))

    def names(query=""):
        page = browser.get(f"/drills/coverage/{query}")
        return [link.text for link in page.select("#systems th.name a")]

    assert names() == [never.name, tabletop.name, live.name]
    assert names("?show=never") == [never.name]
    assert names("?show=late") == [never.name, tabletop.name]
    with queries() as seen:
        browser.raw("/drills/coverage/")
    assert len(seen) <= 8


def test_the_plan_asks_the_database_no_more_for_more_people(make, session, browser, live, queries):
    def cost():
        session.commit()
        with queries() as seen:
            browser.raw(f"/drills/{live.id}/plan/")
        return len(seen)

    def more(count):
        for _ in range(count):
            make.named(live, make.person(), Part.PLAYER)
            make.objective(live)
            make.vulnerability(live, system=make.system())
        asked = people.uninvited(session, live)
        people.invite(session, live, asked, by=None, at=make.now)

    more(2)
    few = cost()
    more(8)
    assert cost() <= few + 1 <= 24


def test_every_text_of_the_plan_is_vietnamese(make, session, app, live):
    person = make.person(role=Role.ADMINISTRATOR, language="vi")
    text = Browser(app, session, as_=person).get(f"/drills/{live.id}/plan/").text
    assert not re.search(r"\b(Objectives|Scope|Invitations|Safety|Ready)\b", text)
