"""Releasing injects and writing the log."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from drills.accounts.models import Role
from drills.core.errors import Conflict, NotAllowedNow, Refused
from drills.exercises.models import ClockAct, InjectStatus, LogEntry, LogKind, Part, Status
from drills.exercises.services import conduct, results
from drills.exercises.services.conduct import Known, LineDetails
from tests.conftest import NOW

KNOWN = Known(
    {"1": 11, "4": 44, "04B": 45},
    {"soc": 7, "SOC": 7, "van hanh": 8, "Vận hành TTDL": 8, "ung-cuu": 9},
)


@pytest.mark.parametrize(
    ("line", "inject", "side", "kind", "text"),
    [
        ("4 soc khống chế FS-01", 44, 7, LogKind.CONTAINED, "FS-01"),
        ("4 SOC đã khống chế FS-01", 44, 7, LogKind.CONTAINED, "FS-01"),
        ("soc 4 phat hien", 44, 7, LogKind.DETECTED, ""),
        ("TH4, vận hành ttdl: báo cáo lãnh đạo", 44, 8, LogKind.REPORTED, "lãnh đạo"),
        ("tình huống 4b", None, None, LogKind.NOTE, "tình huống 4b"),
        ("4 ung-cuu khống chế FS-01", 44, 9, LogKind.CONTAINED, "FS-01"),
        ("4 ứng cứu khống chế FS-01", 44, 9, LogKind.CONTAINED, "FS-01"),
        ("#04b contained", 45, None, LogKind.CONTAINED, ""),
        ("4 soc chưa khống chế được", 44, 7, LogKind.NOTE, "chưa khống chế được"),
        ("9 soc khống chế", None, None, LogKind.NOTE, "9 soc khống chế"),
        ("quyết định cô lập FS-01", None, None, LogKind.DECISION, "cô lập FS-01"),
        ("40 hộp thư", None, None, LogKind.NOTE, "40 hộp thư"),
        ("", None, None, LogKind.NOTE, ""),
    ],
)
def test_a_line_is_read_as_control_speaks(line, inject, side, kind, text):
    reading = conduct.read(line, KNOWN)
    assert (reading.inject_id, reading.side_id, reading.kind, reading.text) == (
        inject,
        side,
        kind,
        text,
    )


@settings(deadline=None)
@given(st.text(max_size=80), st.dictionaries(st.text(max_size=4), st.integers(), max_size=3))
def test_no_line_is_refused_and_no_unread_word_is_lost(line, names):
    reading = conduct.read(line, Known(names, names))

    if (reading.inject_id, reading.side_id, reading.kind) == (None, None, LogKind.NOTE):
        assert set(reading.text.split()) <= set(conduct.read(line, Known({}, {})).text.split())


@pytest.fixture
def drill(make):
    make.organisation()
    drill = make.drill(starts_at=NOW - timedelta(hours=1), status=Status.RUNNING)
    make.clock(drill, (ClockAct.START, drill.starts_at))
    return drill


@pytest.fixture
def control(make, drill):
    person = make.person(role=Role.IR_MEMBER)
    make.named(drill, person, Part.EXCON)
    return person


@pytest.fixture
def player(make, drill, soc):
    person = make.person(role=Role.IR_MEMBER)
    make.named(drill, person, Part.PLAYER, side_id=soc.id)
    return person


@pytest.fixture
def soc(make, drill):
    return make.side(drill, "soc")


def lines(session, drill):
    return [
        entry
        for entry in session.scalars(sa.select(LogEntry).order_by(LogEntry.id))
        if entry.drill_id == drill.id
    ]


def test_a_release_is_written_down_with_both_times_and_only_once(make, session, drill, control):
    inject = make.inject(drill)
    assert conduct.release(session, inject, by=control, at=NOW)
    assert not conduct.release(session, inject, by=control, at=NOW + timedelta(minutes=1))
    (line,) = lines(session, drill)
    assert (line.kind, line.at, line.exercise_seconds) == (LogKind.RELEASED, NOW, 3600)
    assert inject.released_exercise_seconds == 3600


def test_nothing_is_released_in_a_pause_before_the_start_or_after_the_end(make, session, drill):
    conduct.turn(session, drill, ClockAct.PAUSE, seen=1, by=None, at=NOW)
    inject = make.inject(drill)
    with pytest.raises(NotAllowedNow, match="resume"):
        conduct.release(session, inject, by=None, at=NOW)
    conduct.turn(session, drill, ClockAct.END, seen=2, by=None, at=NOW)
    with pytest.raises(NotAllowedNow, match="over"):
        conduct.release(session, inject, by=None, at=NOW)
    with pytest.raises(NotAllowedNow, match="not started"):
        conduct.release(session, make.inject(make.drill()), by=None, at=NOW)


def test_an_inject_waits_for_the_one_it_depends_on(make, session, drill, control):
    first = make.inject(drill)
    second = make.inject(drill, depends_on_id=first.id)
    with pytest.raises(NotAllowedNow, match=first.number):
        conduct.release(session, second, by=control, at=NOW)
    conduct.leave_out(session, first, "Hết giờ", by=control, at=NOW)
    conduct.release(session, second, by=control, at=NOW)
    assert second.status is InjectStatus.RELEASED


def test_what_is_released_is_not_left_out(make, session, drill, control):
    inject = make.inject(drill, released_at=NOW)
    with pytest.raises(NotAllowedNow):
        conduct.leave_out(session, inject, "", by=control, at=NOW)


def test_a_line_sent_twice_is_written_once(session, drill, control):
    details = LineDetails("Gọi VNPT", client_id="abc")
    first = conduct.write(session, drill, details, by=control, at=NOW)
    again = conduct.write(session, drill, details, by=control, at=NOW + timedelta(seconds=9))
    assert first is again
    assert len(lines(session, drill)) == 1


@pytest.mark.parametrize(
    ("ago", "kept", "late"),
    [
        (timedelta(minutes=20), timedelta(minutes=20), True),
        (timedelta(seconds=5), timedelta(seconds=5), False),
        (timedelta(days=9), timedelta(days=1), True),
        (-timedelta(hours=1), timedelta(), False),
    ],
)
def test_a_line_typed_offline_keeps_its_moment_within_reason(
    session, drill, control, ago, kept, late
):
    details = LineDetails("Cô lập FS-01", typed_at=NOW - ago)
    line = conduct.write(session, drill, details, by=control, at=NOW)
    assert (NOW - line.at, line.recorded_at, line.is_afterwards) == (kept, NOW, late)


def test_a_player_reports_for_their_side_and_control_stamps(make, session, drill, player, soc):
    red = make.side(drill, "red")
    inject = make.inject(drill, released_at=NOW, sides=[soc])
    details = LineDetails("FS-01", LogKind.CONTAINED, inject.id, red.id)
    line = conduct.write(session, drill, details, by=player, at=NOW)
    assert (line.kind, line.side_id) == (LogKind.REPORTED, soc.id)
    with pytest.raises(Refused):
        conduct.write(session, drill, LineDetails("", LogKind.RELEASED), by=player, at=NOW)


def test_a_player_cannot_name_what_is_not_released(make, session, drill, player):
    hidden, open_ = make.inject(drill), make.inject(drill, released_at=NOW)
    known = conduct.known_to(session, drill, player)
    assert known.injects == {open_.number: open_.id}
    assert conduct.read(f"{hidden.number} gì đó", known).inject_id is None


def test_a_stamp_stands_once_and_is_moved_by_a_correction(make, session, drill, control, soc):
    inject = make.inject(drill, sides=[soc])
    conduct.release(session, inject, by=control, at=NOW)
    later = NOW + timedelta(minutes=5)
    for _ in range(2):
        stamp = conduct.stamp(
            session, inject, conduct.Press(LogKind.DETECTED, soc.id), by=control, at=later
        )
    assert results.of_drill(session, drill).whole.mttd == 300
    conduct.adjust(session, stamp, -1, by=control, at=later, client_id="x")
    conduct.adjust(session, stamp, -1, by=control, at=later, client_id="x")
    assert results.of_drill(session, drill).whole.mttd == 240
    assert len(lines(session, drill)) == 3
    with pytest.raises(Conflict):
        conduct.adjust(session, stamp, -1, by=control, at=later, client_id="y")


def test_of_two_presses_the_earlier_counts_even_if_it_arrives_later(
    make, session, drill, control, soc
):
    """One of two phones had no connection; what it sends twice is noted once."""
    inject = make.inject(drill, sides=[soc])
    conduct.release(session, inject, by=control, at=NOW)
    later = NOW + timedelta(minutes=8)
    conduct.stamp(session, inject, conduct.Press(LogKind.DETECTED, soc.id), by=control, at=later)
    kept = conduct.Press(LogKind.DETECTED, soc.id, "k1", NOW + timedelta(minutes=5))
    first = conduct.stamp(session, inject, kept, by=control, at=later)
    assert conduct.stamp(session, inject, kept, by=control, at=later) is first
    assert results.of_drill(session, drill).whole.mttd == 300
    after = conduct.Press(LogKind.DETECTED, soc.id, "k2", NOW + timedelta(minutes=6))
    assert conduct.stamp(session, inject, after, by=control, at=later) is first
    assert len(lines(session, drill)) == 3


def test_nothing_is_detected_before_it_was_released_whatever_a_device_says(
    make, session, drill, control, soc
):
    inject = make.inject(drill, sides=[soc])
    conduct.release(session, inject, by=control, at=NOW)
    press = conduct.Press(LogKind.DETECTED, soc.id, "k", NOW - timedelta(hours=2))
    stamp = conduct.stamp(session, inject, press, by=control, at=NOW + timedelta(minutes=1))
    assert stamp.at == NOW
    assert results.of_drill(session, drill).whole.mttd == 0


def test_a_closed_drill_takes_no_stamp(make, session, drill, control, soc):
    inject = make.inject(drill, sides=[soc])
    conduct.release(session, inject, by=control, at=NOW)
    drill.status = Status.CLOSED
    with pytest.raises(NotAllowedNow):
        conduct.stamp(session, inject, conduct.Press(LogKind.CONTAINED, soc.id), by=control, at=NOW)


def test_a_withdrawn_stamp_counts_no_more(make, session, drill, control, soc):
    inject = make.inject(drill)
    conduct.release(session, inject, by=control, at=NOW)
    stamp = conduct.stamp(
        session, inject, conduct.Press(LogKind.DETECTED, soc.id), by=control, at=NOW
    )
    conduct.withdraw(session, stamp, by=control, at=NOW)
    whole = results.of_drill(session, drill).whole
    assert (whole.injects, whole.detected, whole.mttd) == (1, 0, None)


def test_nobody_corrects_what_another_player_wrote(make, session, drill, player):
    line = make.line(drill, by_id=make.person().id)
    with pytest.raises(Refused):
        conduct.correct(session, line, LineDetails("Khác"), by=player, at=NOW)


def test_a_release_is_not_withdrawn(make, session, drill, control):
    inject = make.inject(drill)
    conduct.release(session, inject, by=control, at=NOW)
    (line,) = lines(session, drill)
    with pytest.raises(NotAllowedNow):
        conduct.withdraw(session, line, by=control, at=NOW)
