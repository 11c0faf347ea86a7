"""Members from somebody's spreadsheet: what a file would do, then all of it or none.

A person is known again by the e-mail address, without one by name and unit. A cell that is empty
or masked changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.audit import services as audit
from drills.core.errors import DomainError
from drills.core.tabular import Problem, Row, Sheet, match
from drills.core.text import N_, fold
from drills.roster import carrying
from drills.roster.columns import COLUMNS, HIDDEN
from drills.roster.models import Member, Team
from drills.roster.rows import Known, Reading, problems, read
from drills.units.models import Unit


@dataclass(slots=True)
class Plan:
    """What a file would do: each reading adds a person, a time in a team, or fills in fields."""

    additions: list[Reading] = field(default_factory=list)
    """Rows by which somebody joins a team, or is put on record without one."""
    changes: list[Reading] = field(default_factory=list)
    """Rows of people known and in their team already, of whom the file knows more."""
    present: list[str] = field(default_factory=list)
    """Names of those of whom nothing is new: nothing happens to them."""
    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def plan(session: Session, sheet: Sheet, *, team: Team | None, by: Person | None, on: date) -> Plan:
    """What the file would do. ``team`` is that of rows which name none, ``on`` their first day.

    ``by`` None is the operator, who sees everything.
    """
    places, ignored = match(sheet.headers, COLUMNS)
    rows = [(row.number, _cells(row, places)) for row in sheet.rows]
    known = _known(session, rows, team, by, on)
    result, seen = Plan(ignored=ignored), set[tuple[str, str]]()
    for number, cells in rows:
        found = list(problems(number, cells, known, seen))
        result.problems += found
        if not found:
            _place(result, read(number, cells, known))
    carrying.compare(session, result)
    return result


def carry_out(session: Session, plan: Plan, *, by: Person | None) -> int:
    """Do all of it; how many rows changed something. DomainError if a row is wrong."""
    if plan.problems:
        raise DomainError(
            N_("Nothing can be imported until every row is right. Mend the file and send it again.")
        )
    with _importing():
        carrying.add(session, plan.additions, by)
        carrying.fill_in(session, [*plan.additions, *plan.changes], by)
    return len(plan.additions) + len(plan.changes)


@contextmanager
def _importing() -> Iterator[None]:
    """The trail says of what happens meanwhile that it came from an import."""
    token = audit.origin.set("import")
    try:
        yield
    finally:
        audit.origin.reset(token)


def _cells(row: Row, places: Mapping[str, int]) -> dict[str, str]:
    cells = {c.key: row.cells[places[c.key]] if c.key in places else "" for c in COLUMNS}
    open_ones = {key: "" if HIDDEN in text else text for key, text in cells.items()}
    return open_ones | {"email": open_ones["email"].lower()}


def _seen_by(model: Any, by: Person | None) -> Any:
    return sa.select(model) if by is None else visible(model, by)


def _known(
    session: Session,
    rows: Sequence[tuple[int, Mapping[str, str]]],
    team: Team | None,
    by: Person | None,
    on: date,
) -> Known:
    """What the rows are held against, read once for the whole file."""
    units: dict[str, int] = {}
    query = _seen_by(Unit, by).with_only_columns(Unit.id, Unit.code, Unit.name)
    for identity, code, name in session.execute(query):
        units |= {fold(name): identity, fold(code): identity}
    teams = {fold(one.name): one for one in session.scalars(_seen_by(Team, by))}
    emails = {cells["email"] for _number, cells in rows} - {""}
    names = {cells["name"] for _number, cells in rows}
    same = sa.or_(Person.email.in_(emails), Person.name.in_(names))
    people = _seen_by(Person, by).where(same, Person.removed_at.is_(None))
    found = session.scalars(people.options(lazyload(Person.grants))).unique().all()
    taken = set(session.scalars(sa.select(Person.email).where(Person.email.in_(emails))))
    times = sa.select(Member).where(Member.person_id.in_([person.id for person in found]))
    members: dict[tuple[int, int], list[date | None]] = {}
    for time in session.scalars(times):
        members.setdefault((time.team_id, time.person_id), []).append(time.ends_on)
    return Known(
        units=units,
        teams=teams,
        team=team,
        people={person.email: person for person in found if person.email},
        namesakes=_namesakes(found),
        taken=frozenset(taken),
        members=members,
        on=on,
    )


def _namesakes(people: Sequence[Person]) -> dict[tuple[str, int], list[Person]]:
    found: dict[tuple[str, int], list[Person]] = {}
    for person in people:
        found.setdefault((fold(person.name), person.unit_id), []).append(person)
    return found


def _place(plan: Plan, reading: Reading) -> None:
    if reading.person is None or (reading.team and not reading.is_member):
        plan.additions.append(reading)
    else:
        plan.changes.append(reading)
