"""Deliveries as letters."""

from drills.reminders.letters.press import Press
from drills.reminders.letters.reading import Reader, message_id, page_address
from drills.reminders.letters.sampling import sample, sample_to
from drills.reminders.letters.showing import show
from drills.reminders.letters.stopping import kind_to_stop

__all__ = [
    "Press",
    "Reader",
    "kind_to_stop",
    "message_id",
    "page_address",
    "sample",
    "sample_to",
    "show",
]
