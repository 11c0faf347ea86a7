"""What people do to response teams and to the record of who is in them."""

from drills.roster.services.teams import (
    add_member,
    add_person,
    create_team,
    end_member,
    revise_team,
)

__all__ = ["add_member", "add_person", "create_team", "end_member", "revise_team"]
