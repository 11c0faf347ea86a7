"""The kinds of reminders there are: one entry each, and nothing else to register."""

from collections.abc import Mapping

from drills.reminders.kinds.approvals import APPROVALS
from drills.reminders.kinds.drills import DRILLS
from drills.reminders.kinds.findings import FINDINGS
from drills.reminders.kinds.kind import (
    At,
    Audience,
    Default,
    Direction,
    Kind,
    LeadUnit,
    Until,
)
from drills.reminders.kinds.obligations import OBLIGATIONS
from drills.reminders.kinds.own import failed_delivery
from drills.reminders.kinds.participation import PARTICIPATION
from drills.reminders.kinds.people import AUDIENCES, BECAUSE
from drills.reminders.kinds.roster import ROSTER

_ABOUT = (*DRILLS, *PARTICIPATION, *APPROVALS, *FINDINGS, *OBLIGATIONS, *ROSTER)
KINDS: Mapping[str, Kind] = {kind.key: kind for kind in (*_ABOUT, failed_delivery(_ABOUT))}

__all__ = [
    "AUDIENCES",
    "BECAUSE",
    "KINDS",
    "At",
    "Audience",
    "Default",
    "Direction",
    "Kind",
    "LeadUnit",
    "Until",
]
