"""Tables that come from people's spreadsheets and go back into them: XLSX and CSV."""

from drills.core.tabular.matching import Column, Problem, labels, match
from drills.core.tabular.reading import Row, Sheet, read
from drills.core.tabular.writing import write_csv, write_xlsx

__all__ = (
    "Column",
    "Problem",
    "Row",
    "Sheet",
    "labels",
    "match",
    "read",
    "write_csv",
    "write_xlsx",
)
