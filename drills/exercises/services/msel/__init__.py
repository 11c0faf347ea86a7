"""The list of injects (*MSEL*): written as a table, read from sheets, handed out as sheets."""

from drills.exercises.services.msel.carrying import carry_out
from drills.exercises.services.msel.columns import COLUMN_SETS, ColumnSet
from drills.exercises.services.msel.details import InjectDetails, details_of
from drills.exercises.services.msel.known import Known, known
from drills.exercises.services.msel.layout import Layout, find, with_meanings
from drills.exercises.services.msel.planning import plan_import
from drills.exercises.services.msel.plans import MselPlan
from drills.exercises.services.msel.sheets import table, write

__all__ = [
    "COLUMN_SETS",
    "ColumnSet",
    "InjectDetails",
    "Known",
    "Layout",
    "MselPlan",
    "carry_out",
    "details_of",
    "find",
    "known",
    "plan_import",
    "table",
    "with_meanings",
    "write",
]
