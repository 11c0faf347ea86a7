"""Form 08 of Decree 331/2026/NĐ-CP: the yearly report, its lines, its totals, what is missing.

The data run from 15/12 of the year before to 14/12; before that day has come, to today.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.approvals.models import Check
from drills.core.text import N_
from drills.reports.models import levels, past
from drills.systems.models import InformationSystem, PlanState
from drills.units.models import Unit

APPROVAL_WORDS = {
    "none": "",
    "drafting": "Đang dự thảo",
    "sent": "Đã gửi thẩm định",
    "appraised": "Đã thẩm định",
    "valid": "Đã được phê duyệt",
    "overdue": "Đã được phê duyệt",
}
PLAN_WORDS = {
    None: "",
    PlanState.NOT_IMPLEMENTED: "Chưa triển khai",
    PlanState.PARTLY: "Đã triển khai một số hạng mục",
    PlanState.FULLY: "Đã triển khai đầy đủ",
}
BEFORE_USE, PERIODIC = "Trước khi đưa vào sử dụng", "Định kỳ"
"""The words that the notes of the form prescribe for columns 6, 10 and 12."""

MISSING = {
    "level": N_("No level proposed"),
    "dossier": N_("No dossier begun"),
    "number": N_("Approved, number of the decision missing"),
    "regulation": N_("Approved, security regulation missing"),
    "approval_day": N_("Not approved, expected day of approval missing"),
    "plan": N_("State of the protection plan missing"),
    "plan_day": N_("Plan not fully implemented, expected day missing"),
    "check": N_("Approved, no periodic check in this year"),
}
"""What a line may lack, in the order of the form's columns."""
System = InformationSystem


@dataclass(frozen=True, slots=True)
class Paper:
    """A decision or a regulation as columns 7 and 8 name it."""

    number: str = ""
    on: date | None = None
    authority: str = ""

    @property
    def text(self) -> str:
        day = f"ngày {self.on:%d/%m/%Y}" if self.on else ""
        authority = f"của {self.authority}" if self.authority else ""
        parts = (self.number, day, authority)
        return " ".join(part for part in parts if part) if self.number else ""


@dataclass(frozen=True, slots=True)
class Line:
    """One system: columns 2 to 12 of section 3."""

    id: int
    code: str
    name: str
    owner: str
    operator: str
    level: int
    standing: str
    decision: Paper
    regulation: Paper
    approval_expected_on: date | None
    plan_state: PlanState | None
    plan_expected_on: date | None
    is_checked_before: bool
    is_checked: bool

    @property
    def is_approved(self) -> bool:
        return self.standing in {"valid", "overdue"}

    @property
    def checks(self) -> str:
        said = (BEFORE_USE if self.is_checked_before else "", PERIODIC if self.is_checked else "")
        return "; ".join(word for word in said if word)

    @property
    def missing(self) -> tuple[str, ...]:
        """Keys of MISSING."""
        lacks = {
            "level": not self.level,
            "dossier": self.standing == "none",
            "number": self.is_approved and not self.decision.text,
            "regulation": self.is_approved and not self.regulation.text,
            "approval_day": not self.is_approved and self.approval_expected_on is None,
            "plan": self.is_approved and self.plan_state is None,
            "plan_day": (
                self.plan_state not in {None, PlanState.FULLY} and self.plan_expected_on is None
            ),
            "check": self.is_approved and not self.is_checked,
        }
        return tuple(key for key, is_so in lacks.items() if is_so)


@dataclass
class Totals:
    """Section 1. Each holds the one below it: ``nested`` says so."""

    managed: int = 0
    classified: int = 0
    with_dossier: int = 0
    appraised: int = 0
    approved: int = 0
    checked: int = 0
    expected_by: date | None = None
    """The latest day on which an approval is expected; None if any lacks one, or none is due."""

    @property
    def nested(self) -> bool:
        counts = [
            self.managed,
            self.classified,
            self.with_dossier,
            self.appraised,
            self.approved,
            self.checked,
        ]
        return counts == sorted(counts, reverse=True)


@dataclass(frozen=True, slots=True)
class Party:
    """An owner of systems, as section 2 asks for it."""

    id: int
    path: str
    name: str
    head: str
    address: str
    phone: str
    email: str

    @property
    def is_complete(self) -> bool:
        return all((self.head, self.address, self.phone, self.email))


@dataclass
class Form:
    year: int
    since: date
    until: date
    closed_on: date
    """The day the figures are of: ``until``, or today while the year runs."""
    lines: list[Line] = field(default_factory=list)
    owners: Sequence[Party] = ()

    @property
    def is_closed(self) -> bool:
        return self.closed_on == self.until

    @property
    def totals(self) -> Totals:
        found = Totals()
        open_days = [row.approval_expected_on for row in self.lines if not row.is_approved]
        for row in self.lines:
            found.managed += 1
            found.classified += 1
            found.with_dossier += row.standing != "none"
            found.appraised += row.standing == "appraised" or row.is_approved
            found.approved += row.is_approved
            found.checked += row.is_approved and row.is_checked
        if open_days and None not in open_days:
            found.expected_by = max(day for day in open_days if day)
        return found

    @property
    def missing(self) -> Mapping[str, int]:
        """How many lines lack what, in the order of MISSING; what nobody lacks is absent."""
        counts = Counter(key for row in self.lines for key in row.missing)
        return {key: counts[key] for key in MISSING if counts[key]}


def form(session: Session, person: Person, year: int, today: date, zone: tzinfo) -> Form:
    """The form of the statutory year that ends on 14/12 of ``year``, in six statements."""
    since, until = levels.window(year)
    found = Form(year, since, until, min(until, today))
    rows = past.on_day(session, person, found.closed_on, zone)
    more = _more(session, person)
    units = levels.units(session, person)
    checks = _checks(session, person, since, found.closed_on)
    found.lines = [
        _line(row, more[row.id], units, checks.get(row.id, (None, None)))
        for row in rows
        if row.is_in_use
    ]
    found.owners = _owners(session, {row.owner_id for row in rows if row.is_in_use})
    return found


def _more(session: Session, person: Person) -> Mapping[int, Any]:
    query = visible(System, person).with_only_columns(
        System.id,
        System.regulation_number,
        System.regulation_date,
        System.regulation_authority,
        System.approval_expected_on,
        System.plan_expected_on,
    )
    return {row.id: row for row in session.execute(query)}


def _checks(
    session: Session, person: Person, since: date, until: date
) -> Mapping[int, tuple[date | None, date | None]]:
    """By system: the newest check before use, and the newest periodic one of the year."""
    periodic = sa.and_(Check.is_before_use.is_(False), Check.done_on >= since)
    query = (
        visible(Check, person)
        .where(Check.done_on <= until)
        .with_only_columns(
            Check.system_id,
            sa.func.max(sa.case((Check.is_before_use, Check.done_on))),
            sa.func.max(sa.case((periodic, Check.done_on))),
        )
        .group_by(Check.system_id)
    )
    return {system_id: (before, last) for system_id, before, last in session.execute(query)}


def _line(
    row: past.Past,
    more: Any,
    units: Mapping[int, levels.UnitRow],
    checks: tuple[date | None, date | None],
) -> Line:
    signed = row.decision
    return Line(
        id=row.id,
        code=row.code,
        name=row.name,
        owner=units[row.owner_id].name,
        operator=units[row.operator_id].name,
        level=row.level,
        standing=row.standing,
        decision=Paper(signed.number, signed.signed_on, signed.authority) if signed else Paper(),
        regulation=Paper(more.regulation_number, more.regulation_date, more.regulation_authority),
        approval_expected_on=None if row.is_approved else more.approval_expected_on,
        plan_state=row.plan_state,
        plan_expected_on=None if row.is_fully else more.plan_expected_on,
        is_checked_before=checks[0] is not None,
        is_checked=checks[1] is not None,
    )


def _owners(session: Session, ids: Iterable[int]) -> Sequence[Party]:
    wanted = set(ids)
    query = (
        sa.select(
            Unit.id,
            Unit.path,
            Unit.name,
            Unit.contact_name,
            Unit.address,
            Unit.contact_phone,
            Unit.contact_email,
        )
        .where(Unit.id.in_(sa.select(System.owner_id)))
        .order_by(Unit.sort, Unit.id)
    )
    return [Party(*row) for row in session.execute(query) if row.id in wanted]
