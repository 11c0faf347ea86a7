from drills.roster.views import (
    handover,
    membership,
    people,
    removal,
    teams,
)
from drills.roster.views.blueprint import bp

__all__ = [
    "bp",
    "handover",
    "membership",
    "people",
    "removal",
    "teams",
]
