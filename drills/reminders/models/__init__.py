"""Rules that say when to remind, deliveries, and what people and the installation settled."""

from drills.reminders.kinds import KINDS, Direction, Kind, LeadUnit
from drills.reminders.models.channels import CHANNEL_PREFIX, URL_MAX, PersonChannel
from drills.reminders.models.deliveries import (
    DIGEST,
    IN_HAND,
    MAIL,
    OPEN,
    SETTLED,
    STATES,
    UNSENT,
    Delivery,
    State,
)
from drills.reminders.models.lead_times import HOURS, LEAD_TIMES, MORNING, Hours, LeadTime
from drills.reminders.models.rules import (
    AMOUNT_MAX,
    CHANNEL_POLICIES,
    ChannelPolicy,
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
from drills.reminders.models.suppression import SuppressedAddress

__all__ = [
    "AMOUNT_MAX",
    "CHANNEL_POLICIES",
    "CHANNEL_PREFIX",
    "DIGEST",
    "HOURS",
    "IN_HAND",
    "KINDS",
    "LEAD_TIMES",
    "MAIL",
    "MORNING",
    "OPEN",
    "SETTLED",
    "STATES",
    "UNSENT",
    "URL_MAX",
    "ChannelPolicy",
    "Delivery",
    "Direction",
    "Hours",
    "Kind",
    "LeadTime",
    "LeadUnit",
    "PersonChannel",
    "ReminderDeadline",
    "ReminderRule",
    "ReminderSetting",
    "ReminderState",
    "RuleAudience",
    "RulePerson",
    "State",
    "SuppressedAddress",
    "Unsubscription",
]
