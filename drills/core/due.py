"""Overdue and due soon: one meaning of each, for values and for columns alike.

A due day is the last day that is in time. Whatever has a due day asks here; a rule that sets its
own notice says how many ``days``.
"""

from datetime import date, timedelta
from typing import Any, overload

import sqlalchemy as sa

SOON_DAYS = 30


@overload
def is_overdue(due_on: date, on: date) -> bool: ...
@overload
def is_overdue(due_on: Any, on: date) -> sa.ColumnElement[bool]: ...
def is_overdue(due_on: Any, on: date) -> Any:
    return due_on < on


@overload
def is_soon(due_on: date, on: date, days: int = SOON_DAYS) -> bool: ...
@overload
def is_soon(due_on: Any, on: date, days: int = SOON_DAYS) -> sa.ColumnElement[bool]: ...
def is_soon(due_on: Any, on: date, days: int = SOON_DAYS) -> Any:
    """Still in time, with ``days`` left at most."""
    return (due_on >= on) & (due_on <= on + timedelta(days=days))
