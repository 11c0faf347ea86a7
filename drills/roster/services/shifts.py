"""What people do to the duty of a team: planning it, exchanging it, standing in."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError, NotAllowedNow
from drills.core.text import N_
from drills.roster.models import (
    DutyRole,
    Member,
    Rota,
    RotaDetails,
    Shift,
    ShiftDetails,
    ShiftOverride,
    Team,
)

SHIFTS_MAX = 800
"""So many shifts are planned at once: two years of daily turns and some."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """Who takes turns, in this order, from the first day until the last day a turn begins."""

    people: Sequence[Person]
    first_on: date
    last_on: date


def rota_of(session: Session, team: Team) -> Rota | None:
    return session.scalars(sa.select(Rota).where(Rota.team_id == team.id)).one_or_none()


def keep_rota(session: Session, team: Team, details: RotaDetails, *, by: Person | None) -> Rota:
    """Say that the team keeps duty, and how."""
    rota = rota_of(session, team)
    if rota is None:
        rota = Rota(team=team, **asdict(details))
        session.add(rota)
        audit.record(session, "duty.begun", team, by=by)
        return rota
    before = audit.columns(rota)
    for name, value in asdict(details).items():
        setattr(rota, name, value)
    after = audit.columns(rota)
    if changes := {k: [before[k], after[k]] for k in after if before[k] != after[k]}:
        audit.record(session, "duty.revised", team, by=by, changes=changes)
    return rota


def drop_rota(session: Session, team: Team, *, by: Person | None) -> None:
    """Say that the team keeps no duty any more; the shifts stay."""
    rota = rota_of(session, team)
    if rota is None:
        raise NotAllowedNow(N_("%(team)s keeps no duty."), team=team.name)
    session.delete(rota)
    audit.record(session, "duty.ended", team, by=by)


def drafted(details: RotaDetails, rotation: Rotation) -> list[ShiftDetails]:
    """The shifts a rotation would make, by their beginning; nothing is written.

    The backup of a turn is whoever comes next.
    """
    people = rotation.people
    if not people:
        raise DomainError(N_("Give at least one person a turn."))
    if details.has_backup and len(people) == 1:
        raise DomainError(N_("With a backup at least two people take turns."))
    if rotation.last_on < rotation.first_on:
        raise DomainError(N_("The last day is before the first."))
    found = []
    for number, (starts_at, ends_at) in enumerate(_turns(details, rotation)):
        for step, role in enumerate(_roles(details)):
            person = people[(number + step) % len(people)]
            found.append(ShiftDetails(person.id, role, starts_at, ends_at))
    return found


def _roles(details: RotaDetails) -> tuple[DutyRole, ...]:
    return tuple(DutyRole) if details.has_backup else (DutyRole.PRIMARY,)


def _turns(details: RotaDetails, rotation: Rotation) -> Iterator[tuple[datetime, datetime]]:
    """Turns from one hand-over to the next. A change of the clocks makes one longer or shorter."""
    zone, step = ZoneInfo(details.time_zone), timedelta(days=details.every_days)
    if (rotation.last_on - rotation.first_on) / step * len(_roles(details)) > SHIFTS_MAX:
        raise DomainError(N_("That is more than %(most)s shifts: plan a shorter time."),
                          most=SHIFTS_MAX)  # fmt: skip
    day = rotation.first_on
    while day <= rotation.last_on:
        begins = datetime.combine(day, details.hand_over, zone)
        ends = datetime.combine(day + step, details.hand_over, zone)
        yield begins, ends
        day += step


def plan_duty(
    session: Session, team: Team, drafts: Sequence[ShiftDetails], *, by: Person | None
) -> list[Shift]:
    """Write all of the shifts, or none: NotAllowedNow where somebody is on duty already."""
    _lock(session, team)
    refuse_double(session, team, drafts)
    shifts = [Shift(team_id=team.id, **asdict(draft)) for draft in drafts]
    session.add_all(shifts)
    span = [drafts[0].starts_at.isoformat(), drafts[-1].ends_at.isoformat()] if drafts else []
    changes = {"shifts": ["", str(len(shifts))], "period": span}
    audit.record(session, "duty.planned", team, by=by, changes=changes)
    return shifts


def add_shift(session: Session, team: Team, details: ShiftDetails, *, by: Person | None) -> Shift:
    _lock(session, team)
    _refuse_disorder(details.starts_at, details.ends_at)
    refuse_double(session, team, [details])
    shift = Shift(team=team, **asdict(details))
    session.add(shift)
    audit.record(session, "shift.added", shift, by=by)
    return shift


def revise_shift(
    session: Session, shift: Shift, details: ShiftDetails, *, by: Person | None
) -> None:
    """Who stands in for part of it keeps that part: NotAllowedNow if it would lie outside."""
    _lock(session, shift.team)
    _refuse_disorder(details.starts_at, details.ends_at)
    refuse_double(session, shift.team, [details], own=shift.id)
    for override in shift.overrides:
        if override.starts_at < details.starts_at or details.ends_at < override.ends_at:
            raise NotAllowedNow(
                N_("%(person)s stands in for a part that would no longer belong to the shift: "
                   "take that back first."),
                person=override.person.name,
            )  # fmt: skip
    with audit.changing(session, "shift.revised", shift, by=by):
        for name, value in asdict(details).items():
            setattr(shift, name, value)


def remove_shift(session: Session, shift: Shift, *, by: Person | None, at: datetime) -> None:
    """Take out a shift that has not begun: what was kept stays on record."""
    if shift.starts_at <= at:
        raise NotAllowedNow(N_("The shift has begun: let somebody stand in for the rest of it."))
    audit.record(session, "shift.removed", shift, by=by, changes=_told(shift))
    session.delete(shift)
    session.flush()


def _told(shift: Shift) -> dict[str, list[str]]:
    return {name: [text, ""] for name, text in audit.columns(shift).items() if text}


def swap(session: Session, one: Shift, other: Shift, *, by: Person | None, at: datetime) -> None:
    """Exchange who keeps two shifts of a team that are not over, in one act."""
    if one.team_id != other.team_id or one.id == other.id:
        raise DomainError(N_("Choose another shift of the same team."))
    if min(one.ends_at, other.ends_at) <= at:
        raise NotAllowedNow(N_("One of the two shifts is over."))
    _lock(session, one.team)
    mine, theirs = one.person, other.person
    for shift, person in ((one, theirs), (other, mine)):
        with audit.changing(session, "shift.swapped", shift, by=by):
            shift.person_id, shift.person = person.id, person


def stand_in(
    session: Session,
    shift: Shift,
    person: Person,
    between: tuple[datetime, datetime],
    reason: str,
    *,
    by: Person | None,
) -> ShiftOverride:
    """Let ``person`` keep part of a shift; the shift stays as it was planned."""
    starts_at, ends_at = between
    _lock(session, shift.team)
    _refuse_disorder(starts_at, ends_at)
    if starts_at < shift.starts_at or shift.ends_at < ends_at:
        raise DomainError(N_("The time lies outside the shift."))
    for earlier in shift.overrides:
        if earlier.starts_at < ends_at and starts_at < earlier.ends_at:
            message = N_("%(person)s stands in at that time already: take that back first.")
            raise NotAllowedNow(message, person=earlier.person.name)
    override = ShiftOverride(
        shift=shift, person=person, starts_at=starts_at, ends_at=ends_at, reason=reason
    )
    session.add(override)
    changes = {"person": [shift.person.name, person.name], "reason": ["", reason]}
    audit.record(session, "shift.stood_in", shift, by=by, changes=changes)
    return override


def take_back(session: Session, override: ShiftOverride, *, by: Person | None) -> None:
    """The person of the shift keeps that part after all."""
    shift = override.shift
    changes = {"person": [override.person.name, shift.person.name]}
    shift.overrides.remove(override)
    audit.record(session, "shift.stand_in_ended", shift, by=by, changes=changes)


def _lock(session: Session, team: Team) -> None:
    """Nobody else changes the duty of this team until the transaction ends."""
    session.execute(sa.select(Team.id).where(Team.id == team.id).with_for_update())


def _refuse_disorder(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise DomainError(N_("The end is not after the beginning."))


def refuse_double(
    session: Session, team: Team, drafts: Sequence[ShiftDetails], own: int = 0
) -> None:
    """NotAllowedNow if one of the drafts is at the time of a shift of the same role."""
    if not drafts:
        return
    touching = sa.and_(
        Shift.starts_at < max(draft.ends_at for draft in drafts),
        Shift.ends_at > min(draft.starts_at for draft in drafts),
    )
    there = sa.select(Shift).where(Shift.team_id == team.id, Shift.id != own, touching)
    query = there.options(joinedload(Shift.person)).order_by(Shift.starts_at)
    for kept, draft in product(session.scalars(query).all(), drafts):
        is_double = kept.starts_at < draft.ends_at and draft.starts_at < kept.ends_at
        if kept.role == draft.role and is_double:
            raise _double(kept, draft)


def _double(kept: Shift, draft: ShiftDetails) -> NotAllowedNow:
    zone = draft.starts_at.tzinfo
    return NotAllowedNow(
        N_(
            "%(person)s has this role from %(start)s until %(end)s already: change that shift, "
            "or choose another time."
        ),
        person=kept.person.name,
        start=f"{kept.starts_at.astimezone(zone):%d/%m/%Y %H:%M}",
        end=f"{kept.ends_at.astimezone(zone):%d/%m/%Y %H:%M}",
    )


def members_on(session: Session, team: Team, on: date) -> Sequence[Person]:
    """Those who may take turns: the members of the day, by name."""
    mine = sa.select(Member.person_id).where(Member.team_id == team.id, Member.current(on))
    query = sa.select(Person).where(Person.id.in_(mine)).order_by(Person.sort, Person.id)
    return session.scalars(query).all()


def last_shifts(session: Session, team: Team, most: int = 60) -> list[Shift]:
    """The newest primary shifts of a team by their beginning, the latest last."""
    mine = sa.select(Shift).where(Shift.team_id == team.id, Shift.role == DutyRole.PRIMARY)
    return list(session.scalars(mine.order_by(Shift.starts_at.desc()).limit(most)))[::-1]


def next_turns(shifts: Sequence[Shift]) -> dict[int, int]:
    """Id of the person to their place in the order, as the ``shifts`` would go on."""
    latest: dict[int, int] = {}
    for number, shift in enumerate(shifts):
        latest[shift.person_id] = number
    ordered = sorted(latest, key=lambda person: latest[person])
    return {person: place for place, person in enumerate(ordered, start=1)}


def to_swap_with(session: Session, shift: Shift, at: datetime, most: int = 100) -> Sequence[Shift]:
    """The other shifts of the team that are not over and are another person's."""
    mine = sa.select(Shift).where(Shift.team_id == shift.team_id, Shift.ends_at > at)
    others = mine.where(Shift.person_id != shift.person_id).options(joinedload(Shift.person))
    return session.scalars(others.order_by(Shift.starts_at, Shift.id).limit(most)).all()
