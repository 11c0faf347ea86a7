"""Programmes, the lines of their yearly plans, and drills that recur."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import Conflict, DomainError, NotAllowedNow
from drills.core.text import N_
from drills.exercises.models import (
    Drill,
    PlannedDrill,
    PlannedDrillDetails,
    Programme,
    ProgrammeDetails,
    Recurrence,
    RecurrenceDetails,
    Status,
)


def add_programme(session: Session, details: ProgrammeDetails, *, by: Person | None) -> Programme:
    programme = Programme(**asdict(details))
    session.add(programme)
    audit.record(session, "created", programme, by=by)
    return programme


def revise_programme(
    session: Session,
    programme: Programme,
    details: ProgrammeDetails,
    *,
    version: int,
    by: Person | None,
) -> None:
    """The years may not leave out a line of the plan."""
    if programme.version != version:
        raise Conflict(N_("Somebody else has changed this programme since you opened it."))
    outside = [
        line.title
        for line in programme.lines
        if not details.from_year <= line.year <= details.to_year
    ]
    if outside:
        raise DomainError(
            N_("“%(title)s” is planned outside these years. Move it first."), title=outside[0]
        )
    with audit.changing(session, "revised", programme, by=by):
        for name, value in asdict(details).items():
            setattr(programme, name, value)


def lines(session: Session, programme: Programme) -> Sequence[PlannedDrill]:
    """The plan in the order of its months; a line without one stands at the end of its year."""
    found = session.scalars(
        sa.select(PlannedDrill)
        .where(PlannedDrill.programme_id == programme.id)
        .options(joinedload(PlannedDrill.unit), joinedload(PlannedDrill.drill))
    ).all()
    return sorted(found, key=lambda line: (line.year, line.last_month, line.id))


def add_line(
    session: Session, programme: Programme, details: PlannedDrillDetails, *, by: Person | None
) -> PlannedDrill:
    _refuse_year(programme, details.year)
    line = PlannedDrill(programme=programme, **asdict(details))
    session.add(line)
    audit.record(session, "created", line, by=by)
    return line


def revise_line(
    session: Session, line: PlannedDrill, details: PlannedDrillDetails, *, by: Person | None
) -> None:
    _refuse_year(line.programme, details.year)
    with audit.changing(session, "revised", line, by=by):
        for name, value in asdict(details).items():
            setattr(line, name, value)


def drop_line(session: Session, line: PlannedDrill, *, by: Person | None) -> None:
    if line.drill_id is not None:
        raise NotAllowedNow(N_("This line has its drill. Part them before you delete it."))
    audit.record(session, "deleted", line, by=by)
    session.delete(line)
    session.flush()


def hold_line(
    session: Session, line: PlannedDrill, drill: Drill | None, *, by: Person | None
) -> None:
    """Say that ``drill`` is what the line foresaw; None parts them again."""
    if drill is not None:
        taken = session.scalars(
            sa.select(PlannedDrill).where(PlannedDrill.drill_id == drill.id)
        ).one_or_none()
        if taken is not None and taken.id != line.id:
            raise DomainError(
                N_("%(code)s already stands for “%(title)s” of the plan."),
                code=drill.code,
                title=taken.title,
            )
    with audit.changing(session, "revised", line, by=by):
        line.drill = drill
        line.drill_id = drill.id if drill else None


def _refuse_year(programme: Programme, year: int) -> None:
    if year not in programme.years:
        raise DomainError(
            N_("The programme runs from %(first)s to %(last)s."),
            first=str(programme.from_year),
            last=str(programme.to_year),
        )


def add_recurrence(
    session: Session, details: RecurrenceDetails, *, by: Person | None
) -> Recurrence:
    recurrence = Recurrence(**asdict(details))
    session.add(recurrence)
    audit.record(session, "created", recurrence, by=by)
    return recurrence


def revise_recurrence(
    session: Session,
    recurrence: Recurrence,
    details: RecurrenceDetails,
    *,
    version: int,
    by: Person | None,
) -> None:
    if recurrence.version != version:
        raise Conflict(N_("Somebody else has changed this series since you opened it."))
    with audit.changing(session, "revised", recurrence, by=by):
        for name, value in asdict(details).items():
            setattr(recurrence, name, value)


def next_day(recurrence: Recurrence, held: Iterable[Drill], on: date) -> date | None:
    """The next day of the series that has no drill yet; None when the series is over.

    A drill stands for the day of the series nearest to it, so that one held a week late does
    not make the series ask for it again. Days long past are not made up for.
    """
    stands_for = {_slot(recurrence, drill.day) for drill in held if _counts(drill)}
    for number, day in enumerate(recurrence.days()):
        if number not in stands_for and (day >= on or recurrence.day_of(number + 1) > on):
            return day
        if day.year > on.year + 20:
            break
    return None


def _counts(drill: Drill) -> bool:
    return drill.status is not Status.CANCELLED


def _slot(recurrence: Recurrence, day: date) -> int:
    months = (day.year - recurrence.first_on.year) * 12 + day.month - recurrence.first_on.month
    return round(months / recurrence.every_months)
