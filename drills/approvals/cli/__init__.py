"""The commands of approvals."""

from drills.approvals.cli.procedure import group as dossiers
from drills.approvals.cli.rule_sets import regimes

__all__ = ["dossiers", "regimes"]
