from drills.roster.views import teams
from drills.roster.views.blueprint import bp

__all__ = ["bp", "teams"]
