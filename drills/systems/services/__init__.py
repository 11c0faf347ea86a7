"""What may be done to the register: enter, change, retire, import and export."""

from drills.systems.services.carrying import carry_out
from drills.systems.services.columns import COLUMNS, HINTS, export_rows
from drills.systems.services.planning import columns_of, details_of, plan_import
from drills.systems.services.plans import Plan
from drills.systems.services.writing import decommission, register, revise

__all__ = (
    "COLUMNS",
    "HINTS",
    "Plan",
    "carry_out",
    "columns_of",
    "decommission",
    "details_of",
    "export_rows",
    "plan_import",
    "register",
    "revise",
)
