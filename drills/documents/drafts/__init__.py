"""The built-in templates, written out in words: ``python -m drills.documents.drafts``."""

from collections.abc import Callable, Mapping

from drills.documents.drafts import levels, report
from drills.documents.layout import Sheet

DRAFTS: Mapping[str, Callable[[Sheet], None]] = {
    "approval_proposal": levels.proposal,
    "approval_opinion": levels.opinion,
    "approval_decision": levels.decision,
    "approval_plan_decision": levels.plan_decision,
    "after_action_report": report.after_action,
}


def draft(key: str, language: str) -> Sheet:
    """The template for ``key``, not yet saved."""
    sheet = Sheet(language)
    DRAFTS[key](sheet)
    return sheet
