"""What may be done to the register: enter, change, retire, import and export."""

from drills.systems.services.carrying import carry_out
from drills.systems.services.columns import COLUMNS
from drills.systems.services.decisions import fixes_review, record_first
from drills.systems.services.drafts import NEW, details_of
from drills.systems.services.exporting import export_rows
from drills.systems.services.hints import HINTS
from drills.systems.services.planning import columns_of, plan_import
from drills.systems.services.plans import Plan
from drills.systems.services.saving import delete_view, save_view
from drills.systems.services.together import Outcome, assign, set_review
from drills.systems.services.writing import decommission, register, revise

__all__ = (
    "COLUMNS",
    "HINTS",
    "NEW",
    "Outcome",
    "Plan",
    "assign",
    "carry_out",
    "columns_of",
    "decommission",
    "delete_view",
    "details_of",
    "export_rows",
    "fixes_review",
    "plan_import",
    "record_first",
    "register",
    "revise",
    "save_view",
    "set_review",
)
