"""What a kind of reminder is: what it is about, whom it concerns, what it does by itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Session

TIME_TO_ANSWER = timedelta(days=2)


class LeadUnit(StrEnum):
    """Days keep the local hour of the subject's zone; hours are elapsed time."""

    DAYS = "days"
    HOURS = "hours"
    WORKING_DAYS = "working_days"


class Direction(StrEnum):
    BEFORE = "before"
    AFTER = "after"


class Until(StrEnum):
    """How long a message makes sense that could not leave in time."""

    AT_ANCHOR = "at_anchor"
    FOREVER = "forever"


@dataclass(frozen=True, slots=True)
class At:
    """The moment of asking, and the day it is where the organisation is.

    In queries kept for later they are parameters. ``settled``: what was asked before it has had
    time to be answered.
    """

    now: datetime
    today: date
    settled: datetime

    @classmethod
    def of(cls, now: datetime, today: date) -> "At":
        return cls(now, today, now - TIME_TO_ANSWER)


Rows: TypeAlias = sa.Select[*tuple[Any, ...]]
Subjects = Callable[[At], Rows]
Computed = Callable[[Session, At], Mapping[int, date]]
Audience = Callable[[At], tuple[Rows, ...]]


@dataclass(frozen=True, slots=True)
class Default:
    """One rule that an installation begins with."""

    amount: int
    unit: LeadUnit = LeadUnit.DAYS
    direction: Direction = Direction.BEFORE
    audiences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """``subjects`` selects ``id``, ``anchor_at`` or ``anchor_on``, ``unit_id`` and, if they have
    one, ``zone`` of those that still stand; ``since``, if there is one, begins a new round: what
    was told before it does not count. An audience selects ``subject_id`` and ``person_id``, and
    ``round`` if one person can be told of one anchor again. From these two both planning and
    “does it still stand” are made.

    ``is_immediate``: due as soon as it is so; the rule then only says to whom. ``is_personal``:
    a subject is of one person, who once told is not looked at again. ``is_event``: what was
    told is told again when it changes. ``is_optional``: a person may do without it. ``groups``:
    may wait for a person's digest. ``covers``: kinds of the same subjects that a message of
    this kind takes the place of. ``place`` and ``endpoint`` are the page of a subject, ``loads``
    what is loaded with it for a letter. ``computed`` gives the anchors that only Python knows.
    """

    key: str
    label: str
    model: Any
    endpoint: str
    place: Callable[[Any], dict[str, Any]]
    title: Callable[[Any], str]
    folder: str
    subjects: Subjects
    audiences: Mapping[str, Audience]
    defaults: tuple[Default, ...]
    until: Until = Until.FOREVER
    is_immediate: bool = False
    is_personal: bool = False
    is_event: bool = False
    is_optional: bool = False
    groups: bool = False
    covers: frozenset[str] = frozenset()
    loads: tuple[Any, ...] = ()
    computed: Computed | None = None

    def sees(self, person: Any) -> Rows:
        """The ids of the subjects that ``person`` may see."""
        return sa.select(self.model.id).where(self.model.visible_to(person))
