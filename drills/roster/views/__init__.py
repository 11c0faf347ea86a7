from drills.roster.views import membership, people, teams
from drills.roster.views.blueprint import bp

__all__ = ["bp", "membership", "people", "teams"]
