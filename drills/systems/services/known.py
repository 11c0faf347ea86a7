"""What a list of systems is read against: the records it speaks of and the units it may name."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.core.text import N_, fold
from drills.systems.models import InformationSystem
from drills.systems.services.cells import Names
from drills.systems.services.columns import named
from drills.units.models import Unit

T = TypeVar("T")
CHUNK = 500
"""So many values go into one statement."""


class Register:
    """The systems that a file speaks of: by code, and those without by name and owner."""

    def __init__(
        self, session: Session, codes: list[str], names: list[str], by: Person | None
    ) -> None:
        self.by_code: dict[str, InformationSystem] = {}
        self.by_name: dict[tuple[str, int], list[InformationSystem]] = {}
        self.hidden: set[str] = set()
        seen = sa.true() if by is None else InformationSystem.visible_to(by)
        for chunk in chunks(sorted({code for code in codes if code})):
            where = InformationSystem.code.in_(chunk)
            for system in session.scalars(sa.select(InformationSystem).where(where, seen)):
                self.by_code[system.code] = system
            known = session.scalars(sa.select(InformationSystem.code).where(where))
            self.hidden |= {code for code in known if code not in self.by_code}
        for chunk in chunks(sorted({name for name in names if name})):
            for system in session.scalars(
                sa.select(InformationSystem).where(InformationSystem.name.in_(chunk), seen)
            ):
                key = (fold(system.name), system.owner_id)
                self.by_name.setdefault(key, []).append(system)

    def systems(self) -> list[InformationSystem]:
        named = [system for systems in self.by_name.values() for system in systems]
        return [*self.by_code.values(), *named]


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def vocabulary(session: Session, by: Person | None) -> tuple[Names, Names, dict[str, str]]:
    """Units and people as a list may call them, and how each is exported by kind and id."""
    titles: dict[str, str] = {}
    units = Names(N_("No unit is called that."), allowed(session, by))
    for identity, code, name, name_en in session.execute(
        sa.select(Unit.id, Unit.code, Unit.name, Unit.name_en)
    ):
        units.add(identity, code, name, name_en)
        titles[f"unit:{identity}"] = named(name, code)
    people = Names(N_("Nobody is called that."))
    seen = sa.true() if by is None else Person.visible_to(by)
    for identity, name, email in session.execute(
        sa.select(Person.id, Person.name, Person.email).where(seen)
    ):
        people.add(identity, name, email)
        titles[f"person:{identity}"] = named(name, email)
    return units, people, titles


def allowed(session: Session, by: Person | None) -> set[int] | None:
    if by is None or by.sees_all:
        return None
    return set(session.scalars(Unit.ids_under(by.scope.path)))
