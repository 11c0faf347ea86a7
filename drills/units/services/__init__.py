"""What people do to units. Each verb changes, audits and flushes; the caller commits."""

from drills.units.services.importing import Plan, carry_out, plan_import
from drills.units.services.mergers import merge
from drills.units.services.provinces import ALL, load_provinces
from drills.units.services.tiers import seed_tiers
from drills.units.services.tree import add_ranking, create_unit, revise
from drills.units.services.undoing import obstacles, undo_merger

__all__ = (
    "ALL",
    "Plan",
    "add_ranking",
    "carry_out",
    "create_unit",
    "load_provinces",
    "merge",
    "obstacles",
    "plan_import",
    "revise",
    "seed_tiers",
    "undo_merger",
)
