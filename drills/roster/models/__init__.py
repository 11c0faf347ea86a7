"""Response teams, the people in them, and what is known of each."""

from drills.roster.models.people import (
    CHANNEL_KINDS,
    EMAILS,
    EXPERT_GROUPS,
    PRIMARY,
    ChannelDetails,
    ChannelKind,
    ContactChannel,
    ExpertGroup,
    Expertise,
    Profile,
)
from drills.roster.models.teams import (
    TEAM_ROLES,
    Member,
    MemberDetails,
    NewPerson,
    Team,
    TeamDetails,
    TeamRole,
)

__all__ = [
    "CHANNEL_KINDS",
    "EMAILS",
    "EXPERT_GROUPS",
    "PRIMARY",
    "TEAM_ROLES",
    "ChannelDetails",
    "ChannelKind",
    "ContactChannel",
    "ExpertGroup",
    "Expertise",
    "Member",
    "MemberDetails",
    "NewPerson",
    "Profile",
    "Team",
    "TeamDetails",
    "TeamRole",
]
