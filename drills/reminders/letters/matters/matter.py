"""What a letter is about, as its template sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from drills.exercises.calendar import Method
from drills.exercises.models import Drill


@dataclass(frozen=True, slots=True)
class Matter:
    """``facts`` are (label, value) in the reader's language, ``thread`` is the same for all
    letters of one subject, ``more`` what one kind's templates need besides.

    ``drill`` is attached as an entry of a calendar; with ``method`` it asks something of it.
    """

    title: str
    url: str
    thread: str
    code: str = ""
    facts: Sequence[tuple[str, str]] = ()
    text: str = ""
    is_drill: bool = False
    drill: Drill | None = None
    method: Method | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
