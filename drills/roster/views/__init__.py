from drills.roster.views import people, teams
from drills.roster.views.blueprint import bp

__all__ = ["bp", "people", "teams"]
