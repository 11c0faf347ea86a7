"""The kinds of reminders there are: one entry each, and nothing else to register."""

from collections.abc import Mapping

from drills.reminders.kinds.drills import DRILLS
from drills.reminders.kinds.kind import (
    At,
    Audience,
    Default,
    Direction,
    Kind,
    LeadUnit,
    Until,
)
from drills.reminders.kinds.people import AUDIENCES

KINDS: Mapping[str, Kind] = {kind.key: kind for kind in DRILLS}

__all__ = [
    "AUDIENCES",
    "KINDS",
    "At",
    "Audience",
    "Default",
    "Direction",
    "Kind",
    "LeadUnit",
    "Until",
]
