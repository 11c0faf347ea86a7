"""Importing a list of units: first a plan that anybody can read, then all of it or nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.audit.models import Entry
from drills.core import tabular
from drills.core.errors import DomainError
from drills.core.orm import Base
from drills.core.tabular import Column, Problem, Sheet
from drills.core.text import N_
from drills.units.models import Tier, Unit
from drills.units.services import columns as c
from drills.units.services.rows import Draft, Reader, check_together
from drills.units.services.tiers import seed_tiers, tiers_by_word
from drills.units.services.tree import place


@dataclass(frozen=True, slots=True)
class Change:
    """A unit that the file would change: (column, before, after) as text."""

    draft: Draft
    unit: Unit
    cells: tuple[tuple[Column, str, str], ...]


@dataclass(slots=True)
class Plan:
    """What an import would do. With ``problems`` it does nothing."""

    new: list[Draft] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    unchanged: int = 0
    ignored: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return len(self.new) + len(self.changed) + self.unchanged


def plan_import(session: Session, sheet: Sheet) -> Plan:
    """Read every row of ``sheet`` against the tree; DomainError if a needed column is missing."""
    places, ignored = tabular.match(sheet.headers, c.COLUMNS)
    reader = Reader(places, tiers_by_word(session))
    drafts = [reader.draft(row) for row in sheet.rows]
    return plan_drafts(session, drafts, Plan(ignored=ignored, problems=reader.problems))


def plan_drafts(session: Session, drafts: list[Draft], plan: Plan | None = None) -> Plan:
    """Compare ``drafts``, in any order, with the tree as it is."""
    plan = plan or Plan()
    units = {unit.code: unit for unit in session.scalars(sa.select(Unit))}
    plan.problems += check_together(drafts, units)
    bad = {problem.row for problem in plan.problems}
    tiers = {tier.id: tier for tier in session.scalars(sa.select(Tier))}
    by_id = {unit.id: unit for unit in units.values()}
    for draft in drafts:
        if draft.row in bad:
            continue
        unit = units.get(draft.code)
        if unit is None:
            plan.new.append(draft)
        elif cells := _differences(draft, unit, by_id, tiers):
            plan.changed.append(Change(draft, unit, cells))
        else:
            plan.unchanged += 1
    plan.problems.sort(key=lambda problem: problem.row)
    return plan


def carry_out(
    session: Session,
    plan: Plan,
    *,
    by: Person | None,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> None:
    """Do what ``plan`` says, all of it. DomainError if it has problems."""
    if plan.problems:
        raise DomainError(N_("The file has rows with mistakes. Mend them and import again."))
    ids = _ids(session)
    _add(session, plan.new, ids, by)
    for change in progress(plan.changed):
        with audit.changing(session, "revised", change.unit, by=by):
            if change.draft.parent:
                place(session, change.unit, ids[change.draft.parent])
            for name, value in change.draft.values.items():
                setattr(change.unit, name, value)
            session.flush()


def _add(session: Session, drafts: list[Draft], ids: dict[str, int], by: Person | None) -> None:
    """Insert level by level: a parent that is new itself has to have its id first."""
    root = session.scalars(sa.select(Unit).where(Unit.parent_id.is_(None))).first()
    if root is None:
        raise DomainError(N_("Set up the organisation first: everything else comes under it."))
    other = seed_tiers(session)["other"].id
    waiting = drafts
    while waiting:
        ready = [draft for draft in waiting if not draft.parent or draft.parent in ids]
        units = [
            Unit(
                code=draft.code,
                parent_id=ids[draft.parent] if draft.parent else root.id,
                version=1,
                **{"tier_id": other} | dict(draft.values),
            )
            for draft in ready
        ]
        _insert(session, Unit, units)
        ids |= _ids(session)
        _set_paths(session, {unit.parent_id for unit in units})
        for unit in units:
            unit.id = ids[unit.code]
        _insert(session, Entry, [audit.entry("created", unit, by=by) for unit in units])
        waiting = [draft for draft in waiting if draft.code not in ids]


def _ids(session: Session) -> dict[str, int]:
    return dict(session.execute(sa.select(Unit.code, Unit.id)).all())


def _insert(session: Session, model: type[Base], things: Sequence[Base]) -> None:
    """All at once: the unit of work would send one statement for each."""
    rows = [{k: v for k, v in vars(thing).items() if not k.startswith("_")} for thing in things]
    session.execute(sa.insert(model), rows)


def _set_paths(session: Session, parents: set[int | None]) -> None:
    """One statement for each parent, whatever the number of its children."""
    query = sa.select(Unit.id, Unit.path).where(Unit.id.in_(parents))
    for parent_id, path in session.execute(query).all():
        own = sa.literal(path).concat(sa.cast(Unit.id, sa.String)).concat(".")
        session.execute(
            sa.update(Unit)
            .where(Unit.parent_id == parent_id, Unit.path == "")
            .values(path=own, updated_at=Unit.updated_at)
            .execution_options(synchronize_session=False)
        )


def _differences(
    draft: Draft, unit: Unit, by_id: Mapping[int, Unit], tiers: Mapping[int, Tier]
) -> tuple[tuple[Column, str, str], ...]:
    found = []
    for column in (*c.TEXTS, *c.DAYS):
        before = getattr(unit, column.key)
        after = draft.values.get(column.key, before)
        if before != after:
            found.append((column, _shown(before), _shown(after)))
    tier_id = draft.values.get("tier_id", unit.tier_id)
    if tier_id != unit.tier_id:
        found.append((c.TIER, tiers[unit.tier_id].name_vi, tiers[tier_id].name_vi))
    above = by_id[unit.parent_id].code if unit.parent_id else ""
    if draft.parent and draft.parent != above:
        found.append((c.PARENT, above, draft.parent))
    return tuple(found)


def _shown(value: object) -> str:
    return value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value or "")
