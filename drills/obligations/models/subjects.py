"""Of whom a rule asks: every subject in scope, in one statement for each kind of subject."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit.models import Entry
from drills.exercises.kinds import KINDS as DRILL_KINDS
from drills.exercises.models import DONE, Drill
from drills.obligations.kinds.reading import Scope
from drills.obligations.models.rules import SubjectKind
from drills.roster.models import Member, Team, TeamRole
from drills.systems.models import Approval, InformationSystem, SystemStatus
from drills.units.models import Organisation, Tier, Unit

LIVE = tuple(kind.key for kind in DRILL_KINDS.values() if kind.is_live)
CONTACTS = (TeamRole.CONTACT, TeamRole.CONTACT_BACKUP)
NUMBERS = ("email", "phone", "mobile")
"""How a contact point is reached: columns of a person."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query is about: the day, the zone of the organisation, and which subjects.

    ``ids`` None: all of them.
    """

    on: date
    zone: tzinfo
    ids: Collection[int] | None = None

    def only(self, column: Any) -> sa.ColumnElement[bool]:
        return sa.true() if self.ids is None else column.in_(self.ids)

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Subject:
    """``since``: the first day it can owe anything; ``event_at``: what the time counts from."""

    id: int
    unit_id: int
    since: date | None = None
    event_at: datetime | None = None


Rows = sa.Select[*tuple[Any, ...]]
Query = Callable[[Asked, Scope], Rows]


def subjects(
    session: Session, kind: SubjectKind, scope: Scope, met_by: str, asked: Asked
) -> Iterator[Subject]:
    """Every subject of ``kind`` in ``scope`` on the day asked for."""
    query = _QUERIES[kind](asked, scope)
    moments = _events(session, met_by, asked) if met_by in _EVENTS else {}
    for identity, unit_id, since in session.execute(query):
        start = asked.day(since) if isinstance(since, datetime) else since
        yield Subject(identity, unit_id, start, moments.get(identity))


def _places(scope: Scope, unit_id: Any) -> sa.ColumnElement[bool]:
    parts = [sa.true()]
    if scope.tiers:
        inside = sa.select(Unit.id).join(Tier).where(Tier.code.in_(scope.tiers))
        parts.append(unit_id.in_(inside))
    if scope.units:
        parts.append(unit_id.in_(sa.select(Unit.id).where(Unit.code.in_(scope.units))))
    return sa.and_(*parts)


def _is_active(model: Any, on: date) -> sa.ColumnElement[bool]:
    return sa.and_(
        sa.or_(model.active_from.is_(None), model.active_from <= on),
        sa.or_(model.active_to.is_(None), model.active_to >= on),
    )


def _organisation(asked: Asked, _scope: Scope) -> Rows:
    root = Organisation.root_id
    return sa.select(root, root, sa.null()).where(asked.only(root))


def _units(asked: Asked, scope: Scope) -> Rows:
    parts = [asked.only(Unit.id), _is_active(Unit, asked.on), _places(scope, Unit.id)]
    if scope.has_systems:
        operating = InformationSystem.status == SystemStatus.OPERATING
        parts.append(Unit.id.in_(sa.select(InformationSystem.operator_id).where(operating)))
    if scope.has_team:
        parts.append(Unit.id.in_(sa.select(Team.unit_id).where(_is_active(Team, asked.on))))
    return sa.select(Unit.id, Unit.id, Unit.active_from).where(*parts)


def _teams(asked: Asked, scope: Scope) -> Rows:
    parts = [asked.only(Team.id), _is_active(Team, asked.on), _places(scope, Team.unit_id)]
    return sa.select(Team.id, Team.unit_id, Team.active_from).where(*parts)


def _people(asked: Asked, scope: Scope) -> Rows:
    parts = [asked.only(Person.id), Person.removed_at.is_(None), _places(scope, Person.unit_id)]
    if scope.operates_from_level:
        system = InformationSystem
        since = sa.func.min(_known_since(), type_=sa.Date)
        return (
            sa.select(Person.id, Person.unit_id, since)
            .join(system, system.responsible_id == Person.id)
            .where(*parts, system.level >= scope.operates_from_level)
            .where(system.status == SystemStatus.OPERATING)
            .group_by(Person.id, Person.unit_id)
        )
    parts += [Member.current(asked.on), _is_active(Team, asked.on)]
    if scope.core_only:
        parts.append(Member.is_core.is_(True))
    return (
        sa.select(Person.id, Person.unit_id, sa.func.min(Member.starts_on))
        .join(Member, Member.person_id == Person.id)
        .join(Team, Team.id == Member.team_id)
        .where(*parts)
        .group_by(Person.id, Person.unit_id)
    )


def _systems(asked: Asked, scope: Scope) -> Rows:
    system = InformationSystem
    parts = [asked.only(system.id), system.status == SystemStatus.OPERATING]
    parts.append(_places(scope, system.operator_id))
    if scope.level_from:
        parts.append(system.level >= scope.level_from)
    if scope.level_to:
        parts.append(system.level <= scope.level_to)
    if scope.is_approved:
        parts.append(system.approval == Approval.APPROVED)
    return sa.select(system.id, system.operator_id, _known_since()).where(*parts)


def _known_since() -> sa.ColumnElement[date]:
    """The day its level was decided, also of a decision recorded later; else of its entry."""
    system = InformationSystem
    entered = sa.func.date(system.created_at)
    return sa.func.coalesce(system.decision_date, entered, type_=sa.Date)


def _drills(asked: Asked, scope: Scope) -> Rows:
    parts = [asked.only(Drill.id), Drill.status.in_(DONE), _places(scope, Drill.unit_id)]
    if scope.is_live:
        parts.append(Drill.kind_key.in_(LIVE))
    return sa.select(Drill.id, Drill.unit_id, Drill.ends_at).where(*parts)


_QUERIES: Mapping[SubjectKind, Query] = {
    SubjectKind.ORGANISATION: _organisation,
    SubjectKind.UNIT: _units,
    SubjectKind.TEAM: _teams,
    SubjectKind.PERSON: _people,
    SubjectKind.SYSTEM: _systems,
    SubjectKind.DRILL: _drills,
}


def _events(session: Session, met_by: str, asked: Asked) -> dict[int, datetime]:
    return {row[0]: row[1] for row in session.execute(_EVENTS[met_by](asked))}


def _drill_ended(asked: Asked) -> Rows:
    return sa.select(Drill.id, Drill.ends_at).where(asked.only(Drill.id))


def _contact_changed(asked: Asked) -> Rows:
    """A contact point came or went; or one of today has another address or number, as the trail
    tells.
    """
    here = Member.role.in_(CONTACTS), asked.only(Member.team_id)
    others = (Entry.changes[name][1].as_string().is_not(None) for name in NUMBERS)
    told = (
        sa.select(Member.team_id, Entry.at)
        .join(Entry, Entry.subject_id == Member.person_id)
        .where(*here, Member.current(asked.on), Entry.subject_kind == "person", sa.or_(*others))
    )
    times = sa.select(Member.team_id, Member.updated_at.label("at")).where(*here)
    team_id, at = sa.union_all(times, told).subquery().c
    return sa.select(team_id, sa.func.max(at)).group_by(team_id)


_EVENTS: Mapping[str, Callable[[Asked], Rows]] = {
    "aar": _drill_ended,
    "contact_change": _contact_changed,
}


def event_of(met_by: str) -> str:
    """What the time counts from, by what meets the duty; empty where there is no event."""
    return met_by if met_by in _EVENTS else ""
