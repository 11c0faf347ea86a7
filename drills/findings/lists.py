"""The list of corrective actions: what its address asks for, and the order it stands in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload
from werkzeug.datastructures import MultiDict

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.core import due
from drills.core.orm import contains
from drills.core.text import N_, fold
from drills.exercises.models import Drill
from drills.findings.models import TO_DO, ActionState, CorrectiveAction
from drills.units.models import Unit

STANDINGS = {
    "overdue": N_("Overdue"),
    "soon": N_("Due soon"),
    "open": N_("Still time"),
    "to_verify": N_("To be verified"),
    "verified": N_("Verified"),
    "cancelled": N_("Cancelled"),
}
"""Where an action stands on a day: what is to do is parted by its due date."""
Action = CorrectiveAction


def standing(action: CorrectiveAction, on: date) -> str:
    """The key in STANDINGS under which ``action`` counts on the day ``on``."""
    if action.is_overdue(on):
        return "overdue"
    if action.state in TO_DO:
        return "soon" if due.is_soon(action.due_on, on) else "open"
    return {ActionState.DONE: "to_verify"}.get(action.state, action.state.value)


def _standing(on: date) -> sa.ColumnElement[str]:
    to_do = Action.state.in_(TO_DO)
    return sa.case(
        (sa.and_(to_do, due.is_overdue(Action.due_on, on)), "overdue"),
        (sa.and_(to_do, due.is_soon(Action.due_on, on)), "soon"),
        (to_do, "open"),
        (Action.state == ActionState.DONE, "to_verify"),
        else_=sa.cast(Action.state, sa.String),
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the list is asked for; empty means all. What makes no sense is ignored."""

    on: date
    words: str = ""
    standings: tuple[str, ...] = ()
    is_mine: bool = False
    unit_id: int | None = None
    drill_id: int | None = None

    @classmethod
    def of(cls, query: MultiDict[str, str], on: date) -> "Wanted":
        asked = (value for value in query.getlist("standing") if value in STANDINGS)
        return cls(
            on=on,
            words=query.get("q", "").strip(),
            standings=tuple(dict.fromkeys(asked)),
            is_mine=query.get("mine") == "1",
            unit_id=query.get("unit", type=int),
            drill_id=query.get("drill", type=int),
        )

    @property
    def is_narrow(self) -> bool:
        return bool(self.words or self.standings or self.is_mine or self.unit_id or self.drill_id)

    def query(self, **changed: Any) -> dict[str, Any]:
        """The same as parameters of an address, with some of them ``changed``."""
        values: dict[str, Any] = {
            "q": self.words,
            "standing": list(self.standings),
            "mine": "1" if self.is_mine else "",
            "unit": self.unit_id,
            "drill": self.drill_id,
        } | changed
        return {name: value for name, value in values.items() if value}

    def condition(self, person: Person, *, with_standing: bool = True) -> sa.ColumnElement[bool]:
        parts = [contains(Action.search, fold(self.words))]
        if with_standing and self.standings:
            parts.append(_standing(self.on).in_(self.standings))
        if self.is_mine:
            parts.append(Action.owner_id == person.id)
        if self.unit_id:
            top = sa.select(Unit.path).where(Unit.id == self.unit_id).scalar_subquery()
            inside = sa.select(Unit.id).where(Unit.path.startswith(top))
            parts.append(Action.unit_id.in_(inside))
        if self.drill_id:
            parts.append(Action.drill_id == self.drill_id)
        return sa.and_(*parts)


def ordered(wanted: Wanted, person: Person) -> sa.Select[Any]:
    """One's own late ones first, then all that is late, then what is due, then what is closed."""
    late = _standing(wanted.on)
    group = sa.case(
        (sa.and_(late == "overdue", Action.owner_id == person.id), 0),
        (late == "overdue", 1),
        (Action.state.in_(TO_DO), 2),
        (Action.state == ActionState.DONE, 3),
        else_=4,
    )
    query: sa.Select[Any] = visible(Action, person).where(wanted.condition(person))
    return query.order_by(group, Action.due_on, Action.id).options(
        joinedload(Action.owner), joinedload(Action.unit), joinedload(Action.drill)
    )


def counts(session: Session, wanted: Wanted, person: Person) -> dict[str, int]:
    """How many of each standing match everything else that is asked for."""
    found = _standing(wanted.on).label("standing")
    query: sa.Select[Any] = visible(Action, person).where(
        wanted.condition(person, with_standing=False)
    )
    rows = session.execute(query.with_only_columns(found, sa.func.count()).group_by(found))
    known = {row[0]: row[1] for row in rows}
    return {name: known.get(name, 0) for name in STANDINGS}


def total(figures: dict[str, int], standings: Iterable[str]) -> int:
    wanted = tuple(standings) or tuple(STANDINGS)
    return sum(figures[name] for name in wanted)


def of_drill(session: Session, drill: Drill, person: Person) -> list[CorrectiveAction]:
    """The actions that follow from ``drill`` and those it tries again, soonest due first."""
    here = sa.or_(Action.drill_id == drill.id, Action.retest_drill_id == drill.id)
    query: sa.Select[Any] = visible(Action, person).where(here)
    wanted = query.order_by(Action.due_on, Action.id).options(
        joinedload(Action.owner), joinedload(Action.unit), joinedload(Action.drill)
    )
    return list(session.scalars(wanted))
