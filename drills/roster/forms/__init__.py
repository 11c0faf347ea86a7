from drills.roster.forms.teams import EndForm, ImportForm, MemberForm, TeamForm, as_text

__all__ = ["EndForm", "ImportForm", "MemberForm", "TeamForm", "as_text"]
