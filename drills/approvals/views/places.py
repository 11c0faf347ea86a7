"""Paths of a rule set in words: ``limits.appraisal.3.number`` is a place people know."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from drills.approvals.kinds import INTERVALS, WORDS
from drills.core.text import N_

PLACES: Mapping[str, str] = {
    "name": N_("Name"),
    "name_en": N_("Name in English"),
    "legal_basis": N_("Legal basis"),
    "valid_from": N_("In force from"),
    "valid_to": N_("In force until"),
    "standard": N_("Standard"),
    "words": N_("Words"),
    "questions": N_("Questions"),
    "criteria": N_("Criteria"),
    "authorities": N_("Who appraises, who decides"),
    "papers": N_("Papers of the dossier"),
    "limits": N_("Time limits"),
    "validity": N_("Check that the dossier is complete"),
    "appraisal": N_("Appraisal"),
    "approval": N_("Approval"),
    "intervals": N_("Intervals"),
    "measures": N_("Measures of the plan"),
    "items": N_("Measure"),
    "reports": N_("Yearly reports"),
    "transitions": N_("Transition"),
    "cautions": N_("What has to be heeded"),
    "notes": N_("Remarks"),
    "one_person_may_appraise_and_approve": N_("One person may appraise and approve"),
    "number": N_("Number"),
    "unit": N_("Counted in"),
    "article": N_("Article"),
    "months": N_("Months"),
    "source": N_("Source"),
    "is_local_choice": N_("Our own choice"),
    "is_required": N_("Required"),
    "needs_opinion": N_("Needs the opinion of the specialised unit"),
    "appraiser": N_("Appraises"),
    "appraiser_vi": N_("Name of a body outside"),
    "appraiser_en": N_("Name of a body outside, in English"),
    "decisions": N_("Decisions"),
    "by": N_("Decides"),
    "vi": N_("In Vietnamese"),
    "en": N_("In English"),
    "levels": N_("Asked at"),
    "when": N_("Holds when"),
    "level": N_("Level"),
}
_WITHIN: Mapping[str, Mapping[str, str]] = {"intervals": INTERVALS, "words": WORDS}
_BY_LEVEL = {"1", "2", "3", "4", "5"}
_WITH_LEVELS = {"appraisal", "authorities", "one_person_may_appraise_and_approve", *INTERVALS}


def place(path: str, data: Mapping[str, Any]) -> str:
    """``Time limits › Appraisal › Level 3 › Number``; things of a list go by their article."""
    names = path.split(".")
    told = [_name(name, names[n - 1] if n else "", data) for n, name in enumerate(names)]
    return " › ".join(told)


def _name(name: str, above: str, data: Mapping[str, Any]) -> str:
    if name in _BY_LEVEL and above in _WITH_LEVELS:
        return str(_("Level %(number)s", number=name))
    if above in {"criteria", "papers"}:
        things: list[dict[str, Any]] = data[above]
        thing = next((one for one in things if one.get("key") == name), {})
        return str(thing.get("article") or name)
    known = _WITHIN.get(above, PLACES)
    return str(_(known[name])) if name in known else name
