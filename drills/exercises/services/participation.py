"""Our part in other people's drills: rounds, standing, injects received and answered."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from itertools import count, takewhile

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import Conflict, DomainError
from drills.core.text import N_
from drills.exercises.models import (
    Drill,
    Edition,
    EditionDetails,
    OurPart,
    Participation,
    ReceivedDetails,
    ReceivedInject,
    Round,
    RoundDetails,
    Series,
)

MONTHS = 12
REGISTRATION_DAYS = 30
"""How long before its month an edition is taken to close its registration, if nobody said."""


def add_round(
    session: Session, edition: Edition, details: RoundDetails, *, by: Person | None
) -> Round:
    """One game of ``edition``, such as the national round with a scoreboard of its own."""
    one = Round(edition=edition, **asdict(details))
    session.add(one)
    audit.record(session, "created", one, by=by)
    return one


def revise_round(session: Session, one: Round, details: RoundDetails, *, by: Person | None) -> None:
    with audit.changing(session, "revised", one, by=by):
        for name, value in asdict(details).items():
            if getattr(one, name) != value:
                setattr(one, name, value)
        session.flush()


def tell(session: Session, drill: Drill, details: OurPart, *, by: Person | None) -> None:
    """Say as what we took part and what came of it."""
    part = _part(drill)
    known = {one.id for one in part.edition.rounds}
    if details.round_id and details.round_id not in known:
        raise DomainError(N_("Choose a round of the same edition."))
    with audit.changing(session, "told", part, by=by):
        for name, value in asdict(details).items():
            if getattr(part, name) != value:
                setattr(part, name, value)
        session.flush()


def receive(
    session: Session, drill: Drill, details: ReceivedDetails, *, by: Person | None
) -> ReceivedInject:
    """Note an inject of the host, with when it came and when we answered."""
    part = _part(drill)
    received = ReceivedInject(participation_id=part.id, **asdict(details))
    try:
        with session.begin_nested():
            session.add(received)
    except IntegrityError as error:
        raise Conflict(_TAKEN, number=details.number) from error
    audit.record(session, "created", received, by=by)
    return received


def correct(
    session: Session, received: ReceivedInject, details: ReceivedDetails, *, by: Person | None
) -> None:
    taken = sa.select(ReceivedInject.id).where(
        ReceivedInject.participation_id == received.participation_id,
        ReceivedInject.number == details.number,
        ReceivedInject.id != received.id,
    )
    if session.scalar(taken):
        raise Conflict(_TAKEN, number=details.number)
    with audit.changing(session, "revised", received, by=by):
        for name, value in asdict(details).items():
            setattr(received, name, value)
        session.flush()


def drop(session: Session, received: ReceivedInject, *, by: Person | None) -> None:
    """Take a note back; the trail keeps what it said."""
    audit.record(session, "removed", received, by=by, changes={"summary": [received.summary, ""]})
    session.delete(received)
    session.flush()


_TAKEN = N_("An inject with the number “%(number)s” is noted already.")


def _part(drill: Drill) -> Participation:
    if drill.participation is None:
        raise DomainError(
            N_("This drill is no part in an edition. Edit it and choose the edition first.")
        )
    return drill.participation


def next_edition(series: Series, on: date) -> EditionDetails | None:
    """The edition to expect after ``on``, from the cadence; None where nothing tells it.

    A proposal for people to confirm: its first day is the first of the usual month, and where
    the series does not say how long before one registers, ``REGISTRATION_DAYS`` are taken.
    """
    newest = _newest(series)
    if newest is None or newest.year > on.year:
        return None
    first = next(day for day in _expected(series, newest) if not _is_past(day, on))
    if first.year == newest.year:
        return None
    days = series.registration_days or REGISTRATION_DAYS
    return EditionDetails(
        year=first.year,
        number=newest.number + 1 if newest.number and first.year == newest.year + 1 else None,
        starts_on=first,
        ends_on=None,
        theme="",
        theme_local="",
        teams=None,
        economies=None,
        note="",
        source="",
        read_on=None,
        registration_by=first - timedelta(days=days),
    )


def passed_by(series: Series, on: date) -> list[int]:
    """The years since the newest edition we know in which the cadence had one of its own."""
    newest = _newest(series)
    if newest is None:
        return []
    days = takewhile(lambda day: _is_past(day, on), _expected(series, newest))
    return [day.year for day in days if day.year != newest.year]


def _newest(series: Series) -> Edition | None:
    """The last edition on record of a series that has a cadence."""
    return series.editions[0] if series.every_months and series.editions else None


def _expected(series: Series, newest: Edition) -> Iterator[date]:
    """The first days of the months in which the cadence has an edition, after ``newest``."""
    month = series.usual_month or (newest.starts_on.month if newest.starts_on else MONTHS)
    first, step = newest.year * MONTHS + month - 1, series.every_months or MONTHS
    return (_month(first + step * number) for number in count(1))


def _is_past(first: date, on: date) -> bool:
    """Whether the month that begins with ``first`` is over."""
    return first + timedelta(days=31) <= on


def _month(number: int) -> date:
    """The first day of a month counted from the year 0."""
    return date(number // MONTHS, number % MONTHS + 1, 1)
