"""Who and what took part in drills: the one definition, read by every page and file.

Nothing of it is stored. A finished drill counts

- for a **person** who was noted as present or late; for one of whom nothing was noted, if they
  were named in it, led it, were invited and did not decline, or belonged on that day to a team
  that took part. Who was noted as absent did not take part;
- for a **team** that is named in it, for a **system** that was exercised in it;
- for a **unit** that is named in it or answers for it; on the page of a unit that took over from
  others stand their drills as well.

Only drills that the reader may see count: what is hidden from somebody is not in what they read.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.core.days import add_months
from drills.exercises.kinds import KINDS
from drills.exercises.models import (
    DONE,
    Answer,
    Attendance,
    Drill,
    DrillPerson,
    DrillSystem,
    DrillTeam,
    DrillUnit,
    Invitation,
    Presence,
)
from drills.roster.lists import Wanted
from drills.roster.models import Member
from drills.systems.models import InformationSystem, SystemStatus
from drills.units.models import Unit

YEAR = 12
"""Months: directives 60/CT-BTTTT and 18/CT-TTg ask for a drill every year."""
FROM_LEVEL = 3
"""The same directives: live-fire every year on systems from this level."""
LIVE = tuple(kind.key for kind in KINDS.values() if kind.is_live)
Rows = sa.Select[Any]
Only = Collection[int] | sa.Select[int]


class Subject(StrEnum):
    PERSON = "person"
    TEAM = "team"
    UNIT = "unit"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Summary:
    """``last`` is when the latest finished drill began, None: never drilled."""

    last: datetime | None
    recent: int
    total: int


@dataclass(frozen=True, slots=True)
class Neglected:
    """Systems never drilled, systems without live-fire for a year, people idle for a year."""

    never: int
    late: int
    people: int


def months_ago(on: date, months: int, zone: tzinfo) -> datetime:
    """The first moment of the day that many months before ``on``."""
    return datetime.combine(add_months(on, -months), time(), zone)


def held(subject: Subject, viewer: Person, only: Only | None = None) -> sa.Subquery:
    """(subject_id, drill_id, starts_at, kind_key): each finished drill once for each subject.

    ``only``: the ids asked about, if not all.
    """
    pairs = TAKING_PART[subject]()
    parts = sa.union(*(_of(rows, only) for rows in pairs)).subquery()
    return _finished(subject, parts, viewer).subquery()


def _finished(subject: Subject, parts: sa.Subquery, viewer: Person) -> Rows:
    query = (
        sa.select(parts.c.subject_id, parts.c.drill_id, Drill.starts_at, Drill.kind_key)
        .join(Drill, Drill.id == parts.c.drill_id)
        .where(Drill.status.in_(DONE), Drill.visible_to(viewer))
    )
    return query.where(~_was_absent(parts)) if subject is Subject.PERSON else query


def summary(
    session: Session, subject: Subject, identity: int, viewer: Person, since: datetime
) -> Summary:
    found = held(subject, viewer, _itself(subject, identity))
    drill = sa.select(found.c.drill_id, found.c.starts_at).distinct().subquery()
    recent = sa.func.count(sa.case((drill.c.starts_at >= since, 1)))
    columns = sa.func.max(drill.c.starts_at), recent, sa.func.count()
    return Summary(*session.execute(sa.select(*columns).select_from(drill)).one())


def drill_ids(subject: Subject, identity: int, viewer: Person) -> sa.Select[Any]:
    """The finished drills that one subject took part in."""
    return sa.select(held(subject, viewer, _itself(subject, identity)).c.drill_id)


def _itself(subject: Subject, identity: int) -> Only:
    return Unit.ids_back_from(identity) if subject is Subject.UNIT else [identity]


def idle(wanted: Wanted, viewer: Person, since: datetime) -> sa.Select[Any]:
    """(Person, last) of those in a team today who have not taken part since; never comes first."""
    parts = sa.union_all(*_people()).subquery()  # what counts twice is last only once
    found = _finished(Subject.PERSON, parts, viewer).subquery()
    last = sa.func.max(found.c.starts_at).label("last")
    took = sa.select(found.c.subject_id, last).group_by(found.c.subject_id).subquery()
    return (
        idlers(wanted, viewer, since)
        .outerjoin(took, took.c.subject_id == Person.id)
        .add_columns(took.c.last)
        .order_by(took.c.last.is_not(None), took.c.last, Person.sort, Person.id)
    )


def idlers(wanted: Wanted, viewer: Person, since: datetime) -> sa.Select[Any]:
    """The same people without the day and the order: only the drills since are looked at."""
    members = sa.select(Member.person_id).where(Member.current(wanted.on))
    parts = sa.union_all(*(_since(rows, since) for rows in _people())).subquery()
    recent = _finished(Subject.PERSON, parts, viewer).with_only_columns(parts.c.subject_id)
    return wanted.matching(viewer).where(Person.id.in_(members), Person.id.not_in(recent))


def systems(viewer: Person) -> tuple[sa.Select[InformationSystem], sa.Subquery]:
    """The systems in use of the higher levels, and (subject_id, last, live) of those drilled."""
    rows = visible(InformationSystem, viewer).where(
        InformationSystem.level >= FROM_LEVEL,
        InformationSystem.status != SystemStatus.DECOMMISSIONED,
    )
    found = held(Subject.SYSTEM, viewer)
    live = sa.case((found.c.kind_key.in_(LIVE), found.c.starts_at))
    drilled = sa.select(
        found.c.subject_id,
        sa.func.max(found.c.starts_at).label("last"),
        sa.func.max(live).label("live"),
    )
    drilled_by_system = drilled.group_by(found.c.subject_id).subquery()
    joined = rows.outerjoin(
        drilled_by_system, drilled_by_system.c.subject_id == InformationSystem.id
    )
    return joined, drilled_by_system


def lacks_live_fire(drilled: sa.Subquery, since: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(drilled.c.live.is_(None), drilled.c.live < since)


def neglected(session: Session, viewer: Person, on: date, zone: tzinfo) -> Neglected:
    """What the last year passed by, counted by one statement."""
    since = months_ago(on, YEAR, zone)
    rows, drilled = systems(viewer)
    late = sa.case((lacks_live_fire(drilled, since), 1))
    never = sa.case((drilled.c.last.is_(None), 1))
    counted = rows.with_only_columns(
        sa.func.count(never).label("never"), sa.func.count(late).label("late")
    ).subquery()
    people = idlers(Wanted(on=on), viewer, since).with_only_columns(sa.func.count())
    counts = sa.select(counted.c.never, counted.c.late, people.scalar_subquery())
    return Neglected(*session.execute(counts).one())


def _of(rows: Rows, only: Only | None) -> Rows:
    return rows if only is None else rows.where(rows.selected_columns[0].in_(only))


def _since(rows: Rows, since: datetime) -> Rows:
    """The rows of finished drills that began since."""
    recent = sa.select(Drill.id).where(Drill.starts_at >= since, Drill.status.in_(DONE))
    return rows.where(rows.selected_columns[1].in_(recent))


def _people() -> list[Rows]:
    """As named, as lead, as somebody invited, as a member of a team, as noted on the day."""
    declined = sa.and_(Invitation.answer.is_not(None), Invitation.answer == Answer.NO)
    on = sa.func.date(Drill.starts_at)
    in_team = sa.and_(
        Member.team_id == DrillTeam.team_id,
        Member.starts_on <= Drill.starts_at,
        sa.or_(Member.ends_on.is_(None), sa.func.date(Member.ends_on) >= on),
    )
    return [
        _pair(DrillPerson.person_id, DrillPerson.drill_id),
        _pair(Drill.lead_id, Drill.id).where(Drill.lead_id.is_not(None)),
        _pair(Invitation.person_id, Invitation.drill_id).where(
            Invitation.revoked_at.is_(None), ~declined
        ),
        _pair(Member.person_id, DrillTeam.drill_id)
        .select_from(DrillTeam)
        .join(Drill, Drill.id == DrillTeam.drill_id)
        .join(Member, in_team),
        _pair(Attendance.person_id, Attendance.drill_id),
    ]


def _was_absent(parts: sa.Subquery) -> sa.ColumnElement[bool]:
    return (
        sa.select(Attendance.id)
        .where(
            Attendance.drill_id == parts.c.drill_id,
            Attendance.person_id == parts.c.subject_id,
            Attendance.presence == Presence.ABSENT,
        )
        .exists()
    )


def _teams() -> list[Rows]:
    return [_pair(DrillTeam.team_id, DrillTeam.drill_id)]


def _units() -> list[Rows]:
    return [_pair(DrillUnit.unit_id, DrillUnit.drill_id), _pair(Drill.unit_id, Drill.id)]


def _systems() -> list[Rows]:
    return [_pair(DrillSystem.system_id, DrillSystem.drill_id)]


def _pair(subject: Any, drill: Any) -> Rows:
    return sa.select(subject.label("subject_id"), drill.label("drill_id"))


TAKING_PART: Mapping[Subject, Callable[[], list[Rows]]] = {
    Subject.PERSON: _people,
    Subject.TEAM: _teams,
    Subject.UNIT: _units,
    Subject.SYSTEM: _systems,
}
"""(subject_id, drill_id) by each road that leads into a drill, whatever state it is in."""
