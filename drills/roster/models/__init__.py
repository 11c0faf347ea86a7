"""Response teams, the people in them, and what is known of each."""

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
    "TEAM_ROLES",
    "Member",
    "MemberDetails",
    "NewPerson",
    "Team",
    "TeamDetails",
    "TeamRole",
]
