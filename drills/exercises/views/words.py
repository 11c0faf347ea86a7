"""What the pages of drills say: labels, choices and histories in the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from wtforms import Field
from wtforms.fields.choices import SelectChoice

from drills.audit import words as trail
from drills.audit.models import Entry
from drills.core.text import N_
from drills.exercises.forms import DrillForm
from drills.exercises.kinds import KINDS
from drills.exercises.lists import Wanted
from drills.exercises.models import (
    NEEDS_REASON,
    NEXT,
    PARTS,
    STATUSES,
    Drill,
    Part,
    Status,
)
from drills.web import filters

STATES = {
    Status.PLANNED: "wait",
    Status.RUNNING: "live",
    Status.COMPLETED: "done",
    Status.EVALUATED: "done",
    Status.CLOSED: "done",
    Status.POSTPONED: "late",
    Status.CANCELLED: "idle",
}
"""How a status looks: a kind of ``ui.state``."""

MOVES = {
    Status.PLANNED: N_("Plan it again"),
    Status.RUNNING: N_("Begin the drill"),
    Status.COMPLETED: N_("It is over"),
    Status.EVALUATED: N_("It is evaluated"),
    Status.CLOSED: N_("Close the record"),
    Status.POSTPONED: N_("Postpone"),
    Status.CANCELLED: N_("Cancel the drill"),
}
ORDER = tuple(Status)
FILTERS = ("q", "kind", "status", "part", "year", "unit")

VERBS = {
    "logged": N_("Logged"),
    "revised": N_("Changed"),
    "moved": N_("Status changed"),
    "loaded as demonstration": N_("Loaded as demonstration data"),
}
COLUMNS = {
    "title": N_("Title"),
    "kind_key": N_("Kind"),
    "part": N_("Our part"),
    "organiser": N_("Organiser"),
    "unit_id": N_("Unit in charge"),
    "starts_at": N_("Begins at"),
    "ends_at": N_("Ends at"),
    "time_zone": N_("Time zone"),
    "place": N_("Place"),
    "is_online": N_("Online"),
    "summary": N_("What it is about"),
    "result": N_("Result in one line"),
    "lead_id": N_("Lead of the drill"),
    "units": N_("Units taking part"),
    "teams": N_("Teams"),
    "people": N_("People"),
    "systems": N_("Systems exercised"),
    "edition_id": N_("Edition"),
    "score": N_("Score"),
    "score_of": N_("Highest score possible"),
    "rank": N_("Rank"),
    "rank_of": N_("Of how many"),
    "rank_scope": N_("Ranked among"),
    "source": N_("Source of the standing"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A status the drill may go to next; ``asks`` for a reason on a page of its own."""

    status: Status
    label: str
    asks: bool


def status(value: Status) -> str:
    return str(_(STATUSES[value]))


def kind(key: str) -> str:
    return str(_(KINDS[key].label))


def part(value: Part) -> str:
    return str(_(PARTS[value]))


def steps(drill: Drill) -> list[Step]:
    ahead = sorted(NEXT[drill.status], key=ORDER.index)
    return [Step(step, str(_(MOVES[step])), step in NEEDS_REASON) for step in ahead]


def next_statuses(drill: Drill) -> list[SelectChoice]:
    return [SelectChoice(step.status.value, step.label) for step in steps(drill)]


def facets(wanted: Wanted, years: list[int], units: Mapping[int, str]) -> dict[str, Any]:
    """What the filter line offers: three lists to tick, and two to choose one from."""
    return {
        "ticked": [
            _facet("kind", _("Kind"), {k: kind(k) for k in KINDS}, wanted.kinds),
            _facet("status", _("Status"), {s: status(s) for s in Status}, wanted.statuses),
            _facet("part", _("Our part"), {p: part(p) for p in Part}, wanted.parts),
        ],
        "years": [("", _("All years")), *((year, str(year)) for year in years)],
        "units": [("", _("All units")), *units.items()],
    }


def _facet(
    name: str, label: str, options: Mapping[str, str], chosen: tuple[str, ...]
) -> dict[str, Any]:
    rest: dict[str, Any] = {k: request.args.getlist(k) for k in FILTERS if k != name}
    return {
        "name": name,
        "label": label,
        "options": [(key, text, None, key in chosen) for key, text in options.items()],
        "chosen": ", ".join(options[key] for key in chosen) or None,
        "clear": url_for("exercises.index", **rest) if chosen else None,
    }


def history(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """The trail of a drill as ``ui.log`` draws it, newest first."""
    return [
        {
            "title": _done(entry.verb),
            "at": filters.moment(entry.at),
            "iso": entry.at.isoformat(),
            "text": "; ".join(part for part in (entry.who, _told(entry)) if part),
            "quote": _reason(entry),
            "kind": "done",
        }
        for entry in entries
    ]


def _done(verb: str) -> str:
    """The verb as a heading; what has no heading of its own borrows the word of the trail."""
    text = str(_(VERBS.get(verb) or trail.VERBS.get(verb, N_("Changed"))))
    return text[:1].upper() + text[1:]


def _told(entry: Entry) -> str:
    """Which fields changed; for a step, from where to where."""
    if entry.verb == "moved" and "status" in entry.changes:
        before, after = (status(Status(value)) for value in entry.changes["status"])
        return f"{before} → {after}"
    return ", ".join(str(_(COLUMNS[name])) for name in entry.changes if name in COLUMNS)


def _reason(entry: Entry) -> str:
    return str(entry.changes.get("status_reason", ["", ""])[1]) if entry.verb == "moved" else ""


def differences(mine: DrillForm, theirs: DrillForm) -> list[tuple[str, str, str]]:
    """Label, what stands in the record, what this person wrote: for ``ui.changes``."""
    return [
        (field.label.text, _shown(other), _shown(field))
        for field, other in zip(mine, theirs, strict=True)
        if field.name in DrillForm.__dict__ and field.name != "version"
        if _shown(field) != _shown(other)
    ]


def _shown(field: Field) -> str:
    if hasattr(field, "iter_choices"):
        chosen = (choice for choice in field.iter_choices() if choice.selected and choice.value)
        return ", ".join(str(choice.label) for choice in chosen)
    if isinstance(field.data, bool):
        return str(_("yes") if field.data else _("no"))
    return str(field._value())  # noqa: SLF001 - WTForms has no other word for it
