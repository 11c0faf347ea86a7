"""What people do to response teams and to the record of who is in them."""

from drills.roster.services.channels import add_channel, prefer, remove_channel
from drills.roster.services.people import expert_groups, profile_of, revise_person
from drills.roster.services.teams import (
    add_member,
    add_person,
    create_team,
    end_member,
    reform,
    revise_member,
    revise_team,
)

__all__ = [
    "add_channel",
    "add_member",
    "add_person",
    "create_team",
    "end_member",
    "expert_groups",
    "prefer",
    "profile_of",
    "reform",
    "remove_channel",
    "revise_member",
    "revise_person",
    "revise_team",
]
