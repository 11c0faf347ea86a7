"""The rows of a list of units: what each says, and what is wrong in it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from itertools import chain
from typing import Any

from drills.core.days import read_date
from drills.core.orm import CODE_MAX, NAME_MAX, PHONE_MAX, TITLE_MAX
from drills.core.tabular import Column, Problem, Row
from drills.core.text import N_, fold
from drills.units.models import Tier, Unit
from drills.units.services import columns as c

_LIMITS = {
    "code": CODE_MAX,
    "name": NAME_MAX,
    "name_en": NAME_MAX,
    "contact_name": TITLE_MAX,
    "contact_email": TITLE_MAX,
    "contact_phone": PHONE_MAX,
    "address": TITLE_MAX,
}
_EMPTY = N_("This cell is empty.")
_FILL = N_("Fill it in.")


@dataclass(frozen=True, slots=True)
class Draft:
    """One row, understood.

    ``values`` holds what the file says of a unit's own columns; ``parent`` is the code above
    it, empty if the file names none.
    """

    row: int
    code: str
    values: Mapping[str, Any]
    parent: str = ""


class Reader:
    """Turns rows into drafts and keeps what is wrong with them."""

    def __init__(self, places: Mapping[str, int], tiers: Mapping[str, Tier]) -> None:
        self.places, self.tiers = places, tiers
        self.problems: list[Problem] = []

    def draft(self, row: Row) -> Draft:
        values: dict[str, Any] = {}
        for column in c.TEXTS:
            if column.key in self.places:
                values[column.key] = self._text(row, column)
        for column in c.DAYS:
            if column.key in self.places:
                values[column.key] = self._day(row, column)
        if tier := self._tier(row):
            values["tier_id"] = tier.id
        self._check(row, values)
        return Draft(row.number, self._text(row, c.CODE), values, self._cell(row, c.PARENT))

    def _cell(self, row: Row, column: Column) -> str:
        place = self.places.get(column.key)
        return "" if place is None else row.cells[place]

    def _text(self, row: Row, column: Column) -> str:
        text = " ".join(self._cell(row, column).split())
        if column.required and not text:
            self._say(row, column, text, _EMPTY, _FILL)
        limit = _LIMITS[column.key]
        if len(text) > limit:
            remedy = N_("Shorten it to %(limit)s characters.")
            self._say(row, column, text[:60], N_("This text is too long."), remedy, limit=limit)
        return text

    def _day(self, row: Row, column: Column) -> date | None:
        text = self._cell(row, column)
        day = read_date(text) if text else None
        if text and day is None:
            remedy = N_("Write it as 23/11/2026.")
            self._say(row, column, text, N_("This is not a day of the calendar."), remedy)
        return day

    def _tier(self, row: Row) -> Tier | None:
        text = self._cell(row, c.TIER)
        if not text:
            return None
        tier = self.tiers.get(fold(text))
        if tier is None:
            known = sorted({tier.name_vi for tier in self.tiers.values()})
            near = get_close_matches(text, known, 1, 0.5) or ["”, “".join(known)]
            remedy = N_("Write one of “%(known)s”.")
            self._say(row, c.TIER, text, N_("There is no such tier."), remedy, known=near[0])
        return tier

    def _check(self, row: Row, values: Mapping[str, Any]) -> None:
        email = values.get("contact_email", "")
        if email and ("@" not in email.strip("@") or " " in email):
            reason = N_("This is not an e-mail address.")
            self._say(row, c.EMAIL, email, reason, N_("Write it as name@agency.gov.vn."))

    def _say(
        self, row: Row, column: Column, value: str, reason: str, remedy: str, **more: Any
    ) -> None:
        self.problems.append(Problem(row.number, column.label_vi, value, reason, remedy, more))


def check_together(drafts: list[Draft], units: Mapping[str, Unit]) -> list[Problem]:
    """What is wrong between the rows, or between them and the ``units`` there are, by code."""
    return list(
        chain(
            _twins(drafts),
            _orphans(drafts, units),
            _circles(drafts, units),
            _reversed(drafts, units),
        )
    )


def _twins(drafts: list[Draft]) -> Iterator[Problem]:
    rows = defaultdict(list)
    for draft in drafts:
        rows[draft.code].append(str(draft.row))
    for draft in drafts:
        if draft.code and len(rows[draft.code]) > 1:
            yield Problem(
                draft.row,
                c.CODE.label_vi,
                draft.code,
                N_("This code stands in several rows: %(rows)s."),
                N_("Keep one of them, or give each its own code."),
                {"rows": ", ".join(rows[draft.code])},
            )


def _orphans(drafts: list[Draft], units: Mapping[str, Unit]) -> Iterator[Problem]:
    known = units.keys() | {draft.code for draft in drafts}
    for draft in drafts:
        if draft.parent and draft.parent not in known:
            near = get_close_matches(draft.parent, known, 1, 0.6)
            is_near, is_far = N_("Did you mean “%(near)s”?"), N_("Add that unit, or leave it out.")
            yield Problem(
                draft.row,
                c.PARENT.label_vi,
                draft.parent,
                N_("No unit has this code, neither here nor in the file."),
                is_near if near else is_far,
                {"near": near[0]} if near else {},
            )


def _circles(drafts: list[Draft], units: Mapping[str, Unit]) -> Iterator[Problem]:
    """A unit under itself, or the root under something."""
    codes = {unit.id: unit.code for unit in units.values()}
    above = {unit.code: codes.get(unit.parent_id or 0, "") for unit in units.values()}
    above |= {draft.code: draft.parent for draft in drafts if draft.parent}
    for draft in drafts:
        at, steps = draft.parent, 0
        while at and at != draft.code and steps <= len(above):
            at, steps = above.get(at, ""), steps + 1
        is_root = draft.code in units and units[draft.code].parent_id is None
        if draft.parent and (at == draft.code or is_root):
            yield Problem(
                draft.row,
                c.PARENT.label_vi,
                draft.parent,
                N_("The unit would come to lie under itself."),
                N_("Name another unit above it, or leave the cell empty."),
            )


def _reversed(drafts: list[Draft], units: Mapping[str, Unit]) -> Iterator[Problem]:
    for draft in drafts:
        unit = units.get(draft.code)
        starts = draft.values.get("active_from", unit and unit.active_from)
        ends = draft.values.get("active_to", unit and unit.active_to)
        if starts and ends and ends < starts:
            yield Problem(
                draft.row,
                c.TO.label_vi,
                ends.strftime("%d/%m/%Y"),
                N_("The last day lies before the first."),
                N_("Mend one of the two."),
            )
