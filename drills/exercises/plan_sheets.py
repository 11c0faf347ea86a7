"""The lines of a programme as a sheet, and from one: what a file would do, then all or nothing.

A line is known by its year, its month or quarter and its name. What the file does not name stays.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.audit import services as audit
from drills.core.errors import Conflict
from drills.core.orm import TITLE_MAX
from drills.core.tabular import Column, Problem, Sheet, match
from drills.core.text import N_, fold
from drills.exercises.kinds import KINDS
from drills.exercises.labels import Words, known
from drills.exercises.models import Drill, PlannedDrill, PlannedDrillDetails, Programme
from drills.exercises.services import programmes
from drills.units.models import Unit

COLUMNS = (
    Column("year", "Năm", "Year", required=True),
    Column("when", "Tháng hoặc quý", "Month or quarter", ("thang", "quy", "thoi gian", "when")),
    Column(
        "title",
        "Cuộc diễn tập dự kiến",
        "Drill foreseen",
        ("ten", "ten cuoc dien tap", "noi dung", "title"),
        required=True,
    ),
    Column("kind", "Loại", "Kind", ("loai hinh", "hinh thuc"), required=True),
    Column("unit", "Đơn vị chủ trì", "Unit in charge", ("don vi", "ma don vi")),
    Column("drill", "Cuộc diễn tập", "Drill", ("ma dien tap", "ma cuoc dien tap")),
    Column("first_day", "Ngày bắt đầu", "First day"),
    Column("status", "Tình trạng", "Status", ("trang thai",)),
    Column("note", "Ghi chú", "Remarks", ("note",)),
)
"""First day and status are told of a drill and never read."""
_LABELS = {column.key: column.label_vi for column in COLUMNS}
_MONTH = re.compile(r"(?:thang|month|t|m)?\s*0?(\d{1,2})(?:\s*/\s*\d{4})?")
_QUARTER = re.compile(r"(?:quy|quarter|q)\s*(\d|iv|i{1,3})(?:\s*/\s*\d{4})?")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_ALL_YEAR = frozenset({"", "trong nam", "ca nam", "some time in the year", "-"})
Key = tuple[int, str, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Change:
    line: PlannedDrill
    details: PlannedDrillDetails
    drill_id: int | None


@dataclass
class LinesPlan:
    """``additions`` have the id of their drill, if the file names one, beside them."""

    additions: list[tuple[PlannedDrillDetails, int | None]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def plan_lines(
    session: Session, programme: Programme, sheet: Sheet, *, by: Person, language: str = "vi"
) -> LinesPlan:
    """What the file would do. DomainError if it has not the columns."""
    places, ignored = match(sheet.headers, COLUMNS)
    with force_locale(language):
        reader = _Reader(session, programme, by)
        for row in sheet.rows:
            cells = {key: row.cells[place] for key, place in places.items()}
            reader.read(row.number, cells)
    reader.made.ignored = ignored
    return reader.made


def carry_out_lines(
    session: Session, programme: Programme, plan: LinesPlan, *, by: Person
) -> tuple[int, int]:
    """How many lines were added and how many changed. Conflict if a row is wrong: then none."""
    if plan.problems:
        raise Conflict(N_("Nothing can be imported until every row is right."))
    token = audit.origin.set("import")
    try:
        for details, drill_id in plan.additions:
            line = programmes.add_line(session, programme, details, by=by)
            _hold(session, line, drill_id, by)
        for change in plan.changes:
            programmes.revise_line(session, change.line, change.details, by=by)
            _hold(session, change.line, change.drill_id, by)
    finally:
        audit.origin.reset(token)
    return len(plan.additions), len(plan.changes)


def _hold(session: Session, line: PlannedDrill, drill_id: int | None, by: Person) -> None:
    if drill_id is not None and line.drill_id != drill_id:
        programmes.hold_line(session, line, session.get_one(Drill, drill_id), by=by)


class _Reader:
    def __init__(self, session: Session, programme: Programme, by: Person) -> None:
        self.programme, self.made = programme, LinesPlan()
        self.kinds: Words = known({key: kind.label for key, kind in KINDS.items()})
        self.units = _units(session, by)
        self.drills = _drills(session, by)
        self.taken = _taken(session)
        self.there: dict[Key, list[PlannedDrill]] = {}
        for line in programmes.lines(session, programme):
            key = (line.year, fold(line.title), line.month, line.quarter)
            self.there.setdefault(key, []).append(line)

    def read(self, row: int, cells: Mapping[str, str]) -> None:
        before = len(self.made.problems)
        details = self._details(row, cells)
        drill_id = self._drill(row, cells)
        if len(self.made.problems) > before or details is None:
            return
        key = (details.year, fold(details.title), details.month, details.quarter)
        line = self.there[key].pop(0) if self.there.get(key) else None
        if drill_id and self.taken.get(drill_id) not in {None, line.id if line else 0}:
            reason = N_("This drill stands for another line of a plan.")
            remedy = N_("Part them first, or leave the cell empty.")
            self._say(row, "drill", cells, reason, remedy)
        elif line is None:
            self.made.additions.append((details, drill_id))
        elif _differs(line, details) or drill_id not in {None, line.drill_id}:
            self.made.changes.append(Change(line, details, drill_id))
        else:
            self.made.unchanged += 1

    def _details(self, row: int, cells: Mapping[str, str]) -> PlannedDrillDetails | None:
        title, said = cells["title"], cells["year"]
        year = int(said) if said.isdecimal() and len(said) < 6 else 0
        if year not in self.programme.years:
            years = {"first": self.programme.from_year, "last": self.programme.to_year}
            reason = N_("The programme does not cover this year.")
            remedy = N_("Write a year from %(first)s to %(last)s.")
            self._say(row, "year", cells, reason, remedy, **years)
        if not title or len(title) > TITLE_MAX:
            reason = N_("The name is missing or longer than %(most)s characters.")
            self._say(row, "title", cells, reason, N_("Name the drill."), most=TITLE_MAX)
        kind = self.kinds.get(fold(cells["kind"]))
        if kind is None:
            reason, remedy = N_("This word is not known here."), N_("Write one of: %(words)s.")
            self._say(row, "kind", cells, reason, remedy, words="; ".join(self.kinds.labels))
        unit_id = self._unit(row, cells)
        when = self._when(row, cells)
        if kind is None or unit_id is None or when is None:
            return None
        month, quarter = when
        note = cells.get("note", "")
        return PlannedDrillDetails(year, title, kind, unit_id, quarter, month, note)

    def _unit(self, row: int, cells: Mapping[str, str]) -> int | None:
        said = cells.get("unit", "")
        if not said:
            return self.programme.unit_id
        found = self.units.get(fold(said))
        if found is None:
            reason = N_("No unit you may see has this code or name.")
            remedy = N_("Write the unit's code as the list of units has it.")
            self._say(row, "unit", cells, reason, remedy)
        return found

    def _when(self, row: int, cells: Mapping[str, str]) -> tuple[int | None, int | None] | None:
        """Month and quarter, at most one of them; None if the cell makes no sense."""
        said = fold(cells.get("when", ""))
        if said in _ALL_YEAR:
            return None, None
        if quarter := _QUARTER.fullmatch(said):
            number = _ROMAN.get(quarter[1]) or int(quarter[1])
            if 1 <= number <= 4:
                return None, number
        month = _MONTH.fullmatch(said)
        if month and 1 <= int(month[1]) <= 12:
            return int(month[1]), None
        reason = N_("This is neither a month nor a quarter.")
        self._say(row, "when", cells, reason, N_("Write “Tháng 5”, “Quý 2”, or nothing."))
        return None

    def _drill(self, row: int, cells: Mapping[str, str]) -> int | None:
        said = cells.get("drill", "")
        found = self.drills.get(said) if said else None
        if said and found is None:
            reason = N_("No drill you may see has this code.")
            self._say(row, "drill", cells, reason, N_("Write its code, or leave the cell empty."))
        return found

    def _say(
        self, row: int, key: str, cells: Mapping[str, str], reason: str, remedy: str, **more: Any
    ) -> None:
        value = cells.get(key, "")[:60]
        self.made.problems.append(Problem(row, _LABELS[key], value, reason, remedy, more))


def _differs(line: PlannedDrill, details: PlannedDrillDetails) -> bool:
    return any(getattr(line, name) != value for name, value in asdict(details).items())


def _units(session: Session, by: Person) -> Mapping[str, int | None]:
    """By code and by name; None where two units have the name."""
    query = visible(Unit, by).with_only_columns(Unit.id, Unit.code, Unit.name, Unit.name_en)
    rows: Sequence[Any] = session.execute(query).all()
    names: dict[str, int | None] = {}
    for row in rows:
        for name in {fold(row.name), fold(row.name_en)} - {""}:
            names[name] = None if name in names else row.id
    return names | {fold(row.code): row.id for row in rows}


def _drills(session: Session, by: Person) -> Mapping[str, int]:
    query = visible(Drill, by).with_only_columns(Drill.code, Drill.id)
    return {row.code: row.id for row in session.execute(query)}


def _taken(session: Session) -> Mapping[int, int]:
    """Which line each drill stands for."""
    query = sa.select(PlannedDrill.drill_id, PlannedDrill.id).where(
        PlannedDrill.drill_id.is_not(None)
    )
    return {row.drill_id: row.id for row in session.execute(query)}


def when_of(line: PlannedDrill | PlannedDrillDetails) -> str:
    """When a line is foreseen, in words that are read again."""
    if line.month:
        return str(_("Month %(number)s", number=line.month))
    if line.quarter:
        return str(_("Quarter %(number)s", number=line.quarter))
    return str(_("Some time in the year"))
