from drills.systems.views import bulk, exports, imports, lists, records, saved
from drills.systems.views.blueprint import bp

__all__ = ("bp", "bulk", "exports", "imports", "lists", "records", "saved")
