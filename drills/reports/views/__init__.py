"""Home, the figures of a year and of the levels, form 08, and search."""

from drills.reports.views import levels, member_form, pages, yearly_form
from drills.reports.views.blueprint import bp

__all__ = ["bp", "levels", "member_form", "pages", "yearly_form"]
