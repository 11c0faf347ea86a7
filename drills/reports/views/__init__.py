"""Home, the figures of a year and of the levels, form 08, and search."""

from drills.reports.views import levels, pages, yearly_form
from drills.reports.views.blueprint import bp

__all__ = ["bp", "levels", "pages", "yearly_form"]
