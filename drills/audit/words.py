"""The trail in words: what was done, to what kind of thing, by which road."""

from drills.core.text import N_

VERBS = {
    "created": N_("created"),
    "revised": N_("changed"),
    "logged": N_("logged"),
    "moved": N_("moved to another status"),
    "imported": N_("imported"),
    "loaded as demonstration": N_("loaded as demonstration"),
    "merged": N_("merged into another unit"),
    "took over": N_("took over from another unit"),
    "member added": N_("added a member"),
    "member ended": N_("ended a membership"),
    "decommissioned": N_("decommissioned"),
    "set_up": N_("set up the installation"),
    "disabled": N_("closed the account"),
    "profile_revised": N_("changed the profile"),
    "ranked": N_("noted a rank"),
    "signed_in": N_("signed in"),
    "sign_in_refused": N_("was refused at sign-in"),
    "sign_in_locked": N_("was locked out at sign-in"),
    "password_changed": N_("changed the password"),
    "password_link_made": N_("made a password link"),
    "signed_out_everywhere": N_("signed out everywhere"),
    "reminder_rule.added": N_("added a reminder rule"),
    "reminder_rule.switched": N_("switched a reminder rule"),
    "reminder_rule.deleted": N_("deleted a reminder rule"),
    "reminder.resent": N_("sent a reminder again"),
}

THINGS = {
    "unit": N_("Unit"),
    "person": N_("Person"),
    "system": N_("Information system"),
    "team": N_("Team"),
    "drill": N_("Drill"),
    "series": N_("Series"),
    "edition": N_("Edition"),
    "ranking": N_("Ranking"),
    "reminder_rule": N_("Reminder rule"),
    "organisation": N_("Organisation"),
    "sign_in_attempt": N_("Sign-in"),
}

ORIGINS = {
    "web": N_("web page"),
    "command": N_("command line"),
    "import": N_("import"),
    "job": N_("scheduled job"),
}

ADDRESSES = {
    "unit": "units.show",
    "person": "accounts.show",
    "system": "systems.show",
    "team": "roster.show",
    "drill": "exercises.show",
}
"""The page of a thing, by the name of its table; its argument is ``<table>_id``."""
