from drills.exercises.views import drills, plan, series
from drills.exercises.views.blueprint import bp

__all__ = ["bp", "drills", "plan", "series"]
