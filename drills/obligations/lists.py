"""What the wall and the lists show: what their address asks for, and the order it stands in."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload
from werkzeug.datastructures import MultiDict

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.core.orm import contains
from drills.core.text import fold
from drills.obligations.models import Obligation, ObligationRule, Standing
from drills.units.models import Tier, Unit

LOUD = (Standing.OVERDUE, Standing.DUE_SOON, Standing.NOT_YET, Standing.MET, Standing.EXEMPT)
"""The loudest first: what a cell of several subjects says."""
ORDER = sa.case({state: number for number, state in enumerate(LOUD)}, value=Obligation.state)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; empty means all. What makes no sense is ignored."""

    words: str = ""
    tiers: tuple[str, ...] = ()
    rules: tuple[int, ...] = ()
    states: tuple[Standing, ...] = ()
    unit_id: int | None = None

    @classmethod
    def of(cls, query: MultiDict[str, str]) -> "Wanted":
        states = (value for value in query.getlist("state") if value in set(Standing))
        return cls(
            words=query.get("q", "").strip(),
            tiers=tuple(dict.fromkeys(query.getlist("tier"))),
            rules=tuple(dict.fromkeys(query.getlist("rule", type=int))),
            states=tuple(dict.fromkeys(Standing(value) for value in states)),
            unit_id=query.get("unit", type=int),
        )

    @property
    def is_narrow(self) -> bool:
        return bool(self.words or self.tiers or self.rules or self.states or self.unit_id)

    def query(self, **changed: Any) -> dict[str, Any]:
        """The same as parameters of an address, with some of them ``changed``."""
        values: dict[str, Any] = {
            "q": self.words,
            "tier": list(self.tiers),
            "rule": list(self.rules),
            "state": [state.value for state in self.states],
            "unit": self.unit_id,
        } | changed
        return {name: value for name, value in values.items() if value}

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        parts = [contains(Unit.search, fold(self.words))] if self.words else []
        if self.tiers:
            codes = sa.select(Tier.id).where(Tier.code.in_(self.tiers))
            parts.append(Unit.tier_id.in_(codes))
        if self.rules:
            parts.append(Obligation.rule_id.in_(self.rules))
        if self.states:
            parts.append(Obligation.state.in_(self.states))
        if self.unit_id:
            top = sa.select(Unit.path).where(Unit.id == self.unit_id).scalar_subquery()
            parts.append(Unit.path.startswith(top))
        return parts


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit of the wall, with how much of what it shows is late or soon will be."""

    id: int
    name: str
    code: str
    overdue: int
    soon: int


@dataclass(slots=True)
class Cell:
    """What one unit owes by one rule: itself, or all its systems, teams and people together.

    ``one`` is the obligation if there is but one.
    """

    counts: dict[Standing, int]
    due_on: date | None = None
    met_on: date | None = None
    one: "Single | None" = None

    @property
    def state(self) -> Standing:
        return next(state for state in LOUD if self.counts.get(state))

    @property
    def count(self) -> int:
        return self.counts[self.state]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Single:
    """What is needed to lead from a cell to the record behind it."""

    id: int
    subject_id: int
    by_kind: str
    by_id: int | None


def units(wanted: Wanted, person: Person) -> sa.Select[*tuple[Any, ...]]:
    """(id, name, code, overdue, soon, number of units), the most overdue first."""
    late, soon = (
        sa.func.sum(sa.case((Obligation.state == state, 1), else_=0))
        for state in (Standing.OVERDUE, Standing.DUE_SOON)
    )
    columns = Unit.id, Unit.name, Unit.code, late, soon, sa.func.count().over()
    return (
        visible(Obligation, person)
        .join(Unit, Unit.id == Obligation.unit_id)
        .where(*wanted.conditions())
        .with_only_columns(*columns)
        .group_by(Unit.id, Unit.name, Unit.code, Unit.sort)
        .order_by(late.desc(), soon.desc(), Unit.sort, Unit.id)
    )


def cells(
    session: Session, wanted: Wanted, person: Person, ids: Collection[int]
) -> dict[tuple[int, int], Cell]:
    """The cells of some units, by unit and rule."""
    here, smallest = Obligation, sa.func.min
    columns: list[Any] = [here.unit_id, here.rule_id, here.state, sa.func.count()]
    singled = (
        here.next_due_on,
        here.last_met_on,
        here.id,
        here.subject_id,
        here.by_kind,
        here.by_id,
    )
    columns += [smallest(column) for column in singled]
    query = (
        visible(here, person)
        .join(Unit, Unit.id == here.unit_id)
        .where(here.unit_id.in_(ids), *wanted.conditions())
        .with_only_columns(*columns)
        .group_by(here.unit_id, here.rule_id, here.state)
    )
    found: dict[tuple[int, int], dict[Standing, Any]] = defaultdict(dict)
    for row in session.execute(query):
        found[row[0], row[1]][row[2]] = row[3:]
    return {key: _cell(by_state) for key, by_state in found.items()}


def _cell(by_state: Mapping[Standing, Any]) -> Cell:
    cell = Cell({state: row[0] for state, row in by_state.items()})
    loudest = by_state[cell.state]
    cell.due_on, cell.met_on = loudest[1:3]
    if cell.total == 1:
        cell.one = Single(*loudest[3:])
    return cell


def obligations(wanted: Wanted, person: Person) -> sa.Select[Any]:
    """The single obligations, the loudest and longest due first."""
    return (
        visible(Obligation, person)
        .join(Unit, Unit.id == Obligation.unit_id)
        .where(*wanted.conditions())
        .order_by(ORDER, Obligation.next_due_on, Unit.sort, Obligation.id)
        .options(joinedload(Obligation.rule), joinedload(Obligation.unit).lazyload(Unit.tier))
    )


def counts(session: Session, wanted: Wanted, person: Person) -> dict[Standing, int]:
    """How many stand where, whatever state is asked for."""
    every = Wanted(wanted.words, wanted.tiers, wanted.rules, (), wanted.unit_id)
    query = (
        visible(Obligation, person)
        .join(Unit, Unit.id == Obligation.unit_id)
        .where(*every.conditions())
        .with_only_columns(Obligation.state, sa.func.count())
        .group_by(Obligation.state)
    )
    found = {row[0]: row[1] for row in session.execute(query)}
    return {state: found.get(state, 0) for state in LOUD}


def rules(session: Session) -> list[ObligationRule]:
    """The rules in force that are shown, in their order."""
    query = sa.select(ObligationRule).where(ObligationRule.is_active)
    return list(session.scalars(query.order_by(ObligationRule.position, ObligationRule.id)))


def total(figures: Mapping[Standing, int], states: Iterable[Standing]) -> int:
    return sum(figures[state] for state in tuple(states) or LOUD)


def overdue_number(person: Person) -> sa.Select[Any]:
    """How many of the obligations ``person`` sees are overdue."""
    return (
        visible(Obligation, person)
        .where(Obligation.state == Standing.OVERDUE)
        .with_only_columns(sa.func.count())
    )


def subjects_overdue(person: Person, met_by: str) -> sa.Select[Any]:
    """How many subjects that ``person`` sees are overdue with what ``met_by`` meets."""
    of_kind = sa.select(ObligationRule.id).where(ObligationRule.met_by == met_by)
    query = visible(Obligation, person).where(Obligation.state == Standing.OVERDUE)
    number = sa.func.count(Obligation.subject_id.distinct())
    return query.where(Obligation.rule_id.in_(of_kind)).with_only_columns(number)
