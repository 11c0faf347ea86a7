from drills.obligations import models as models
from drills.obligations.views.blueprint import bp

__all__ = ["bp"]
