"""Pages of findings and corrective actions."""

from drills.findings.views import actions, carrying, imports, of_drill, report, steps, whole
from drills.findings.views.blueprint import bp

__all__ = ["actions", "bp", "carrying", "imports", "of_drill", "report", "steps", "whole"]
