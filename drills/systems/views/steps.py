"""How far a system's dossier has come, as the steps that its page draws."""

from datetime import date

from flask_babel import gettext as _

from drills.systems.models import Approval, InformationSystem
from drills.web.filters import day, days_left

_DONE = {
    Approval.NONE: 0,
    Approval.DRAFTING: 0,
    Approval.SENT: 1,
    Approval.APPRAISED: 2,
    Approval.APPROVED: 3,
}


def stepper(system: InformationSystem, today: date) -> list[dict[str, str]]:
    done = _DONE[system.approval]
    titles = (_("Draft"), _("Appraisal"), _("Approval"), _("Review"))
    texts = ("", "", _decision(system), _review(system, today))
    return [
        {
            "title": title,
            "text": texts[place],
            "kind": "done" if place < done else "now" if place == done else "todo",
        }
        for place, title in enumerate(titles)
    ]


def _decision(system: InformationSystem) -> str:
    parts = (system.decision_number, day(system.decision_date))
    return ", ".join(part for part in parts if part)


def _review(system: InformationSystem, today: date) -> str:
    last = system.reappraise_by
    if last is None:
        return str(_("No date"))
    return f"{day(last)}, {days_left(last, today)}"
