"""Reading a list of systems against the register: what it would add, change and cannot say."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.core import tabular
from drills.core.errors import DomainError
from drills.core.tabular import Problem, Row, Sheet
from drills.core.text import N_, fold
from drills.systems.models import (
    Approval,
    InformationSystem,
    SystemDetails,
    SystemKind,
    SystemStatus,
    faults,
)
from drills.systems.services import columns as c
from drills.systems.services.cells import BadCell, Names, Read, readers
from drills.systems.services.known import Register, allowed
from drills.systems.services.plans import Addition, Plan, Revision
from drills.systems.services.writing import code_for, next_number
from drills.units.models import Unit

_NEW = SystemDetails(
    code="",
    name="",
    description="",
    owner_id=0,
    operator_id=0,
    kind=SystemKind.INTERNAL,
    has_public_information=False,
    has_private_information=False,
    has_personal_data=False,
    has_state_secrets=False,
    status=SystemStatus.OPERATING,
    level=None,
    approval=Approval.NONE,
    decision_number="",
    decision_date=None,
    decision_authority="",
    review_due_on=None,
    responsible_id=None,
)
_EMPTY = {"kind": _NEW.kind, "status": _NEW.status, "approval": _NEW.approval}
"""What an empty cell of a choice stands for."""


def columns_of(sheet: Sheet) -> tuple[dict[str, int], list[str]]:
    """Where our columns stand, and the headers ignored. DomainError without name and code."""
    places, ignored = tabular.match(sheet.headers, c.COLUMNS)
    if not places.keys() & {"code", "name"}:
        raise DomainError(
            N_(
                "The file has no column “%(columns)s”. Name it so in the first line that is "
                "not empty, and import again."
            ),
            columns=c.BY_KEY["name"].label_vi,
        )
    return places, ignored


def plan_import(
    session: Session, sheet: Sheet, *, by: Person | None, on: date, language: str = "vi"
) -> Plan:
    """Read ``sheet`` for ``by`` (nobody: the operator, who sees everything) as of ``on``.

    An absent column leaves what it stands for as it is, an empty cell empties it. DomainError
    if no column can be recognised.
    """
    return _Planner(session, sheet, by, on, language).plan()


class _Planner:
    def __init__(
        self, session: Session, sheet: Sheet, by: Person | None, on: date, language: str
    ) -> None:
        self.session, self.sheet, self.by, self.on, self.language = session, sheet, by, on, language
        self.places, ignored = columns_of(sheet)
        self.made = Plan(ignored=ignored)
        self.titles: dict[str, str] = {}
        self.readers = self._readers()
        self.known = Register(session, self._cells("code"), self._names_without_code(), by)
        self.next = next_number(session)
        self.codes = Counter(fold(code) for code in self._cells("code") if code)
        self.unnamed: Counter[tuple[str, int]] = Counter()

    def plan(self) -> Plan:
        for row in self.sheet.rows:
            before = len(self.made.problems)
            system = self._existing(row)
            details = self._details(row, system)
            if len(self.made.problems) == before:
                self._check(row, details)
            if len(self.made.problems) == before:
                self._place(row, system, details)
        return self.made

    def _cell(self, row: Row, key: str) -> str:
        place = self.places.get(key)
        return "" if place is None else row.cells[place]

    def _cells(self, key: str) -> list[str]:
        return [self._cell(row, key) for row in self.sheet.rows]

    def _names_without_code(self) -> list[str]:
        return [self._cell(r, "name") for r in self.sheet.rows if not self._cell(r, "code")]

    def _readers(self) -> dict[str, Read]:
        units = Names(N_("No unit is called that."), allowed(self.session, self.by))
        for identity, code, name, name_en in self.session.execute(
            sa.select(Unit.id, Unit.code, Unit.name, Unit.name_en)
        ):
            units.add(identity, code, name, name_en)
            self.titles[f"unit:{identity}"] = c.named(name, code)
        people = Names(N_("Nobody is called that."))
        seen = sa.true() if self.by is None else Person.visible_to(self.by)
        for identity, name, email in self.session.execute(
            sa.select(Person.id, Person.name, Person.email).where(seen)
        ):
            people.add(identity, name, email)
            self.titles[f"person:{identity}"] = c.named(name, email)
        return readers(units, people)

    def _existing(self, row: Row) -> InformationSystem | None:
        code = self._cell(row, "code")
        if not code:
            return None
        if self.codes[fold(code)] > 1:
            self._say(
                row,
                "code",
                N_("This code stands in several rows of the file."),
                N_("Keep one of them, or give each its own code."),
            )
        if code in self.known.hidden:
            self._say(
                row,
                "code",
                N_("This code belongs to a system outside your scope."),
                N_("Leave the row out, or give the system another code."),
            )
        return self.known.by_code.get(code)

    def _details(self, row: Row, system: InformationSystem | None) -> SystemDetails:
        """What the record would be; a cell that shows what the record holds changes nothing."""
        current = details_of(system) if system else _NEW
        values: dict[str, Any] = {}
        for key in self.places:
            text = self._cell(row, key)
            if system and text == self._text(key, getattr(current, key)):
                continue
            try:
                value = self.readers[key](text)
            except BadCell as bad:
                self._say(row, key, bad.reason, bad.remedy, bad.values)
                continue
            values[key] = _EMPTY[key] if value is None and key in _EMPTY else value
        return self._completed(row, replace(current, **_with_units(values, current)), system)

    def _completed(
        self, row: Row, details: SystemDetails, system: InformationSystem | None
    ) -> SystemDetails:
        """A decision with number, date and level is an approval, where no word says otherwise."""
        said = self._cell(row, "approval")
        is_decided = details.level and details.decision_number and details.decision_date
        if is_decided and not said and (system is None or "approval" in self.places):
            details = replace(details, approval=Approval.APPROVED)
        return details

    def _check(self, row: Row, details: SystemDetails) -> None:
        if not details.owner_id:
            key = "owner_id" if "owner_id" in self.places else "operator_id"
            self._say(
                row,
                key,
                N_("The row names no unit."),
                N_("Give the code or the name of the owner or the operator."),
            )
        for fault in faults(details, self.on):
            self._say(row, fault.field, fault.reason, fault.remedy)

    def _place(self, row: Row, system: InformationSystem | None, details: SystemDetails) -> None:
        if not details.code:
            system = self._same(row, details)
        if system is None:
            self._add(row, details)
        elif cells := self._differences(details_of(system), replace(details, code=system.code)):
            details = replace(details, code=system.code)
            self.made.revisions.append(Revision(row.number, system, details, cells))
        else:
            self.made.unchanged += 1

    def _same(self, row: Row, details: SystemDetails) -> InformationSystem | None:
        """The one system of this name and owner, so that a list without codes may come again."""
        same = (fold(details.name), details.owner_id)
        self.unnamed[same] += 1
        if self.unnamed[same] > 1:
            self._say(
                row,
                "name",
                N_("The file has two systems of this name and owner."),
                N_("Keep one of them, or give each its own code."),
            )
        found = self.known.by_name.get(same, [])
        return found[0] if len(found) == 1 else None

    def _add(self, row: Row, details: SystemDetails) -> None:
        if not details.code:
            while fold(code_for(self.next)) in self.codes:
                self.next += 1
            details = replace(details, code=code_for(self.next))
            self.next += 1
        self.made.additions.append(Addition(row.number, details))

    def _differences(
        self, before: SystemDetails, after: SystemDetails
    ) -> tuple[tuple[str, str, str], ...]:
        return tuple(
            (f.name, self._text(f.name, old), self._text(f.name, new))
            for f in fields(SystemDetails)
            if (old := getattr(before, f.name)) != (new := getattr(after, f.name))
        )

    def _text(self, key: str, value: Any) -> str:
        """``value`` as a list shows it, dates as the reader of files hands them over."""
        if key in {"owner_id", "operator_id"}:
            return self.titles.get(f"unit:{value}", "")
        if key == "responsible_id":
            return self.titles.get(f"person:{value}", "")
        return str(c.written(key, value, self.language))

    def _say(
        self, row: Row, key: str, reason: str, remedy: str, values: Mapping[str, Any] | None = None
    ) -> None:
        place = self.places.get(key)
        label = c.BY_KEY[key].label(self.language)
        column = label if place is None else self.sheet.headers[place]
        value = self._cell(row, key)[:120]
        self.made.problems.append(Problem(row.number, column, value, reason, remedy, values or {}))


def _with_units(values: dict[str, Any], current: SystemDetails) -> dict[str, Any]:
    """Owner and operator stand in for each other where a row names only one of them."""
    owner = values.get("owner_id", current.owner_id)
    operator = values.get("operator_id", current.operator_id)
    pair = {"owner_id": owner or operator or 0, "operator_id": operator or owner or 0}
    return values | pair


def details_of(system: InformationSystem) -> SystemDetails:
    return SystemDetails(**{f.name: getattr(system, f.name) for f in fields(SystemDetails)})
