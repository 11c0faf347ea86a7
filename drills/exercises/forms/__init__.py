"""What people type about drills."""

from drills.exercises.forms.drills import (
    BEGINS,
    ENDS,
    ZONES,
    DrillForm,
    EditionForm,
    MoveForm,
    ScoreField,
    SeriesForm,
    blank,
    copied,
    taken_from,
    typed,
)

__all__ = [
    "BEGINS",
    "ENDS",
    "ZONES",
    "DrillForm",
    "EditionForm",
    "MoveForm",
    "ScoreField",
    "SeriesForm",
    "blank",
    "copied",
    "taken_from",
    "typed",
]
