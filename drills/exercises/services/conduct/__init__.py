"""Running a drill: its clock, its injects, its log."""

from drills.exercises.services.conduct.logging import (
    LineDetails,
    Press,
    Shift,
    adjust,
    adjust_stamp,
    correct,
    known_to,
    stamp,
    withdraw,
    write,
)
from drills.exercises.services.conduct.quick import LINE_MAX, Known, Reading, read
from drills.exercises.services.conduct.releasing import (
    leave_out,
    postpone,
    release,
    take_back_in,
)
from drills.exercises.services.conduct.timing import clock_of, events, turn

__all__ = [
    "LINE_MAX",
    "Known",
    "LineDetails",
    "Press",
    "Reading",
    "Shift",
    "adjust",
    "adjust_stamp",
    "clock_of",
    "correct",
    "events",
    "known_to",
    "leave_out",
    "postpone",
    "read",
    "release",
    "stamp",
    "take_back_in",
    "turn",
    "withdraw",
    "write",
]
