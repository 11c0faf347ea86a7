"""Actions from somebody's spreadsheet: what a file would do to a drill, then all or nothing.

A row with a code we know is that action: its text, owner, unit and day are changed to what the
file says. The states in the file are not read: each step is taken by a person, on its page.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.audit import services as audit
from drills.core.days import read_day
from drills.core.errors import DomainError
from drills.core.tabular import Problem, Sheet, match
from drills.core.text import N_, fold
from drills.exercises.models import Drill
from drills.findings.columns import COLUMNS
from drills.findings.models import CLOSED, ActionDetails, CorrectiveAction
from drills.findings.services import actions
from drills.units.models import Unit

_LABELS = {column.key: column.label_vi for column in COLUMNS}
Wrong = Callable[[str, str, str], Problem]


@dataclass(frozen=True, slots=True)
class Change:
    """An action that would differ: ``before`` and ``after`` by field."""

    action: CorrectiveAction
    details: ActionDetails


@dataclass(slots=True)
class Plan:
    additions: list[ActionDetails] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows are held against, read once for the whole file."""

    units: Mapping[str, int]
    people: Mapping[str, Person | None]
    """None: two people have this name."""
    actions: Mapping[str, CorrectiveAction]


def plan(session: Session, drill: Drill, sheet: Sheet, *, by: Person, on: date) -> Plan:
    """What the file would do to the actions of ``drill``; DomainError if it has not the columns."""
    places, ignored = match(sheet.headers, COLUMNS)
    known, result = _known(session, drill, by), Plan(ignored=ignored)
    seen: set[str] = set()
    for row in sheet.rows:
        cells = {c.key: row.cells[places[c.key]] if c.key in places else "" for c in COLUMNS}

        def wrong(key: str, reason: str, remedy: str, row: int = row.number) -> Problem:
            return Problem(row, _LABELS[key], cells[key], reason, remedy)  # noqa: B023 - used at once

        found = list(_problems(wrong, cells, drill, known, seen, on))
        result.problems += found
        if not found:
            _place(result, cells, drill, known, on)
        seen.add(cells["code"])
    return result


def carry_out(
    session: Session, drill: Drill, plan: Plan, *, by: Person, at: datetime
) -> tuple[int, int]:
    """How many were added and how many changed. DomainError if a row is wrong: then none."""
    if plan.problems:
        raise DomainError(
            N_("Nothing can be imported until every row is right. Mend the file and send it again.")
        )
    token = audit.origin.set("import")
    try:
        for details in plan.additions:
            actions.ask(session, drill, details, by=by, at=at)
        for change in plan.changes:
            version = change.action.version
            actions.revise(session, change.action, change.details, by=by, version=version, at=at)
    finally:
        audit.origin.reset(token)
    return len(plan.additions), len(plan.changes)


def _known(session: Session, drill: Drill, by: Person) -> _Known:
    units: dict[str, int] = {}
    for identity, code, name in session.execute(
        visible(Unit, by).with_only_columns(Unit.id, Unit.code, Unit.name)
    ):
        units |= {fold(name): identity, fold(code): identity}
    people: dict[str, Person | None] = {}
    for person in session.scalars(visible(Person, by)).unique():
        name = fold(person.name)
        people[name] = None if name in people else person
        people[person.email or name] = person if person.email else people[name]
    found = session.scalars(
        sa.select(CorrectiveAction).where(CorrectiveAction.drill_id == drill.id)
    )
    return _Known(units, people, {action.code: action for action in found})


def _problems(
    wrong: Wrong,
    cells: Mapping[str, str],
    drill: Drill,
    known: _Known,
    seen: set[str],
    on: date,
) -> Iterator[Problem]:
    if not cells["text"]:
        yield wrong("text", N_("What is to be done is missing."), N_("Write it in this cell."))
    yield from _wrong_code(wrong, cells, drill, known, seen)
    yield from _wrong_owner(wrong, cells, known)
    if cells["unit"] and fold(cells["unit"]) not in known.units:
        yield wrong(
            "unit",
            N_("No unit you may see has this code or name."),
            N_("Write the unit's code as the list of units has it."),
        )
    if not cells["due_on"]:
        yield wrong("due_on", N_("No day is given."), N_("Write it as 23/11/2026."))
    elif read_day(cells["due_on"], on) is None:
        yield wrong(
            "due_on", N_("This is not a day of the calendar."), N_("Write it as 23/11/2026.")
        )


def _wrong_code(
    wrong: Wrong, cells: Mapping[str, str], drill: Drill, known: _Known, seen: set[str]
) -> Iterator[Problem]:
    code = cells["code"]
    if cells["drill"] and fold(cells["drill"]) not in {fold(drill.code), fold(drill.title)}:
        yield wrong(
            "drill",
            N_("This row belongs to another drill."),
            N_("Take the row out, or import it at its own drill."),
        )
    elif code and code in seen:
        yield wrong(
            "code", N_("The code stands in an earlier row too."), N_("Keep one row for each.")
        )
    elif code and code not in known.actions:
        yield wrong(
            "code",
            N_("This drill has no action of this code."),
            N_("Leave the cell empty for a new action."),
        )
    elif code and known.actions[code].state in CLOSED:
        yield wrong(
            "code",
            N_("This action is closed."),
            N_("Take the row out, or reopen the action first."),
        )


def _wrong_owner(wrong: Wrong, cells: Mapping[str, str], known: _Known) -> Iterator[Problem]:
    key = _owner_key(cells)
    if not key and not cells["code"]:
        yield wrong("owner", N_("Nobody is named."), N_("Write an e-mail address or a name."))
    elif key and key not in known.people:
        yield wrong(
            "owner",
            N_("Nobody you may see has this name or address."),
            N_("Write the e-mail address, or enter the person first."),
        )
    elif key and known.people[key] is None:
        yield wrong(
            "owner", N_("Several people have this name."), N_("Write the e-mail address instead.")
        )


def _owner_key(cells: Mapping[str, str]) -> str:
    text = cells["owner"]
    return text.lower() if "@" in text else fold(text)


def _place(plan: Plan, cells: Mapping[str, str], drill: Drill, known: _Known, on: date) -> None:
    action = known.actions.get(cells["code"])
    owner = known.people.get(_owner_key(cells))
    unit_id = known.units.get(fold(cells["unit"]))
    details = ActionDetails(
        text=cells["text"],
        owner_id=owner.id if owner else action.owner_id if action else 0,
        unit_id=unit_id
        or (action.unit_id if action else owner.unit_id if owner else drill.unit_id),
        due_on=read_day(cells["due_on"], on) or on,
        finding_id=action.finding_id if action else None,
    )
    if action is None:
        plan.additions.append(details)
    elif all(getattr(action, name) == value for name, value in asdict(details).items()):
        plan.unchanged.append(action.code)
    else:
        plan.changes.append(Change(action, details))
