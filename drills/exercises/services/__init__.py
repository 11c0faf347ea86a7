"""What people do to drills and to the series they belong to."""

from drills.exercises.services.drills import log, move, participants, revise
from drills.exercises.services.series import (
    add_edition,
    add_series,
    revise_edition,
    revise_series,
    seed_series,
)

__all__ = [
    "add_edition",
    "add_series",
    "log",
    "move",
    "participants",
    "revise",
    "revise_edition",
    "revise_series",
    "seed_series",
]
