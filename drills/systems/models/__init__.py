"""Information systems: the record, and the questions that lists of them ask."""

from drills.systems.models.record import (
    APPROVALS,
    LEVELS,
    SYSTEM_KINDS,
    SYSTEM_STATUSES,
    Approval,
    InformationSystem,
    SystemDetails,
    SystemKind,
    SystemStatus,
)
from drills.systems.models.register import (
    REVIEWS,
    SOON_DAYS,
    SORTS,
    STANDINGS,
    Filters,
    Tally,
    neighbours,
    standing,
    tally,
)
from drills.systems.models.rules import FIELDS, Fault, faults

__all__ = (
    "APPROVALS",
    "FIELDS",
    "LEVELS",
    "REVIEWS",
    "SOON_DAYS",
    "SORTS",
    "STANDINGS",
    "SYSTEM_KINDS",
    "SYSTEM_STATUSES",
    "Approval",
    "Fault",
    "Filters",
    "InformationSystem",
    "SystemDetails",
    "SystemKind",
    "SystemStatus",
    "Tally",
    "faults",
    "neighbours",
    "standing",
    "tally",
)
