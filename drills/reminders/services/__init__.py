"""What the rest of the program asks of reminders."""

from drills.reminders.services.planning import plan, store
from drills.reminders.services.previewing import (
    Ahead,
    Planned,
    as_planned,
    planned,
    preview,
    soonest,
    unstored,
)
from drills.reminders.services.rules import (
    Health,
    RuleDetails,
    add_rule,
    all_rules,
    delete_rule,
    health,
    is_useful,
    resend,
    resend_all,
    revise_rule,
    seed_rules,
    switch_rule,
)
from drills.reminders.services.standing import stands
from drills.reminders.services.state import current, is_paused, pause, resume
from drills.reminders.services.subjects import load as load_subjects

__all__ = [
    "Ahead",
    "Health",
    "Planned",
    "RuleDetails",
    "add_rule",
    "all_rules",
    "as_planned",
    "current",
    "delete_rule",
    "health",
    "is_paused",
    "is_useful",
    "load_subjects",
    "pause",
    "plan",
    "planned",
    "preview",
    "resend",
    "resend_all",
    "resume",
    "revise_rule",
    "seed_rules",
    "soonest",
    "stands",
    "store",
    "switch_rule",
    "unstored",
]
