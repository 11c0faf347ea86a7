from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, lazyload
from sqlalchemy.orm.attributes import flag_modified

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import Conflict, DomainError, NotAllowedNow
from drills.core.orm import Base
from drills.core.text import N_
from drills.exercises.models import (
    NEEDS_REASON,
    NEXT,
    STATUSES,
    Drill,
    DrillDetails,
    DrillPerson,
    DrillTeam,
    Participation,
    ParticipationDetails,
    Status,
)
from drills.exercises.services import readiness
from drills.exercises.services.apart import kept_apart
from drills.roster.models import Member, Team
from drills.systems.models import InformationSystem
from drills.units.models import Unit

M = TypeVar("M", bound=Base)

TRIES = 5
PLAIN = (
    "title",
    "kind_key",
    "part",
    "organiser",
    "unit_id",
    "starts_at",
    "ends_at",
    "time_zone",
    "place",
    "is_online",
    "summary",
    "result",
    "lead_id",
)


def log(session: Session, details: DrillDetails, *, by: Person | None, at: datetime) -> Drill:
    """Record a drill: completed if it ended before ``at``, else planned. Gives it its code."""
    drill = Drill(status=Status.COMPLETED if details.ends_at < at else Status.PLANNED)
    _write(session, drill, details)
    _number(session, drill)
    audit.record(session, "logged", drill, by=by)
    return drill


def revise(
    session: Session, drill: Drill, details: DrillDetails, *, by: Person | None, version: int
) -> None:
    """``version`` is the one the person had before them: Conflict if the drill has moved on."""
    refuse_closed(drill)
    if drill.version != version:
        raise Conflict(N_("Somebody else has changed this drill since you opened it."))
    with kept_apart(session, drill, by), _changing(session, "revised", drill, by=by):
        _write(session, drill, details)


def move(session: Session, drill: Drill, status: Status, reason: str, *, by: Person | None) -> None:
    """Take the drill to ``status``. To postpone or cancel it needs a reason; to begin, a go."""
    if status is Status.RUNNING and status in NEXT[drill.status]:
        readiness.refuse_start(session, drill)
    if status in NEEDS_REASON and not reason:
        raise DomainError(N_("Say why: those who take part need to know."))
    with audit.changing(session, "moved", drill, by=by):
        drill.move_to(status, reason)


def participants(session: Session, drill: Drill, on: date) -> list[Person]:
    """Who takes part: the people named, the members on that day of its teams, and the lead."""
    named = sa.select(DrillPerson.person_id).where(DrillPerson.drill_id == drill.id)
    teams = sa.select(DrillTeam.team_id).where(DrillTeam.drill_id == drill.id)
    members = sa.select(Member.person_id).where(Member.team_id.in_(teams), Member.current(on))
    who = sa.or_(Person.id.in_(named), Person.id.in_(members), Person.id == drill.lead_id)
    people = sa.select(Person).where(who).order_by(Person.sort, Person.id)
    return list(session.scalars(people.options(joinedload(Person.unit), lazyload(Person.grants))))


def refuse_closed(drill: Drill) -> None:
    if drill.is_closed:
        raise NotAllowedNow(
            N_("A drill that is “%(status)s” can no longer be edited."),
            status=STATUSES[drill.status],
        )


def _number(session: Session, drill: Drill) -> None:
    """Insert the drill under the next free code of its year, ``DT-2026-07``.

    Two people may take the same number at once: the unique constraint lets one of them
    have it, and the other asks again.
    """
    year = drill.starts_at.astimezone(ZoneInfo(drill.time_zone)).year
    for attempt in range(TRIES):
        drill.code = _next_code(session, f"DT-{year}-")
        try:
            with session.begin_nested():
                session.add(drill)
                session.flush()
        except IntegrityError:
            if attempt == TRIES - 1:
                raise
        else:
            return


def _next_code(session: Session, prefix: str) -> str:
    codes = session.scalars(sa.select(Drill.code).where(Drill.code.startswith(prefix)))
    numbers = [int(end) for code in codes if (end := code.removeprefix(prefix)).isdigit()]
    return f"{prefix}{max(numbers, default=0) + 1:02}"


def _write(session: Session, drill: Drill, details: DrillDetails) -> None:
    with session.no_autoflush:
        for name in PLAIN:
            if getattr(drill, name) != (value := getattr(details, name)):
                setattr(drill, name, value)
        drill.units = _rows(session, Unit, details.unit_ids)
        drill.teams = _rows(session, Team, details.team_ids)
        drill.systems = _rows(session, InformationSystem, details.system_ids)
        _name_people(session, drill, details.person_ids)
        _place(drill, details.participation)


def _rows(session: Session, model: type[M], ids: Iterable[int]) -> list[M]:
    key: Any = model
    return list(session.scalars(sa.select(model).where(key.id.in_(ids)))) if ids else []


def _name_people(session: Session, drill: Drill, ids: Iterable[int]) -> None:
    """Keep the part of those who stay, and of those who come make players."""
    known = {link.person_id or link.person.id: link for link in drill.people}
    people = _rows(session, Person, ids)
    drill.people = [known.get(p.id) or DrillPerson(person_id=p.id, person=p) for p in people]


def _place(drill: Drill, details: ParticipationDetails | None) -> None:
    if details is None:
        drill.participation = None
        return
    drill.participation = drill.participation or Participation()
    for name, value in asdict(details).items():
        setattr(drill.participation, name, value)


@contextmanager
def _changing(session: Session, verb: str, drill: Drill, *, by: Person | None) -> Iterator[None]:
    """Note what the body changes, links included; any change raises the drill's version."""
    before = _facts(drill)
    yield
    after = _facts(drill)
    changes = {k: [before[k], after[k]] for k in after if before[k] != after[k]}
    if changes:
        flag_modified(drill, "title")
        audit.record(session, verb, drill, by=by, changes=changes)


def _facts(drill: Drill) -> dict[str, str]:
    standing = drill.participation
    placed = audit.columns(standing) if standing else {}
    names = ("edition_id", "score", "score_of", "rank", "rank_of", "rank_scope", "source")
    return (
        audit.columns(drill)
        | {
            "units": _names(unit.name for unit in drill.units),
            "teams": _names(team.name for team in drill.teams),
            "systems": _names(system.code for system in drill.systems),
            "people": _names(link.person.name for link in drill.people),
        }
        | {name: placed.get(name, "") for name in names}
    )


def _names(names: Iterable[str]) -> str:
    return "; ".join(sorted(names))
