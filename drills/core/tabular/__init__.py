"""Tables that come from people's spreadsheets and go back into them: XLSX and CSV."""

from drills.core.tabular.matching import Column, Problem, key, labels, match
from drills.core.tabular.reading import Page, Row, Sheet, pages, read
from drills.core.tabular.writing import write_book, write_csv, write_xlsx

__all__ = (
    "Column",
    "Page",
    "Problem",
    "Row",
    "Sheet",
    "key",
    "labels",
    "match",
    "pages",
    "read",
    "write_book",
    "write_csv",
    "write_xlsx",
)
