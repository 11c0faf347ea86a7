"""What the rest of the program asks of reminders."""

from drills.reminders.services.planning import (
    Planned,
    as_planned,
    plan,
    planned,
    preview,
    slots,
)
from drills.reminders.services.rules import (
    Health,
    RuleDetails,
    add_rule,
    all_rules,
    delete_rule,
    health,
    resend,
    seed_rules,
    switch_rule,
)

__all__ = [
    "Health",
    "Planned",
    "RuleDetails",
    "add_rule",
    "all_rules",
    "as_planned",
    "delete_rule",
    "health",
    "plan",
    "planned",
    "preview",
    "resend",
    "seed_rules",
    "slots",
    "switch_rule",
]
