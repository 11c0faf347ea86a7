"""The protection plan being carried out: the checklist a rule set asks for, and what is done of it.

The checklist itself is derived: it is what the rule set asks at the level today, filled with the
rows people have written. Rows are stored at the first change; what is asked no longer is retired
with its evidence. The state of the plan in the register follows in the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.approvals.kinds import Measure as Asked
from drills.approvals.models import MEASURE_STATES, Measure, MeasureDetails, MeasureState
from drills.approvals.services.asked import rules_of
from drills.approvals.services.follow_up import Basis, basis
from drills.audit import services as audit
from drills.core.errors import Conflict, DomainError, NotAllowedNow
from drills.core.text import N_
from drills.files.models import StoredFile
from drills.systems.models import InformationSystem, PlanState

SETTLED = {MeasureState.DONE, MeasureState.NOT_APPLICABLE}
STALE = N_(
    "Somebody else has changed “%(measure)s” since you opened the list. Open it again and "
    "repeat your change."
)


@dataclass(frozen=True, slots=True)
class Item:
    """One measure that is asked for, with what has been written of it."""

    asked: Asked
    position: int
    row: Measure | None

    @property
    def key(self) -> str:
        return self.asked.key

    @property
    def state(self) -> MeasureState:
        return self.row.state if self.row else MeasureState.NOT_STARTED

    @property
    def note(self) -> str:
        return self.row.note if self.row else ""

    @property
    def due_on(self) -> date | None:
        return self.row.due_on if self.row else None

    @property
    def evidence(self) -> StoredFile | None:
        return self.row.evidence if self.row else None

    def is_overdue(self, on: date) -> bool:
        return self.row is not None and self.row.is_overdue(on)


@dataclass(frozen=True)
class Checklist:
    """``retired``: rows of an earlier level or rule set, kept with their evidence."""

    basis: Basis
    items: list[Item]
    retired: list[Measure]

    @property
    def groups(self) -> list[tuple[Asked, list[Item]]]:
        """The items group by group, each group told by its first measure."""
        parted = groupby(self.items, key=lambda item: item.asked.group)
        lists = [list(items) for _group, items in parted]
        return [(items[0].asked, items) for items in lists]

    @property
    def applicable(self) -> int:
        return sum(item.state is not MeasureState.NOT_APPLICABLE for item in self.items)

    @property
    def done(self) -> int:
        return sum(item.state is MeasureState.DONE for item in self.items)

    @property
    def percentage(self) -> int:
        """Rounded down, so that 100 means all of them."""
        return self.done * 100 // self.applicable if self.applicable else 0

    @property
    def state(self) -> PlanState | None:
        """What the register says of the plan; None while nothing has been written."""
        if not self.items or not any(item.row for item in self.items):
            return None
        if self.applicable == self.done:
            return PlanState.FULLY
        has_begun = any(
            item.state in {MeasureState.DONE, MeasureState.PARTLY} for item in self.items
        )
        return PlanState.PARTLY if has_begun else PlanState.NOT_IMPLEMENTED

    def overdue(self, on: date) -> list[Item]:
        return [item for item in self.items if item.is_overdue(on)]

    def item(self, key: str) -> Item | None:
        return next((item for item in self.items if item.key == key), None)


def checklist(session: Session, system: InformationSystem, on: date) -> Checklist:
    """In three statements."""
    found = basis(session, system, on)
    asked: Sequence[Asked] = ()
    if found.regime and found.level:
        asked = rules_of(found.regime).measures[found.level]
    rows = {row.key: row for row in _rows(session, system)}
    items = [Item(one, place, rows.pop(one.key, None)) for place, one in enumerate(asked)]
    return Checklist(found, items, sorted(rows.values(), key=lambda row: row.position))


def _rows(session: Session, system: InformationSystem) -> Sequence[Measure]:
    query = sa.select(Measure).where(Measure.system_id == system.id)
    return session.scalars(query.options(joinedload(Measure.evidence))).all()


def settle(
    session: Session,
    system: InformationSystem,
    changes: Mapping[str, MeasureDetails],
    *,
    known: Mapping[str, str] | None = None,
    by: Person | None,
    on: date,
) -> int:
    """Write what is given by key of measure; how many were changed.

    ``known``: the states a person had before them; Conflict if one has become another since.
    DomainError, and nothing is written, if "not applicable" goes without a note.
    """
    found = checklist(session, system, on)
    items = {item.key: item for item in found.items}
    _refuse_unasked(found, changes)
    for key, details in changes.items():
        _refuse_stale(items[key], details, (known or {}).get(key))
        _weigh(items[key].asked, details)
    rows = _laid_out(session, system, found)
    changed = [
        (row, difference)
        for key, details in changes.items()
        if (difference := _write(row := rows[key], details))
    ]
    session.flush()
    session.add_all(
        audit.entry("measure.revised", row, by=by, changes=difference)
        for row, difference in changed
    )
    derive(session, system, by=by, on=on)
    return len(changed)


def prove(
    session: Session,
    system: InformationSystem,
    key: str,
    evidence: StoredFile | None,
    *,
    by: Person | None,
    on: date,
) -> None:
    """Lay the file that shows how far a measure is beside it."""
    found = checklist(session, system, on)
    _refuse_unasked(found, [key])
    row = _laid_out(session, system, found)[key]
    with audit.changing(session, "measure.revised", row, by=by):
        row.evidence = evidence
        session.flush()


def derive(session: Session, system: InformationSystem, *, by: Person | None, on: date) -> None:
    """Let the state of the plan in the register follow its checklist, if one is kept."""
    state = checklist(session, system, on).state
    if state is None or state is system.plan_state:
        return
    with audit.changing(session, "plan.followed", system, by=by):
        system.plan_state = state
        session.flush()


def _refuse_unasked(found: Checklist, keys: Any) -> None:
    if not found.items:
        raise NotAllowedNow(
            N_("No measures are asked for yet. Determine the level of the system first.")
        )
    if strange := sorted(set(keys) - {item.key for item in found.items}):
        raise DomainError(N_("The plan has no measure “%(key)s”."), key=strange[0])


def _refuse_stale(item: Item, details: MeasureDetails, known: str | None) -> None:
    if known is not None and item.state != known and item.state is not details.state:
        raise Conflict(STALE, measure=item.asked.text.vi)


def _weigh(asked: Asked, details: MeasureDetails) -> None:
    if details.state is MeasureState.NOT_APPLICABLE and not details.note:
        raise DomainError(
            N_("“%(measure)s” is not applicable: say why in its note."), measure=asked.text.vi
        )


def _laid_out(session: Session, system: InformationSystem, found: Checklist) -> dict[str, Measure]:
    """A row for each measure asked for, in today's words; the others are retired."""
    rows: dict[str, Measure] = {}
    for item in found.items:
        row = item.row or Measure(system=system, key=item.key, state=MeasureState.NOT_STARTED)
        row.note = row.note or ""
        for name, value in _words(item).items():
            if getattr(row, name) != value:
                setattr(row, name, value)
        session.add(row)
        rows[item.key] = row
    for row in found.retired:
        row.is_retired = True
    session.flush()
    return rows


def _words(item: Item) -> dict[str, Any]:
    asked = item.asked
    return {
        "group": asked.group_text.vi,
        "group_en": asked.group_text.en,
        "label": asked.text.vi,
        "label_en": asked.text.en,
        "clause": asked.clause,
        "position": item.position,
        "is_retired": False,
    }


def _write(row: Measure, details: MeasureDetails) -> dict[str, list[str]]:
    """Set what differs; the difference as the trail tells it."""
    difference: dict[str, list[str]] = {}
    if row.state is not details.state:
        difference["measure_state"] = [MEASURE_STATES[row.state], MEASURE_STATES[details.state]]
        row.state = details.state
    if row.note != details.note:
        difference["note"] = [row.note, details.note]
        row.note = details.note
    if row.due_on != details.due_on:
        difference["due_on"] = [str(row.due_on or ""), str(details.due_on or "")]
        row.due_on = details.due_on
    return difference
