"""Pages of approvals: one module for each party's desk."""

from drills.approvals.views.blueprint import bp

__all__ = ["bp"]
