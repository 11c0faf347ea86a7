"""Rules that say when to remind, deliveries, and what people and the installation settled."""

from drills.reminders.kinds import KINDS, Direction, Kind, LeadUnit
from drills.reminders.models.deliveries import (
    DIGEST,
    IN_HAND,
    MAIL,
    OPEN,
    STATES,
    UNSENT,
    Delivery,
    State,
)
from drills.reminders.models.rules import (
    AMOUNT_MAX,
    CHANNEL_POLICIES,
    HOURS,
    LEAD_TIMES,
    MORNING,
    ChannelPolicy,
    Hours,
    ReminderRule,
    RuleAudience,
    RulePerson,
)
from drills.reminders.models.settings import (
    ReminderDeadline,
    ReminderSetting,
    ReminderState,
    Unsubscription,
)

__all__ = [
    "AMOUNT_MAX",
    "CHANNEL_POLICIES",
    "DIGEST",
    "HOURS",
    "IN_HAND",
    "KINDS",
    "LEAD_TIMES",
    "MAIL",
    "MORNING",
    "OPEN",
    "STATES",
    "UNSENT",
    "ChannelPolicy",
    "Delivery",
    "Direction",
    "Hours",
    "Kind",
    "LeadUnit",
    "ReminderDeadline",
    "ReminderRule",
    "ReminderSetting",
    "ReminderState",
    "RuleAudience",
    "RulePerson",
    "State",
    "Unsubscription",
]
