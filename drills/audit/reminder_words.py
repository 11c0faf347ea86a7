"""The trail in words, of what happens to rules, messages and those who get them."""

from drills.core.text import N_

VERBS = {
    "address.suppressed": N_("silenced an address mail came back from,"),
    "address.lifted": N_("let mail go again to"),
    "reminders.channel_added": N_("added a channel for reminders of"),
    "reminders.channel_removed": N_("removed a channel for reminders of"),
    "reminder_rule.added": N_("added a reminder rule"),
    "reminder_rule.revised": N_("changed a reminder rule"),
    "reminders.paused": N_("paused all messages"),
    "reminders.resumed": N_("let messages go again"),
    "reminders.sending_settled": N_("settled hours and limits of messages"),
    "reminders.settled": N_("settled how messages come"),
    "reminders.stopped": N_("stopped a kind of message"),
    "reminders.wanted": N_("wanted a kind of message again"),
    "reminder_rule.switched": N_("switched a reminder rule"),
    "reminder_rule.deleted": N_("deleted a reminder rule"),
    "reminder.resent": N_("sent a reminder again"),
}

FIELDS = {
    "quiet_from": N_("Quiet from"),
    "quiet_to": N_("Quiet until"),
    "per_minute": N_("Messages a minute"),
    "per_domain": N_("Messages a minute to one domain"),
    "digest_at": N_("Daily digest at"),
    "away_from": N_("Away from"),
    "away_to": N_("Away until"),
    "deputy_id": N_("Who stands in"),
    "reminder": N_("Message"),
    "to": N_("Recipient"),
    "audiences": N_("To whom"),
    "lead_time": N_("Lead time"),
    "unit": N_("Unit"),
    "direction": N_("Before or after"),
    "at_time": N_("At what time"),
    "hours": N_("In which hours"),
    "is_digest": N_("Wait for the daily digest of each person"),
    "is_active": N_("Switched on"),
    "lifted_at": N_("Lifted at"),
    "refusals": N_("Refusals"),
}
