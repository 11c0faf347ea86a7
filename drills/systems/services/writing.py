"""Entering systems into the register and changing what it says of them."""

import re
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core import clock
from drills.core.errors import Conflict, DomainError, NotAllowedNow
from drills.core.text import N_
from drills.systems.models import (
    PINNED,
    InformationSystem,
    SystemDetails,
    SystemStatus,
    faults,
)
from drills.systems.services.decisions import end_all, fixes_review

PREFIX = "HT-"
_GENERATED = re.compile(rf"{PREFIX}(\d{{1,9}})")
_TAKEN = N_("The code “%(code)s” belongs to another system.")
STALE = N_(
    "Somebody else has changed this since you opened it. Open it again and repeat your change."
)


def register(session: Session, details: SystemDetails, *, by: Person | None) -> InformationSystem:
    """Enter a system; without a code it gets the next ``HT-0001``. DomainError if it is wrong."""
    _check(details)
    if not details.code:
        details = replace(details, code=code_for(next_number(session)))
    _refuse_taken(session, details.code, None)
    system = InformationSystem(**asdict(details))
    session.add(system)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(_TAKEN, code=details.code) from error
    audit.record(session, "created", system, by=by, changes=first_values(system))
    return system


def revise(
    session: Session,
    system: InformationSystem,
    details: SystemDetails,
    *,
    by: Person | None,
    version: int,
) -> None:
    """Change ``system``; Conflict if it is no longer the ``version`` the person had before them."""
    if system.version != version:
        raise Conflict(STALE)
    _check(details, system, has_fixed_review=fixes_review(session, system))
    details = replace(details, code=details.code or system.code)
    _refuse_taken(session, details.code, system.id)
    with audit.changing(session, "revised", system, by=by):
        write(system, asdict(details))
        session.flush()


def decommission(
    session: Session, system: InformationSystem, *, by: Person | None, on: date
) -> None:
    """Take ``system`` out of use. It stays in the register with its history and its decisions."""
    if system.status is SystemStatus.DECOMMISSIONED:
        raise NotAllowedNow(N_("This system has been decommissioned already."))
    end_all(session, system, by=by, on=on)
    with audit.changing(session, "decommissioned", system, by=by):
        system.status = SystemStatus.DECOMMISSIONED
        session.flush()


def write(system: InformationSystem, values: dict[str, Any]) -> None:
    """Set only what differs, so that an unchanged record keeps its version.

    A change of what decisions pin is noted with its moment: what was decided has changed since.
    """
    for name, value in values.items():
        if getattr(system, name) != value:
            setattr(system, name, value)
            if name in PINNED:
                system.facts_changed_at = clock.now()


def first_values(system: InformationSystem) -> dict[str, list[str]]:
    """What an entry says of a new record: every field that has a value, from nothing."""
    silent = {"id", "False", ""}
    return {
        name: ["", value]
        for name, value in audit.columns(system).items()
        if name not in silent and value not in silent
    }


def code_for(number: int) -> str:
    return f"{PREFIX}{number:04}"


def next_number(session: Session) -> int:
    """The number after the highest among the codes of the form ``HT-0001``."""
    code = InformationSystem.code
    query = (
        sa.select(code)
        .where(code.startswith(PREFIX, autoescape=True))
        .order_by(sa.func.length(code).desc(), code.desc())
    )
    for found in session.scalars(query):
        if number := _GENERATED.fullmatch(found):
            return int(number[1]) + 1
    return 1


def _check(
    details: SystemDetails,
    system: InformationSystem | None = None,
    *,
    has_fixed_review: bool = False,
) -> None:
    for fault in faults(details, system, has_fixed_review=has_fixed_review):
        raise DomainError(fault.reason)


def _refuse_taken(session: Session, code: str, own_id: int | None) -> None:
    query = sa.select(InformationSystem.id).where(InformationSystem.code == code)
    if session.scalar(query) not in {None, own_id}:
        raise DomainError(_TAKEN, code=code)
