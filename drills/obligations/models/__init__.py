"""What is required by when: the rules, what was noted, and where each duty stands."""

from drills.obligations.models.obligations import (
    STANDINGS,
    Obligation,
    ObligationMark,
    Standing,
    responsible,
)
from drills.obligations.models.records import (
    EXEMPTION_STATES,
    Exemption,
    ExemptionDetails,
    ExemptionState,
    ObligationRecord,
    RecordDetails,
)
from drills.obligations.models.rules import (
    SUBJECT_KINDS,
    ObligationRule,
    RuleDetails,
    RuleVersion,
    SubjectKind,
    VersionDetails,
)

__all__ = [
    "EXEMPTION_STATES",
    "STANDINGS",
    "SUBJECT_KINDS",
    "Exemption",
    "ExemptionDetails",
    "ExemptionState",
    "Obligation",
    "ObligationMark",
    "ObligationRecord",
    "ObligationRule",
    "RecordDetails",
    "RuleDetails",
    "RuleVersion",
    "Standing",
    "SubjectKind",
    "VersionDetails",
    "responsible",
]
