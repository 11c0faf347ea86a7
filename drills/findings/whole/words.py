"""What a row of the sheet of participants may be."""

from drills.core.text import N_

UNIT, TEAM, PERSON, SYSTEM, SIDE, MEMBER = "unit", "team", "person", "system", "side", "member"
WHATS = {
    UNIT: N_("Unit"),
    TEAM: N_("Team"),
    PERSON: N_("Person"),
    SYSTEM: N_("System"),
    SIDE: N_("Side"),
    MEMBER: N_("Team member"),
}
"""Of a member of a team the row says only who came."""
MORE_WHATS = {"ben": SIDE, "ben choi": SIDE, "doi choi": SIDE, "nguoi": PERSON, "person": PERSON}
