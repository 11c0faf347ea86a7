"""Pages of approvals: one module for each party's desk."""

from drills.approvals.views import (
    acts,
    checks,
    conditions,
    deciding,
    decisions,
    desk,
    documents,
    dossiers,
    levels,
    measures,
    papers,
    refusals,
    regimes,
    standing_in,
)
from drills.approvals.views.blueprint import bp

__all__ = [
    "acts",
    "bp",
    "checks",
    "conditions",
    "deciding",
    "decisions",
    "desk",
    "documents",
    "dossiers",
    "levels",
    "measures",
    "papers",
    "refusals",
    "regimes",
    "standing_in",
]
