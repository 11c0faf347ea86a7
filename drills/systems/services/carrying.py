"""Carrying out a plan: all of it, in few statements, with an audit entry for every record."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import Conflict, DomainError
from drills.core.text import N_
from drills.systems.models import DecisionDetails, InformationSystem
from drills.systems.services.decisions import of_systems, record_first, record_historical
from drills.systems.services.plans import Addition, Plan, Revision
from drills.systems.services.writing import first_values, write

T = TypeVar("T")
BATCH = 1000


def carry_out(
    session: Session,
    plan: Plan,
    *,
    by: Person | None,
    progress: Callable[[int], object] = int,
) -> None:
    """Do what ``plan`` says; ``progress`` is told how many records each step has written.

    DomainError if the plan has problems, Conflict if the register has moved on meanwhile.
    """
    if plan.problems:
        raise DomainError(N_("The file has rows with mistakes. Mend them and import again."))
    try:
        for additions in _batches(plan.additions):
            _add(session, additions, by, plan.on)
            progress(len(additions))
        for revisions in _batches(plan.revisions):
            _revise(session, revisions, by, plan.on)
            progress(len(revisions))
    except IntegrityError as error:
        raise Conflict(
            N_("The register has changed since the file was read. Read the file again.")
        ) from error


def _batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def _add(session: Session, additions: Sequence[Addition], by: Person | None, on: date) -> None:
    systems = [InformationSystem(**asdict(addition.details)) for addition in additions]
    session.add_all(systems)
    session.flush()
    session.add_all(
        audit.entry("imported", system, by=by, changes=first_values(system)) for system in systems
    )
    session.flush()
    pairs = zip(systems, (addition.decision for addition in additions), strict=True)
    decided = [(system, decision) for system, decision in pairs if decision]
    record_first(session, decided, by=by, on=on)


def _revise(session: Session, revisions: Sequence[Revision], by: Person | None, on: date) -> None:
    entries: list[Any] = []
    for revision in revisions:
        before = audit.columns(revision.system)
        write(revision.system, asdict(revision.details))
        after = audit.columns(revision.system)
        changes = {k: [before[k], after[k]] for k in after if before[k] != after[k]}
        if changes:
            entries.append(audit.entry("revised", revision.system, by=by, changes=changes))
    session.add_all(entries)
    session.flush()
    decided = [(r.system, r.decision) for r in revisions if r.decision]
    _decide(session, decided, by, on)


def _decide(
    session: Session,
    decided: Sequence[tuple[InformationSystem, DecisionDetails]],
    by: Person | None,
    on: date,
) -> None:
    """Record each decision in its place among those that its system has."""
    known = of_systems(session, [system.id for system, _details in decided])
    first = [pair for pair in decided if pair[0].id not in known]
    record_first(session, first, by=by, on=on)
    for system, details in decided:
        if system.id in known:
            record_historical(session, system, details, by=by, on=on)
