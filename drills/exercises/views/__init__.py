from drills.exercises.views import drills, international, plan
from drills.exercises.views.blueprint import bp

__all__ = ["bp", "drills", "international", "plan"]
