"""Information systems: the record, and the questions that lists of them ask."""

from drills.systems.models.decisions import (
    DECISION_KINDS,
    DECISION_STATES,
    PINNED,
    Decision,
    DecisionDetails,
    DecisionKind,
    DecisionState,
)
from drills.systems.models.listing import loaded, neighbours, ordered, page
from drills.systems.models.record import (
    APPROVALS,
    LEVELS,
    PLAN_STATES,
    SYSTEM_KINDS,
    SYSTEM_STATUSES,
    Approval,
    InformationSystem,
    PlanState,
    SystemDetails,
    SystemKind,
    SystemStatus,
)
from drills.systems.models.register import (
    CONDITIONS,
    REVIEWS,
    SORTS,
    STANDINGS,
    Filters,
    standing,
)
from drills.systems.models.remembered import remembered
from drills.systems.models.rules import (
    DECISION_FIELDS,
    FIELDS,
    Fault,
    Said,
    decision_faults,
    faults,
)
from drills.systems.models.saved import SavedView, views_of
from drills.systems.models.tallies import Tally, scope_of, tally

__all__ = (
    "APPROVALS",
    "CONDITIONS",
    "DECISION_FIELDS",
    "DECISION_KINDS",
    "DECISION_STATES",
    "FIELDS",
    "LEVELS",
    "PINNED",
    "PLAN_STATES",
    "REVIEWS",
    "SORTS",
    "STANDINGS",
    "SYSTEM_KINDS",
    "SYSTEM_STATUSES",
    "Approval",
    "Decision",
    "DecisionDetails",
    "DecisionKind",
    "DecisionState",
    "Fault",
    "Filters",
    "InformationSystem",
    "PlanState",
    "Said",
    "SavedView",
    "SystemDetails",
    "SystemKind",
    "SystemStatus",
    "Tally",
    "decision_faults",
    "faults",
    "loaded",
    "neighbours",
    "ordered",
    "page",
    "remembered",
    "scope_of",
    "standing",
    "tally",
    "views_of",
)
