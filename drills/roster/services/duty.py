"""Who is on duty, when nobody is, and everything people do to the shifts.

``duty_between`` is the one answer to "who is on duty": pages, mails, feeds and exports all ask it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from drills.accounts.models import Person
from drills.roster.models import DutyRole, Rota, Shift, ShiftOverride, Team

AHEAD = timedelta(days=7)
"""How far ahead a gap is looked for."""
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class OnDuty:
    """One person at one moment. ``until``: when somebody else takes over, or nobody does."""

    person: Person
    role: DutyRole
    until: datetime
    is_override: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which one person is on duty: a shift, or the part of it an override leaves."""

    shift: Shift
    person: Person
    starts_at: datetime
    ends_at: datetime
    override: ShiftOverride | None = None

    @property
    def role(self) -> DutyRole:
        return self.shift.role

    @property
    def team(self) -> Team:
        return self.shift.team

    @property
    def is_override(self) -> bool:
        return self.override is not None


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which a team that keeps duty has nobody in a role."""

    team: Team
    role: DutyRole
    starts_at: datetime
    ends_at: datetime


def on_duty(session: Session, team: Team, at: datetime) -> list[OnDuty]:
    """Who is on duty for ``team`` at ``at``, the primary first."""
    found = duty_between(session, [team], at, at + _INSTANT)
    return sorted(
        (OnDuty(s.person, s.role, s.ends_at, s.is_override) for s in found),
        key=lambda one: list(DutyRole).index(one.role),
    )


def duty_between(
    session: Session, teams: Iterable[Team], start: datetime, end: datetime
) -> list[Stretch]:
    """Every stretch of the ``teams`` that touches the time from ``start`` until ``end``.

    Stretches keep their own length; they come by their beginning.
    """
    wanted = Shift.team_id.in_([team.id for team in teams])
    return _stretches(session, wanted, start, end)


def duty_of(session: Session, person: Person, start: datetime, end: datetime) -> list[Stretch]:
    """The same for one person in all teams, shifts they stand in for included."""
    stands_in = sa.select(ShiftOverride.shift_id).where(ShiftOverride.person_id == person.id)
    concerned = sa.or_(Shift.person_id == person.id, Shift.id.in_(stands_in))
    found = _stretches(session, concerned, start, end)
    return [stretch for stretch in found if stretch.person.id == person.id]


def _stretches(
    session: Session, wanted: sa.ColumnElement[bool], start: datetime, end: datetime
) -> list[Stretch]:
    shifts = session.scalars(
        sa.select(Shift)
        .where(wanted, Shift.starts_at < end, Shift.ends_at > start)
        .options(
            joinedload(Shift.team),
            joinedload(Shift.person).lazyload(Person.grants),
            selectinload(Shift.overrides).joinedload(ShiftOverride.person).lazyload(Person.grants),
        )
    )
    parts = (part for shift in shifts for part in parts_of(shift))
    inside = (part for part in parts if part.starts_at < end and part.ends_at > start)
    return sorted(inside, key=lambda part: (part.starts_at, part.role != DutyRole.PRIMARY))


def parts_of(shift: Shift) -> Iterator[Stretch]:
    """The shift as it will be kept, without a gap and without two at once."""
    at = shift.starts_at
    for override in sorted(shift.overrides, key=lambda one: one.starts_at):
        if at < override.starts_at:
            yield Stretch(shift, shift.person, at, override.starts_at)
        yield Stretch(shift, override.person, override.starts_at, override.ends_at, override)
        at = override.ends_at
    if at < shift.ends_at:
        yield Stretch(shift, shift.person, at, shift.ends_at)


def keeper_at(moment: Any) -> sa.ColumnElement[int]:
    """Who keeps a shift at a moment within it, for queries over shifts: as ``parts_of`` has it."""
    stands_in = (
        sa.select(ShiftOverride.person_id)
        .where(ShiftOverride.shift_id == Shift.id)
        .where(ShiftOverride.starts_at <= moment, ShiftOverride.ends_at > moment)
        .correlate(Shift)
        .scalar_subquery()
    )
    return sa.func.coalesce(stands_in, Shift.person_id)


def rotas(session: Session, teams: Iterable[Team]) -> Sequence[Rota]:
    """How those of the ``teams`` that keep duty do it."""
    wanted = Rota.team_id.in_([team.id for team in teams])
    return session.scalars(
        sa.select(Rota).where(wanted).options(joinedload(Rota.team)).order_by(Rota.team_id)
    ).all()


def gaps(session: Session, teams: Iterable[Team], start: datetime, end: datetime) -> list[Gap]:
    """The times from ``start`` until ``end`` that nobody covers, by their beginning."""
    kept = rotas(session, teams)
    covered: dict[tuple[int, DutyRole], list[tuple[datetime, datetime]]] = {}
    columns = (Shift.team_id, Shift.role, Shift.starts_at, Shift.ends_at)
    wanted = Shift.team_id.in_([rota.team_id for rota in kept])
    touching = sa.and_(wanted, Shift.starts_at < end, Shift.ends_at > start)
    query = sa.select(*columns).where(touching).order_by(Shift.starts_at)
    for team_id, role, starts_at, ends_at in session.execute(query):
        covered.setdefault((team_id, role), []).append((starts_at, ends_at))
    found = [
        Gap(rota.team, role, *between)
        for rota in kept
        for role in rota.roles
        for between in uncovered(covered.get((rota.team_id, role), []), start, end)
    ]
    return sorted(found, key=lambda gap: (gap.starts_at, gap.team.sort, gap.role.value))


def uncovered(
    spans: Iterable[tuple[datetime, datetime]], start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """What ``spans``, which do not overlap and come in order, leave of the time."""
    edges = [start, *(edge for span in spans for edge in span), end]
    for ends_at, starts_at in list(pairwise(edges))[::2]:
        if max(ends_at, start) < min(starts_at, end):
            yield max(ends_at, start), min(starts_at, end)
