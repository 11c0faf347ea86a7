"""The built-in templates, written out in words: ``python -m drills.documents.drafts``."""

import io
import zipfile
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


def saved(key: str, language: str) -> bytes:
    """The template for ``key``; the same bytes whenever it is made."""
    sheet = Sheet(language)
    DRAFTS[key](sheet)
    loose, packed = io.BytesIO(), io.BytesIO()
    sheet.document.save(loose)
    with zipfile.ZipFile(loose) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            part.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(part, source.read(name))
    return packed.getvalue()
