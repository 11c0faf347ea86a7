from drills.exercises.views import (
    concerning,
    drills,
    feeds,
    international,
    participation,
    people,
    plan,
    plan_pages,
    programmes,
    readiness,
    rsvp,
    safety,
    scenarios,
)
from drills.exercises.views.blueprint import bp

__all__ = [
    "bp",
    "concerning",
    "drills",
    "feeds",
    "international",
    "participation",
    "people",
    "plan",
    "plan_pages",
    "programmes",
    "readiness",
    "rsvp",
    "safety",
    "scenarios",
]
