"""What a workbook may name: units, teams, people, systems and editions, by name and by code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.core.text import fold
from drills.exercises.models import Edition, Series
from drills.roster.models import Team
from drills.systems.models import InformationSystem
from drills.units.models import Unit

Known = Mapping[str, int | None]
"""Ids by folded name or code; None where two have the name."""


@dataclass(frozen=True, slots=True)
class Names:
    """``unit_of`` has where each person works."""

    units: Known
    teams: Known
    people: Known
    systems: Known
    editions: Known
    unit_of: Mapping[int, int]


def names(session: Session, by: Person | None) -> Names:
    """What ``by`` may see; nobody is the operator, who sees all. Five statements."""
    people = session.execute(
        _seen(Person, by).with_only_columns(Person.id, Person.name, Person.email, Person.unit_id)
    ).all()
    editions = session.execute(
        sa.select(Edition.id, Series.code, Edition.year).join(Series).order_by(Edition.id.desc())
    )
    return Names(
        units=_named(_rows(session, Unit, by, "code")),
        teams=_named(_rows(session, Team, by)),
        people=_named((row.id, row.name, row.email or "") for row in people),
        systems=_named(_rows(session, InformationSystem, by, "code")),
        editions={fold(f"{code} {year}"): key for key, code, year in editions},
        unit_of={row.id: row.unit_id for row in people},
    )


def _seen(model: Any, by: Person | None) -> sa.Select[Any]:
    return visible(model, by) if by else sa.select(model)


def _rows(session: Session, model: Any, by: Person | None, *more: str) -> Iterable[Any]:
    columns = [model.id, model.name, *(getattr(model, name) for name in more)]
    return session.execute(_seen(model, by).with_only_columns(*columns)).all()


def _named(rows: Iterable[Any]) -> Known:
    """A code is one thing's alone and overrules a name."""
    found: dict[str, int | None] = {}
    codes: dict[str, int | None] = {}
    for key, name, *more in rows:
        found[fold(name)] = None if fold(name) in found else key
        codes |= {fold(code): key for code in more if code}
    return found | codes
