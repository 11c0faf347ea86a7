"""The board of exercise control, the players' page, the log."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.core.tabular import read
from drills.exercises.models import ClockAct, InjectStatus, LogEntry, LogKind, Part, Status
from tests.browser import Browser
from tests.conftest import NOW


@pytest.fixture
def drill(make):
    make.organisation()
    drill = make.drill(starts_at=NOW - timedelta(hours=1), status=Status.RUNNING)
    make.clock(drill, (ClockAct.START, drill.starts_at))
    return drill


@pytest.fixture
def soc(make, drill):
    return make.side(drill, "soc", name="SOC")


@pytest.fixture
def control(app, make, session, drill):
    person = make.person(role=Role.IR_MEMBER)
    make.named(drill, person, Part.EXCON)
    return Browser(app, session, as_=person)


@pytest.fixture
def player(app, make, session, drill, soc):
    person = make.person(role=Role.IR_MEMBER)
    make.named(drill, person, Part.PLAYER, side_id=soc.id)
    return Browser(app, session, as_=person)


def shown(statements):
    return "\n".join(
        re.sub(r"SELECT .*? FROM", "FROM", re.sub(r"\s+", " ", q))[:160] for q in statements
    )


def text(page):
    return " ".join(page.main.text.split())


def entries(session):
    return session.scalars(sa.select(LogEntry).order_by(LogEntry.id)).all()


def pulse(browser, drill, revision, page="conduct"):
    return browser.raw(
        f"/drills/{drill.id}/{page}/pulse", headers={"If-None-Match": f'"{revision}"'}
    )


def test_a_drill_is_started_run_and_ended_by_its_buttons(make, app, session):
    make.organisation()
    drill = make.drill(starts_at=NOW)
    first = make.inject(drill, title="Thư lạ", offset_seconds=0)
    browser = Browser(app, session, as_=make.person(role=Role.SECURITY_TEAM))
    address = f"/drills/{drill.id}/conduct/"
    assert "T+00:00:00" in text(browser.get(address))
    browser.post(f"{address}clock", {"act": "start", "seen": 0}, status=303)
    assert "Thư lạ" in browser.get(address).select_one("[data-next]").text
    browser.post(f"/injects/{first.id}/release", status=303)
    for n, act in enumerate(("pause", "resume", "end"), start=1):
        browser.post(f"{address}clock", {"act": act, "seen": n}, status=303)
    session.refresh(drill)
    assert drill.status is Status.COMPLETED
    assert [entry.kind for entry in entries(session)] == [LogKind.RELEASED]


def test_two_controllers_cannot_start_twice(control, drill):
    address = f"/drills/{drill.id}/conduct/clock"
    control.post(address, {"act": "pause", "seen": 1}, status=303)
    control.post(address, {"act": "pause", "seen": 1}, status=303)
    control.post(address, {"act": "end", "seen": 1}, status=409)


def test_a_player_is_led_to_the_players_page_and_may_not_press(make, player, drill, soc):
    inject = make.inject(drill, released_at=NOW, sides=[soc])
    assert player.raw(f"/drills/{drill.id}/conduct/").location.endswith(f"/drills/{drill.id}/play/")
    for address in (
        f"/injects/{inject.id}/release",
        f"/injects/{inject.id}/stamp",
        f"/drills/{drill.id}/conduct/clock",
    ):
        player.post(address, status=403)
    assert player.raw(f"/drills/{drill.id}/conduct/pulse").status_code == 302
    assert player.raw(f"/drills/{drill.id}/conduct/sheet").status_code == 403


def test_players_see_what_is_released_and_nothing_of_what_is_expected(
    make, player, drill, soc, session
):
    make.inject(drill, title="Chưa phát", content="Bí mật 1")
    make.inject(
        drill,
        title="Đã phát",
        content="Máy chủ báo lỗi",
        expected_action="Bí mật 2",
        released_at=NOW,
        sides=[soc],
    )
    red = make.side(drill, "red", name="Đỏ")
    make.inject(drill, title="Bí mật 3", released_at=NOW, sides=[red])
    for address in ("play/", "log/", "play/pulse", "evaluation/", "log.csv"):
        answer = player.raw(f"/drills/{drill.id}/{address}").text
        assert "Bí mật" not in answer, address
        assert "Chưa phát" not in answer or address == "play/", address
    page = player.get(f"/drills/{drill.id}/play/")
    assert "Máy chủ báo lỗi" in text(page)
    assert len(page.select("#board-injects section")) == 1


def test_the_quick_log_stores_a_line_once_and_says_how_it_was_read(
    make, control, drill, soc, session
):
    inject = make.inject(drill, number="4", released_at=NOW, sides=[soc])
    data = {"line": "4 soc khống chế FS-01", "client_id": "dup"}
    for _ in range(2):
        answer = control.client.post(
            f"/drills/{drill.id}/log/", data=data, headers={"Accept": "application/json"}
        )
    assert answer.json["says"].endswith("FS-01")
    assert "SOC" in answer.json["says"]
    (entry,) = entries(session)
    assert (entry.inject_id, entry.side_id, entry.kind) == (inject.id, soc.id, LogKind.CONTAINED)


def test_a_button_sets_the_kind_where_the_line_does_not(control, drill, session):
    control.post(f"/drills/{drill.id}/log/", {"line": "họp", "kind": "decision"}, status=303)
    control.post(f"/drills/{drill.id}/log/", {"line": "họp", "kind": "released"}, status=303)
    assert [entry.kind for entry in entries(session)] == [LogKind.DECISION, LogKind.NOTE]


def test_a_line_kept_offline_comes_with_its_moment_by_the_devices_own_clock(
    control, drill, session
):
    data = {"line": "mất mạng", "typed_at": "5000,605000"}
    control.post(f"/drills/{drill.id}/log/", data, status=303)
    (entry,) = entries(session)
    assert (NOW - entry.at, entry.is_afterwards) == (timedelta(minutes=10), True)
    assert "gửi sau" in text(control.get(f"/drills/{drill.id}/log/"))


def test_an_empty_line_is_answered_in_words(control, drill):
    answer = control.client.post(
        f"/drills/{drill.id}/log/", data={"line": " "}, headers={"Accept": "application/json"}
    )
    assert (answer.status_code, bool(answer.json["says"])) == (422, True)


def test_the_pulse_says_nothing_until_something_happens(make, control, drill, session):
    inject = make.inject(drill)
    page = control.get(f"/drills/{drill.id}/conduct/")
    revision = page.select_one("#board")["data-revision"]
    quiet = pulse(control, drill, revision)
    assert (quiet.status_code, quiet.data) == (304, b"")
    headers = "".join(f"{name}: {value}\r\n" for name, value in quiet.headers)
    assert len(headers) < 220, headers
    seen = revision
    for address, data in (
        ("log", {"line": "gì đó"}),
        ("clock", {"act": "pause", "seen": 1}),
        ("clock", {"act": "resume", "seen": 2}),
        ("postpone", {"minutes": 5}),
        ("release", {}),
    ):
        place = {
            "log": f"/drills/{drill.id}/log/",
            "clock": f"/drills/{drill.id}/conduct/clock",
        }.get(address, f"/injects/{inject.id}/{address}")
        control.post(place, data, status=303)
        answer = pulse(control, drill, seen)
        assert answer.status_code == 200, address
        seen = answer.headers["ETag"].strip('"')


def test_the_players_page_shows_control_what_players_see(make, control, drill, soc):
    """Of all sides; what control notes for itself is not on it, and does not wake it."""
    make.line(drill, side=soc, text="Bên SOC báo")
    page = control.get(f"/drills/{drill.id}/play/")
    revision = page.select_one("#board")["data-revision"]
    make.line(drill, text="Ghi riêng của điều hành", by=control.person)
    assert pulse(control, drill, revision, "play").status_code == 304
    told = text(control.get(f"/drills/{drill.id}/play/"))
    assert "Bên SOC báo" in told
    assert "Ghi riêng" not in told
    assert "Ghi riêng" in text(control.get(f"/drills/{drill.id}/conduct/"))


def test_a_players_pulse_is_quiet_while_others_log(make, player, control, drill, soc):
    page = player.get(f"/drills/{drill.id}/play/")
    revision = page.select_one("#board")["data-revision"]
    control.post(f"/drills/{drill.id}/log/", {"line": "riêng ban tổ chức"}, status=303)
    assert pulse(player, drill, revision, "play").status_code == 304
    inject = make.inject(drill, sides=[soc])
    assert pulse(player, drill, revision, "play").status_code == 304
    control.post(f"/injects/{inject.id}/release", status=303)
    assert pulse(player, drill, revision, "play").status_code == 200


def test_a_stamp_and_its_correction_show_on_the_board(make, control, drill, soc, session):
    released = NOW - timedelta(minutes=10)
    inject = make.inject(
        drill, sides=[soc], released_at=released, released_exercise_seconds=50 * 60
    )
    stamp = {"kind": "detected", "side": soc.id}
    control.post(f"/injects/{inject.id}/stamp", stamp, status=303)
    control.post(f"/injects/{inject.id}/stamp", stamp, status=303)
    shift = stamp | {"minutes": -1, "client_id": "k"}
    for _ in range(2):
        control.post(f"/injects/{inject.id}/adjust", shift, status=303)
    assert len(entries(session)) == 2
    assert "Phát hiện: 9 phút" in text(control.get(f"/drills/{drill.id}/conduct/"))


def test_a_stamp_that_waited_on_a_device_is_noted_at_the_moment_it_was_pressed(
    make, control, drill, soc, session
):
    inject = make.inject(drill, sides=[soc], released_at=NOW - timedelta(minutes=10))
    waited = {"client_id": "abc", "typed_at": f"1000,{1000 + 4 * 60_000}"}
    for _ in range(2):
        answer = control.client.post(
            f"/injects/{inject.id}/stamp",
            data={"kind": "contained", "side": soc.id} | waited,
            headers={"Accept": "application/json"},
        )
        assert answer.status_code == 200
        assert soc.name in answer.json["says"]
    (entry,) = entries(session)
    assert entry.at == NOW - timedelta(minutes=4)
    assert entry.kind is LogKind.CONTAINED


def test_a_line_is_corrected_by_a_new_one_and_both_are_read(make, control, drill, session):
    line = make.line(drill, text="Sai", by_id=control.person.id, at=NOW - timedelta(minutes=5))
    page = control.get(f"/log/{line.id}/correct")
    data = {f["name"]: f.get("value", "") for f in page.select("main form.form input[name]")}
    data |= {"text": "Đúng", "kind": "note", "inject_id": "", "side_id": ""}
    control.post(f"/log/{line.id}/correct", data)
    said = text(control.get(f"/drills/{drill.id}/log/"))
    assert "Sai" in said
    assert "Đúng" in said
    new = entries(session)[-1]
    assert (new.corrects_id, new.at) == (line.id, line.at)
    control.post(f"/log/{line.id}/withdraw", status=409)


def test_the_log_is_filtered_and_exported(make, control, drill, soc):
    make.line(drill, text="=1+1", kind=LogKind.DECISION)
    make.line(drill, text="Cô lập", side=soc)
    page = control.get(f"/drills/{drill.id}/log/?kind=decision")
    assert len(page.select("ol.log li")) == 1
    assert len(control.get(f"/drills/{drill.id}/log/?q=cô").select("ol.log li")) == 1
    assert len(control.get(f"/drills/{drill.id}/log/?side={soc.id}").select("ol.log li")) == 1
    for form in ("csv", "xlsx"):
        sheet = read(
            BytesIO(control.raw(f"/drills/{drill.id}/log.{form}").data), f"a.{form}", limit=100
        )
        assert [row.cells[5].lstrip("'") for row in sheet.rows] == ["=1+1", "Cô lập"]


def test_papers_carry_the_stamp_and_only_control_gets_the_injects(make, control, player, drill):
    make.inject(drill, title="Chỉ cho ban tổ chức", expected_action="Ngắt mạng")
    sheet = control.get(f"/drills/{drill.id}/conduct/sheet")
    assert "Ngắt mạng" in text(sheet)
    blank = player.get(f"/drills/{drill.id}/conduct/blank")
    for page in (sheet, blank):
        assert "DIỄN TẬP" in text(page)


def test_leaving_out_and_moving(make, control, drill, session):
    inject = make.inject(drill, offset_seconds=7200)
    control.post(f"/injects/{inject.id}/postpone", {"minutes": 5}, status=303)
    control.post(f"/injects/{inject.id}/leave-out", {"reason": "Hết giờ"}, status=303)
    session.refresh(inject)
    assert (inject.offset_seconds, inject.status) == (7500, InjectStatus.SKIPPED)
    control.post(f"/injects/{inject.id}/take-back-in", status=303)
    session.refresh(inject)
    assert inject.status is InjectStatus.PLANNED


def test_the_board_takes_as_many_queries_for_a_long_drill_as_for_a_short_one(
    make, control, drill, soc, queries
):
    for n in range(30):
        inject = make.inject(drill, sides=[soc], released_at=NOW if n < 15 else None)
        make.line(drill, inject=inject, side=soc, kind=LogKind.DETECTED, by_id=control.person.id)
    for address, limit in (("conduct/", 8), ("play/", 8), ("conduct/pulse", 7), ("log/", 8)):
        with queries() as seen:
            control.raw(f"/drills/{drill.id}/{address}")
        assert len(seen) <= limit, shown(seen)
