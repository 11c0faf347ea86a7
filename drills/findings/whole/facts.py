"""The sheet of the drill itself: what it is, when and where it was, and what came of it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from drills.core.orm import TITLE_MAX
from drills.core.text import N_
from drills.exercises.kinds import KINDS
from drills.exercises.labels import known as known_words
from drills.exercises.models import (
    DONE,
    NEEDS_REASON,
    PARTS,
    STATUSES,
    DrillDetails,
    Part,
    ParticipationDetails,
    PlanDetails,
    Status,
)
from drills.exercises.services.msel.times import Frame
from drills.findings.whole.book import Cells
from drills.findings.whole.names import Names
from drills.findings.whole.plans import WholePlan

_AS_REGISTER = N_("Write it as the register has it, or enter it there first.")
_LINES = ("organiser", "place", "result")


def read(cells: Cells, made: WholePlan, known: Names, zone: ZoneInfo, at: datetime) -> None:
    """Fill ``made`` with the drill; its details stay None where one of them is wrong."""
    before = len(made.problems)
    here = _zone(cells, zone)
    frame = Frame(at, at, here)
    starts_at = _moment(cells, "starts_at", frame)
    ends_at = _moment(cells, "ends_at", Frame(starts_at or at, starts_at or at, here))
    if starts_at and ends_at and starts_at > ends_at:
        cells.wrong("ends_at", N_("It ends before it begins."), N_("Correct one of the two."))
    title = cells.needed("title", TITLE_MAX)
    kinds = known_words({key: kind.label for key, kind in KINDS.items()})
    kind = cells.choice("kind", kinds, "") if cells.needed("kind") else ""
    cells.needed("unit")
    given: dict[str, Any] = {name: cells.text(name, TITLE_MAX) for name in _LINES}
    given |= {
        "part": cells.choice("part", known_words(PARTS), Part.ORGANISER),
        "unit_id": cells.found("unit", known.units, _AS_REGISTER),
        "is_online": cells.yes("is_online"),
        "summary": cells.text("summary"),
        "lead_id": cells.found("lead", known.people, _AS_REGISTER),
        "participation": _participation(cells, known),
    }
    made.more = PlanDetails(
        cells.text("scope"),
        cells.text("rules"),
        cells.count("detect_target_minutes"),
        cells.count("contain_target_minutes"),
    )
    _status(cells, made, ends_at, at)
    if len(made.problems) == before and starts_at and ends_at:
        made.details = DrillDetails(
            title=title,
            kind_key=kind,
            starts_at=starts_at,
            ends_at=ends_at,
            time_zone=str(here),
            **given,
        )


def _zone(cells: Cells, zone: ZoneInfo) -> ZoneInfo:
    said = cells.text("time_zone")
    if said and said not in available_timezones():
        cells.wrong("time_zone", N_("There is no such time zone."), N_("Write Asia/Ho_Chi_Minh."))
        return zone
    return ZoneInfo(said) if said else zone


def _moment(cells: Cells, key: str, frame: Frame) -> datetime | None:
    return cells.moment(key, frame) if cells.needed(key) else None


def _status(cells: Cells, made: WholePlan, ends_at: datetime | None, at: datetime) -> None:
    made.status = cells.choice("status", known_words(STATUSES), None)
    made.status_reason = cells.text("status_reason")
    if made.status is Status.RUNNING:
        cells.wrong(
            "status",
            N_("A drill that is running cannot be recorded."),
            N_("Write “Completed”, or leave the cell empty."),
        )
    if made.status in DONE and ends_at and ends_at > at:
        cells.wrong("status", N_("The drill has not ended yet."), N_("Correct its end."))
    if made.status in NEEDS_REASON and not made.status_reason:
        cells.wrong("status_reason", N_("There is no reason."), N_("Say why."))


def _participation(cells: Cells, known: Names) -> ParticipationDetails | None:
    edition_id = cells.found("edition", known.editions, _AS_REGISTER)
    rank, rank_of = cells.count("rank"), cells.count("rank_of")
    if rank and rank_of and rank > rank_of:
        cells.wrong("rank", N_("The rank is higher than their number."), N_("Correct one."))
    if edition_id is None:
        return None
    return ParticipationDetails(
        edition_id=edition_id,
        score=cells.number("score"),
        score_of=cells.number("score_of"),
        rank=rank,
        rank_of=rank_of,
        rank_scope=cells.text("rank_scope", TITLE_MAX),
        source=cells.text("source", TITLE_MAX),
    )
