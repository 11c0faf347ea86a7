"""What the letters of each kind are about: one entry for each kind of reminder."""

from collections.abc import Callable, Mapping
from typing import Any

from drills.reminders.letters.matters import drills
from drills.reminders.letters.matters.matter import Matter
from drills.reminders.letters.reading import Reader
from drills.reminders.models import Delivery

MATTERS: Mapping[str, Callable[[Delivery, Any, Reader], Matter]] = {
    "drill": drills.upcoming,
    "drill_changed": drills.changed,
    "drill_off": drills.ended,
    "drill_left": drills.ended,
    "invitation": drills.invitation,
}
"""By the kind's key: (delivery, its subject, who reads) to what the letter is about."""

__all__ = ["MATTERS", "Matter"]
