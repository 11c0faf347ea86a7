"""Drills, our own and other people's, and the international series they may belong to."""

from drills.exercises.models.drills import (
    DONE,
    NEEDS_REASON,
    NEXT,
    PARTS,
    STATUSES,
    Drill,
    DrillDetails,
    DrillPerson,
    DrillSystem,
    DrillTeam,
    DrillUnit,
    Part,
    Participation,
    ParticipationDetails,
    Status,
)
from drills.exercises.models.series import Edition, EditionDetails, Series, SeriesDetails

__all__ = [
    "DONE",
    "NEEDS_REASON",
    "NEXT",
    "PARTS",
    "STATUSES",
    "Drill",
    "DrillDetails",
    "DrillPerson",
    "DrillSystem",
    "DrillTeam",
    "DrillUnit",
    "Edition",
    "EditionDetails",
    "Part",
    "Participation",
    "ParticipationDetails",
    "Series",
    "SeriesDetails",
    "Status",
]
