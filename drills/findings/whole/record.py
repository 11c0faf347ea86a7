"""Everything the register knows of one drill that stands in its workbook, read at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.exercises.models import (
    ClockEvent,
    Drill,
    DrillPerson,
    DrillTeam,
    DrillUnit,
    Inject,
    InjectVerdict,
    LogEntry,
    LogKind,
    Presence,
    Verdict,
)
from drills.exercises.services import msel, people
from drills.exercises.services.conduct.timing import events
from drills.exercises.services.results import TIMED
from drills.findings.models import CorrectiveAction, Finding

Key = tuple[int | None, int | None, LogKind]


@dataclass
class Record:
    """``lines`` are those of the log that stand, in their order; ``first`` the line by which an
    inject counts as detected or contained, by inject, side and kind.
    """

    drill: Drill
    known: msel.Known
    units: Sequence[DrillUnit]
    teams: Sequence[DrillTeam]
    people: Sequence[DrillPerson]
    persons: Mapping[int, Person]
    presences: dict[int, Presence]
    turns: Sequence[ClockEvent]
    lines: Sequence[LogEntry]
    first: Mapping[Key, LogEntry]
    verdicts: Mapping[tuple[int, int | None], tuple[Verdict, str]]
    findings: Sequence[Finding]
    actions: Sequence[CorrectiveAction]

    @property
    def told(self) -> list[LogEntry]:
        """The lines the results do not say: releases and bare times stand there."""
        bare = {line.id for line in self.first.values() if not line.text}
        return [
            line for line in self.lines if line.kind is not LogKind.RELEASED and line.id not in bare
        ]

    def judged_sides(self, inject: Inject) -> list[int | None]:
        """The sides of which something is known, in their order; None is all of them together."""
        known = {side for one, side in self.verdicts if one == inject.id}
        known |= {side for one, side, _kind in self.first if one == inject.id}
        order = {side.id: place for place, side in enumerate(self.known.sides)}
        return sorted(known, key=lambda side: -1 if side is None else order.get(side, 0))

    def times(self, inject: Inject, side_id: int | None) -> list[datetime | None]:
        found = [self.first.get((inject.id, side_id, kind)) for kind in TIMED]
        return [line.at if line else None for line in found]


def record(session: Session, drill: Drill) -> Record:
    lines = _lines(session, drill)
    present = people.attendance(session, drill)
    named = people.named(session, drill)
    came = sa.select(Person).where(Person.id.in_(present)).order_by(Person.sort, Person.id)
    persons = {person.id: person for person in session.scalars(came).unique()}
    return Record(
        drill=drill,
        known=msel.known(session, drill),
        units=sorted(people.units(session, drill), key=lambda link: link.unit.code),
        teams=sorted(people.teams(session, drill), key=lambda link: link.team.name),
        people=named,
        persons=persons,
        presences={key: present[key] for key in persons},
        turns=events(session, drill),
        lines=lines,
        first=_first(lines),
        verdicts=_verdicts(session, drill),
        findings=_findings(session, drill),
        actions=_actions(session, drill),
    )


def reference(person: Person | None) -> str:
    """How a workbook names somebody so that they are found again."""
    return (person.email or person.name) if person else ""


def _lines(session: Session, drill: Drill) -> Sequence[LogEntry]:
    query = sa.select(LogEntry).where(LogEntry.drill_id == drill.id, LogEntry.stands())
    loaded = query.options(joinedload(LogEntry.by).lazyload(Person.grants))
    return session.scalars(loaded.order_by(LogEntry.at, LogEntry.id)).all()


def _first(lines: Sequence[LogEntry]) -> Mapping[Key, LogEntry]:
    """Among lines of the same second one with words comes first: it is told in the log."""
    found: dict[Key, LogEntry] = {}
    order: Any = lambda line: (line.at.replace(microsecond=0), not line.text, line.id)  # noqa: E731
    for line in sorted(lines, key=order):
        if line.kind in TIMED and line.inject_id is not None:
            found.setdefault((line.inject_id, line.side_id, line.kind), line)
    return found


def _verdicts(
    session: Session, drill: Drill
) -> Mapping[tuple[int, int | None], tuple[Verdict, str]]:
    query = sa.select(InjectVerdict).join(Inject, Inject.id == InjectVerdict.inject_id)
    rows = session.scalars(query.where(Inject.drill_id == drill.id))
    return {(row.inject_id, row.side_id): (row.verdict, row.note) for row in rows}


def _findings(session: Session, drill: Drill) -> Sequence[Finding]:
    query = sa.select(Finding).where(Finding.drill_id == drill.id).order_by(Finding.id)
    return session.scalars(query.options(joinedload(Finding.system))).all()


def _actions(session: Session, drill: Drill) -> Sequence[CorrectiveAction]:
    query = sa.select(CorrectiveAction).where(CorrectiveAction.drill_id == drill.id)
    people_of = (
        joinedload(CorrectiveAction.owner).lazyload(Person.grants),
        joinedload(CorrectiveAction.done_by).lazyload(Person.grants),
        joinedload(CorrectiveAction.verified_by).lazyload(Person.grants),
        joinedload(CorrectiveAction.unit),
    )
    return session.scalars(query.order_by(CorrectiveAction.id).options(*people_of)).all()
