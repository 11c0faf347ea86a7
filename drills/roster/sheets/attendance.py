"""Who was at a training event: a row for each person."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.core.orm import TITLE_MAX
from drills.core.tabular import Column, Sheet
from drills.core.text import N_, fold
from drills.roster.models import (
    TRAINING_RESULTS,
    AttendanceDetails,
    TrainingAttendance,
    TrainingEvent,
    TrainingResult,
)
from drills.roster.services import training as services
from drills.roster.sheets.reading import EMAIL, NAME, Plan, importing, opened, people_of

COLUMNS = (
    EMAIL,
    NAME,
    Column("unit", "Đơn vị", "Unit", ("don vi cong tac",)),
    Column("result", "Kết quả", "Result", ("tham du", "danh gia")),
    Column("note", "Ghi chú", "Note", ("diem", "nhan xet", "score")),
)
RESULTS = {
    "": TrainingResult.ATTENDED,
    **{result.value: result for result in TrainingResult},
    **{fold(label): result for result, label in TRAINING_RESULTS.items()},
    "x": TrainingResult.ATTENDED,
    "co": TrainingResult.ATTENDED,
    "co mat": TrainingResult.ATTENDED,
    "tham du": TrainingResult.ATTENDED,
    "dat": TrainingResult.PASSED,
    "khong dat": TrainingResult.FAILED,
    "vang": TrainingResult.ABSENT,
    "vang mat": TrainingResult.ABSENT,
}


@dataclass(frozen=True, slots=True)
class Noted:
    row: int
    person: Person
    details: AttendanceDetails
    before: TrainingAttendance | None


def plan(session: Session, event: TrainingEvent, sheet: Sheet, *, by: Person) -> Plan[Noted]:
    result: Plan[Noted] = Plan()
    lines = opened(sheet, COLUMNS, result)
    people, there = people_of(session, lines, by), attending(session, event)
    known, seen = {one.person_id: one for one in there}, set[int]()
    for line in lines:
        person, found = line.person(people), RESULTS.get(fold(line["result"]))
        if found is None:
            line.wrong(
                "result",
                N_("This result is not known."),
                N_("Write “Tham dự”, “Đạt”, “Không đạt” or “Vắng”."),
            )
        if person and person.id in seen:
            line.wrong(
                "name", N_("The person stands in an earlier row too."), N_("Keep one row for each.")
            )
        result.problems += line.problems
        if person and found and not line.problems:
            seen.add(person.id)
            details = AttendanceDetails(found, line["note"][:TITLE_MAX])
            _place(result, Noted(line.number, person, details, known.get(person.id)))
    return result


def _place(result: Plan[Noted], one: Noted) -> None:
    before = one.before
    if before and AttendanceDetails(before.result, before.note) == one.details:
        result.unchanged += 1
    else:
        result.entries.append(one)


def carry_out(session: Session, event: TrainingEvent, plan: Plan[Noted], *, by: Person) -> int:
    """How many were noted. DomainError if a row is wrong: then none."""
    plan.refuse_mistakes()
    with importing():
        for one in plan.entries:
            services.note_attendance(session, event, one.person, one.details, by=by)
    return len(plan.entries)


def attending(session: Session, event: TrainingEvent) -> list[TrainingAttendance]:
    query = sa.select(TrainingAttendance).where(TrainingAttendance.training_event_id == event.id)
    return list(session.scalars(query))


def exported(
    rows: Iterable[TrainingAttendance], written: Callable[[str], str], language: str
) -> Iterator[list[Any]]:
    """``written`` says the result in the reader's words."""
    for one in rows:
        person, told = one.person, written(one.result_label)
        yield [person.email or "", person.name, person.unit.title(language), told, one.note]
