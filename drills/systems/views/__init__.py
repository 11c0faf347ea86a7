from drills.systems.views import imports, lists, records
from drills.systems.views.blueprint import bp

__all__ = ("bp", "imports", "lists", "records")
