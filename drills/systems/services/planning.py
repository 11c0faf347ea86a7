"""Reading a list of systems against the register: what it would add, change and cannot say."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.core import tabular
from drills.core.errors import DomainError
from drills.core.tabular import Problem, Row, Sheet
from drills.core.text import N_, fold
from drills.systems.models import (
    Approval,
    DecisionDetails,
    Fault,
    InformationSystem,
    Said,
    SystemDetails,
    faults,
)
from drills.systems.services import columns as c
from drills.systems.services.cells import BadCell, readers
from drills.systems.services.drafts import EMPTY, NEW, details_of, undecided, with_units
from drills.systems.services.known import Register, vocabulary
from drills.systems.services.plans import Addition, Plan, Revision
from drills.systems.services.rulings import CONTRADICTED, Rulings, said_of
from drills.systems.services.writing import code_for, next_number

_DECIDED = ("level", "approval")
"""An empty cell of these leaves an approved system approved."""


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
        self.made = Plan(on, ignored=ignored)
        units, people, self.titles = vocabulary(session, by)
        self.readers = readers(units, people)
        self.known = Register(session, self._cells("code"), self._names_without_code(), by)
        self.rulings = Rulings(session, self.known.systems(), by, on)
        self.next = next_number(session)
        self.codes = Counter(fold(code) for code in self._cells("code") if code)
        self.unnamed: Counter[tuple[str, int]] = Counter()

    def plan(self) -> Plan:
        for row in self.sheet.rows:
            before = len(self.made.problems)
            system = self._existing(row)
            details, told = self._details(row, system)
            decision = None
            if len(self.made.problems) == before:
                details, decision = self._decide(row, system, details, told)
                self._check(row, details, system)
            if len(self.made.problems) == before:
                self._place(row, system, details, decision)
        return self.made

    def _cell(self, row: Row, key: str) -> str:
        place = self.places.get(key)
        return "" if place is None else row.cells[place]

    def _cells(self, key: str) -> list[str]:
        return [self._cell(row, key) for row in self.sheet.rows]

    def _names_without_code(self) -> list[str]:
        return [self._cell(r, "name") for r in self.sheet.rows if not self._cell(r, "code")]

    def _existing(self, row: Row) -> InformationSystem | None:
        code = self._cell(row, "code")
        if not code:
            return self._same(row)
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

    def _details(
        self, row: Row, system: InformationSystem | None
    ) -> tuple[SystemDetails, dict[str, Any]]:
        """What the record would be, and what the row says of a decision.

        A cell that shows what the record holds changes nothing.
        """
        current = details_of(system) if system else NEW
        values: dict[str, Any] = {}
        told: dict[str, Any] = {}
        for key in self.places:
            text = self._cell(row, key)
            is_told = key in c.DECISION_KEYS
            if system and not is_told and text == self._text(key, getattr(current, key)):
                continue
            if not text and key in _DECIDED and system and system.is_approved:
                continue
            try:
                value = self.readers[key](text)
            except BadCell as bad:
                self._say(row, key, bad.reason, bad.remedy, bad.values)
                continue
            values[key] = EMPTY[key] if value is None and key in EMPTY else value
            if is_told:
                told[key] = values.pop(key)
        return replace(current, **with_units(values, current)), told

    def _decide(
        self,
        row: Row,
        system: InformationSystem | None,
        details: SystemDetails,
        told: dict[str, Any],
    ) -> tuple[SystemDetails, DecisionDetails | None]:
        """The record as it is but for the decision, and the decision if it is not known yet."""
        said = said_of(details, told)
        held = self.rulings.same(system, said) if said.number or said.signed_on else None
        if held and system:
            return self._known(row, system, details, said, held), None
        if not self._tells_decision(row, system, details, said):
            return details, None
        faults = list(self.rulings.faults(said))
        self._tell(row, faults)
        return undecided(details, system), None if faults else said.details()

    def _tells_decision(
        self, row: Row, system: InformationSystem | None, details: SystemDetails, said: Said
    ) -> bool:
        """A decision with number, date and level is an approval, where no word says otherwise."""
        word = self._cell(row, "approval")
        if word and details.approval is not Approval.APPROVED:
            is_whole = said.level and said.number and said.signed_on
            self._tell(row, [CONTRADICTED] if is_whole else [])
            return False
        return bool(said.number or (word and not (system and system.is_approved)))

    def _known(
        self,
        row: Row,
        system: InformationSystem,
        details: SystemDetails,
        said: Said,
        held: Said,
    ) -> SystemDetails:
        """The row tells of a decision that is recorded: nothing of it may be told otherwise."""
        self._tell(row, self.rulings.rewritten(held, said))
        is_ruling = held == self.rulings.in_force(system)
        review = details.review_due_on if is_ruling else system.review_due_on
        return replace(undecided(details, system), review_due_on=review)

    def _tell(self, row: Row, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self._say(row, fault.field, fault.reason, fault.remedy, fault.values)

    def _check(self, row: Row, details: SystemDetails, system: InformationSystem | None) -> None:
        if not details.owner_id:
            key = "owner_id" if "owner_id" in self.places else "operator_id"
            self._say(
                row,
                key,
                N_("The row names no unit."),
                N_("Give the code or the name of the owner or the operator."),
            )
        is_fixed = system is not None and self.rulings.fixes_review(system)
        self._tell(row, faults(details, system, has_fixed_review=is_fixed))

    def _place(
        self,
        row: Row,
        system: InformationSystem | None,
        details: SystemDetails,
        decision: DecisionDetails | None,
    ) -> None:
        if system is None:
            self._add(row, details, decision)
            return
        details = replace(details, code=details.code or system.code)
        cells = self._differences(details_of(system), details)
        if decision:
            cells += self._decided(system, decision)
        if cells:
            self.made.revisions.append(Revision(row.number, system, details, cells, decision))
        else:
            self.made.unchanged += 1

    def _decided(
        self, system: InformationSystem, decision: DecisionDetails
    ) -> tuple[tuple[str, str, str], ...]:
        pairs = (
            ("decision_number", system.decision_number, decision.number),
            ("decision_date", system.decision_date, decision.signed_on),
            ("level", system.level, decision.level),
        )
        return tuple(
            (key, self._text(key, old), self._text(key, new))
            for key, old, new in pairs
            if old != new
        )

    def _same(self, row: Row) -> InformationSystem | None:
        """The one system of this name and owner, so that a list without codes may come again."""
        same = (fold(self._cell(row, "name")), self._owner(row))
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

    def _owner(self, row: Row) -> int:
        """The owner that the row names, or the operator in its place; 0 for none."""
        for key in ("owner_id", "operator_id"):
            try:
                if identity := self.readers[key](self._cell(row, key)):
                    return int(identity)
            except BadCell:
                continue
        return 0

    def _add(self, row: Row, details: SystemDetails, decision: DecisionDetails | None) -> None:
        if not details.code:
            while fold(code_for(self.next)) in self.codes:
                self.next += 1
            details = replace(details, code=code_for(self.next))
            self.next += 1
        self.made.additions.append(Addition(row.number, details, decision))

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
