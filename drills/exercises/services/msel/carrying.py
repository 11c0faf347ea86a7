"""Carrying out what an import has planned: all of it, in one transaction."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from drills.accounts.models import Person
from drills.core.errors import Conflict
from drills.core.orm import TITLE_MAX
from drills.core.text import N_, fold
from drills.exercises.models import Inject, MselColumn, Objective, Side
from drills.exercises.services.drills import refuse_closed
from drills.exercises.services.msel.details import PLAIN, InjectDetails, details_of
from drills.exercises.services.msel.known import Known
from drills.exercises.services.msel.plans import MselPlan
from drills.exercises.services.msel.trail import note, told

STEP = 10
"""Positions are counted in tens, so that a row fits between two others."""


def carry_out(
    session: Session, known: Known, plan: MselPlan, *, by: Person | None, source: str = ""
) -> None:
    """Write what ``plan`` says; Conflict if it has problems. ``source`` is the file's name."""
    refuse_closed(known.drill)
    if plan.problems:
        raise Conflict(N_("Nothing can be imported until every row is right."))
    writer = Writer(session, known)
    _grow(session, known, plan)
    changes = {"file": source, **_counts(plan)}
    for change in plan.changes:
        changes |= told(change.before, change.details)
        writer.write(change.inject, change.details)
    added = [writer.add(addition.details) for addition in plan.additions]
    writer.tie()
    session.flush()
    changes |= {f"{inject.number} +": ["", inject.title] for inject in added}
    note(session, "msel_imported", known.drill, changes, by=by)


def _counts(plan: MselPlan) -> dict[str, Any]:
    return {"added": ["", str(len(plan.additions))], "changed": ["", str(len(plan.changes))]}


def _grow(session: Session, known: Known, plan: MselPlan) -> None:
    """Add the sides, objectives and columns that the file brings along."""
    drill = known.drill
    for key, name in plan.new_sides.items():
        side = Side(drill_id=drill.id, key=key, name=name, position=_last(known.sides))
        known.sides.append(side)
        session.add(side)
    for text in plan.new_objectives:
        objective = Objective(drill_id=drill.id, text=text, position=_last(known.objectives))
        known.objectives.append(objective)
        session.add(objective)
    for key, label in plan.new_columns.items():
        column = MselColumn(
            drill_id=drill.id, key=key, label=label[:TITLE_MAX], position=_last(known.columns)
        )
        known.columns.append(column)
        session.add(column)
    session.flush()


def _last(rows: Sequence[Any]) -> int:
    return int(max((row.position for row in rows), default=0)) + STEP


class Writer:
    """Puts details into rows. What waits for what is tied last, when every row has its id."""

    def __init__(self, session: Session, known: Known) -> None:
        self.session, self.known = session, known
        self.waits: dict[Inject, str] = {}
        self.position = max((inject.position for inject in known.injects), default=0)

    def add(self, details: InjectDetails) -> Inject:
        self.position += STEP
        inject = Inject(drill_id=self.known.drill.id, position=self.position)
        self.known.injects.append(inject)
        self.write(inject, details)
        self.session.add(inject)
        return inject

    def write(self, inject: Inject, details: InjectDetails) -> None:
        with self.session.no_autoflush:
            for name in PLAIN:
                if getattr(inject, name) != (value := getattr(details, name)):
                    setattr(inject, name, value)
            self._link(inject, details)
        self.waits[inject] = details.depends_on

    def _link(self, inject: Inject, details: InjectDetails) -> None:
        wanted = [side for side in self.known.sides if side.key in details.sides]
        if {side.id for side in wanted} != {side.id for side in inject.sides}:
            inject.sides = wanted
            flag_modified(inject, "number") if inject.id else None
        texts = {objective.text: objective for objective in reversed(self.known.objectives)}
        found = texts.get(details.objective)
        if inject.objective is not found:
            inject.objective = found
        if dict(inject.extra or {}) != dict(details.extra):
            inject.extra = dict(details.extra)
        if details.foreign != details_of(inject).foreign:
            inject.foreign = json.loads(details.foreign or "{}")

    def tie(self) -> None:
        self.session.flush()
        numbers: Mapping[str, Inject] = {fold(i.number): i for i in self.known.injects}
        for inject, text in self.waits.items():
            before = numbers.get(fold(text)) if text else None
            if inject.depends_on is not before:
                inject.depends_on = before
        self.session.flush()


def renumbered(session: Session, injects: Iterable[tuple[Inject, str]]) -> None:
    """Give injects new numbers, swapped ones too: first words nobody uses, then the numbers."""
    pairs = [(inject, number) for inject, number in injects if inject.number != number]
    for inject, _number in pairs:
        inject.number = f"~{inject.id}"
    session.flush()
    for inject, number in pairs:
        inject.number = number
    session.flush()
