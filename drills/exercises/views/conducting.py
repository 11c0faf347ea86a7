"""What the pages of a running drill say: lines, spans of time, lanes."""

from datetime import datetime, timedelta

from flask import abort
from flask_babel import gettext as _
from flask_babel import ngettext

from drills.accounts.models import Person
from drills.exercises.answering import survey_address
from drills.exercises.models import (
    CLOCK_ACTS,
    LOG_KINDS,
    ClockAct,
    Drill,
    LogEntry,
    LogKind,
)
from drills.exercises.models.results import Outcome
from drills.exercises.services import surveys
from drills.exercises.services.conduct.board import Board, Slot
from drills.extensions import db
from drills.web.filters import clock as of_day
from drills.web.lanes import Bar, Lanes
from drills.web.lanes import lanes as place

MINUTE = 60


def told(entry: LogEntry) -> str:
    """A line in one sentence: inject, side, kind and what was typed."""
    about = []
    if entry.inject_id and entry.inject:
        about.append(_("inject %(number)s", number=entry.inject.number))
    if entry.side_id and entry.side:
        about.append(entry.side.name)
    if entry.kind is not LogKind.NOTE:
        about.append(_(LOG_KINDS[entry.kind]))
    head = ", ".join(about)
    head = head[:1].upper() + head[1:]
    return ": ".join(part for part in (head, entry.text) if part)


def after(seconds: float | None) -> str:
    """How long something took: ``7 minutes``, ``2 h 05 min``; nothing where it was not noted."""
    if seconds is None:
        return ""
    minutes = round(seconds / MINUTE)
    if minutes < 2 * MINUTE:
        return str(ngettext("%(num)s minute", "%(num)s minutes", minutes))
    hours, rest = divmod(minutes, MINUTE)
    return str(_("%(hours)s h %(minutes)s min", hours=hours, minutes=f"{rest:02}"))


def exercise_time(seconds: int) -> str:
    """``T+01:42:12`` or ``T-00:05:00``."""
    hours, rest = divmod(abs(seconds), MINUTE * MINUTE)
    minutes, rest = divmod(rest, MINUTE)
    return f"T{'-' if seconds < 0 else '+'}{hours:02}:{minutes:02}:{rest:02}"


def due(slot: Slot, now: datetime) -> str:
    """How long until an inject is due, ``02:48``, or since."""
    if slot.due_at is None:
        return ""
    seconds = int(abs((slot.due_at - now).total_seconds()))
    minutes, rest = divmod(seconds, MINUTE)
    return f"{minutes:02}:{rest:02}"


def turn(act: ClockAct) -> str:
    return str(_(CLOCK_ACTS[act]))


def side_of(drill: Drill, side_id: int | None) -> int | None:
    """The id of a side of this drill, None for all; another drill's does not exist."""
    if side_id is not None and all(side.id != side_id for side in drill.sides):
        abort(404)
    return side_id


def lanes(drill: Drill, board: Board, now: datetime) -> Lanes | None:
    """One lane for each side, an inject for each of its receivers."""
    if not any(slot.due_at for slot in board.slots):
        return None
    names = [side.name for side in board.sides] or [_("Everybody")]
    places = {side.id: number for number, side in enumerate(board.sides)}
    bars = [bar for slot in board.slots for bar in _bars(slot, places)]
    begin = board.clock.started_at or drill.starts_at
    length = max(drill.ends_at - drill.starts_at, timedelta(minutes=30))
    end = board.clock.ended_at or begin + length
    here = now if board.clock.is_running or board.clock.is_paused else None
    return place(names, bars, begin, max(end, here or end), here)


def _bars(slot: Slot, places: dict[int, int]) -> list[Bar]:
    if slot.due_at is None:
        return []
    if slot.is_released:
        return [_bar(slot, row, places.get(row.side_id or 0, 0)) for row in slot.outcomes]
    if not slot.is_planned:
        return []
    receivers = [places[side.id] for side in slot.sides] or [0]
    number = slot.inject.number
    says = _("Inject %(number)s, due %(time)s", number=number, time=of_day(slot.due_at))
    return [Bar(lane, slot.due_at, number, says, is_planned=True) for lane in receivers]


def _bar(slot: Slot, row: Outcome, lane: int) -> Bar:
    """In a pause nothing happens: exercise time after the release is close enough to draw."""
    assert slot.due_at is not None
    detected, contained = (
        None if seconds is None else slot.due_at + timedelta(seconds=seconds)
        for seconds in (row.detected_after, row.contained_after)
    )
    parts = [
        _("Inject %(number)s, released %(time)s", number=row.sent.number, time=of_day(slot.due_at))
    ]
    if row.detected_after is not None:
        parts.append(_("detected after %(time)s", time=after(row.detected_after)))
    if row.contained_after is not None:
        parts.append(_("contained after %(time)s", time=after(row.contained_after)))
    return Bar(lane, slot.due_at, row.sent.number, ", ".join(parts), detected, contained)


def own_survey(drill: Drill, person: Person, at: datetime) -> str | None:
    """The address of this person's sheet of the hot wash, while they may still fill it in."""
    mine = surveys.invitation_of(db.session, drill, person)
    if mine is None or mine.has_answered or not mine.survey.is_open(at):
        return None
    return survey_address(mine)
