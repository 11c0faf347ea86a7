"""Pages of approvals: one module for each party's desk."""

from drills.approvals.views import checks, conditions, measures
from drills.approvals.views.blueprint import bp

__all__ = ["bp", "checks", "conditions", "measures"]
