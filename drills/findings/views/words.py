"""What the pages of actions say: how a standing looks, and the history in words."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from drills.core.text import N_
from drills.exercises.models import Severity
from drills.findings.lists import STANDINGS, Wanted
from drills.findings.models import RETESTS, STATES, ActionEvent, ActionState, Retest
from drills.web.filters import day, moment

LOOKS = {
    "overdue": "late",
    "soon": "wait",
    "open": "idle",
    "to_verify": "live",
    "verified": "done",
    "cancelled": "idle",
}
"""How a standing looks: a kind of ``ui.state``."""
SEVERITY_LOOKS = {
    Severity.LOW: "idle",
    Severity.MEDIUM: "wait",
    Severity.HIGH: "late",
    Severity.CRITICAL: "late",
}


STRIP_KINDS = {"overdue": "x", "soon": "n", "open": "w", "to_verify": "w", "verified": "d"}


def options(wanted: Wanted, figures: Mapping[str, int]) -> list[tuple[str, str, int, bool]]:
    """What the status filter offers, for ``ui.facet``."""
    return [
        (key, _(label), figures[key], key in wanted.standings) for key, label in STANDINGS.items()
    ]


def strip(wanted: Wanted, figures: Mapping[str, int]) -> list[dict[str, Any]]:
    """The shares of the list that filter it, for ``ui.status_strip``."""
    return [
        {
            "count": figures[key],
            "label": _(label),
            "kind": STRIP_KINDS.get(key, ""),
            "href": url_for("findings.index", **wanted.query(standing=[key])),
            "is_current": wanted.standings == (key,),
        }
        for key, label in STANDINGS.items()
    ]


def events(rows: Iterable[ActionEvent]) -> list[dict[str, Any]]:
    """Entries for ``ui.log``."""
    return [
        {
            "kind": "back" if _is_setback(row) else "done",
            "title": _title(row),
            "at": moment(row.at),
            "iso": row.at.isoformat(),
            "text": _(
                "%(who)s. Owner %(owner)s, due on %(day)s.",
                who=row.by.name if row.by else _("The program itself"),
                owner=row.owner.name,
                day=day(row.due_on),
            ),
            "quote": row.text,
        }
        for row in rows
    ]


def _is_setback(row: ActionEvent) -> bool:
    return row.state is ActionState.REOPENED or row.retest is Retest.FAILED


def _title(row: ActionEvent) -> str:
    if row.retest_drill is None:
        return str(_(STATES[row.state]))
    told = RETESTS[row.retest] if row.retest else N_("To be tried again")
    return f"{row.retest_drill.code}: {_(told)}"
