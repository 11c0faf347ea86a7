"""Pages of reminders; importing the modules adds their routes to the blueprint."""

from drills.reminders.views import channels, lists, outbox, personal, rules, steering
from drills.reminders.views.blueprint import bp

__all__ = ["bp", "channels", "lists", "outbox", "personal", "rules", "steering"]
