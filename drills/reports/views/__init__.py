"""Home, the figures of a year and of the levels, form 08, and search."""

from drills.reports.views import form_08, levels, pages
from drills.reports.views.blueprint import bp

__all__ = ["bp", "form_08", "levels", "pages"]
