"""Pages of obligations."""

from drills.obligations.views import exemptions, records, revising, rules, subjects, wall
from drills.obligations.views.blueprint import bp

__all__ = ["bp", "exemptions", "records", "revising", "rules", "subjects", "wall"]
