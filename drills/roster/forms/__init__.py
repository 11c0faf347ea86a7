from drills.roster.forms.teams import (
    EndForm,
    ImportForm,
    MemberForm,
    ReformForm,
    TeamForm,
    TimeForm,
    as_text,
)

__all__ = [
    "EndForm",
    "ImportForm",
    "MemberForm",
    "ReformForm",
    "TeamForm",
    "TimeForm",
    "as_text",
]
