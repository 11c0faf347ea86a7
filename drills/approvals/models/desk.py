"""Whose turn it is: the dossiers that wait for somebody, and lists of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, permits, visible
from drills.approvals.models.dossiers import (
    EDITABLE,
    OPEN,
    Dossier,
    DossierEvent,
    DossierPaper,
    State,
)
from drills.approvals.models.duties import Delegation
from drills.core.text import N_
from drills.systems.models import InformationSystem
from drills.units.models import Unit


class Turn(StrEnum):
    DECIDE = "decide"
    APPRAISE = "appraise"
    FINISH = "finish"
    SENT = "sent"
    ALL = "all"


TURNS = {
    Turn.DECIDE: N_("To decide"),
    Turn.APPRAISE: N_("To appraise"),
    Turn.FINISH: N_("To finish"),
    Turn.SENT: N_("With others"),
    Turn.ALL: N_("All dossiers"),
}
NEEDS = {
    Turn.DECIDE: Permission.DOSSIER_DECIDE,
    Turn.APPRAISE: Permission.DOSSIER_APPRAISE,
    Turn.FINISH: Permission.DOSSIER_EDIT,
    Turn.SENT: Permission.DOSSIER_EDIT,
    Turn.ALL: Permission.DOSSIER_VIEW,
}
HOT = (Turn.DECIDE, Turn.APPRAISE, Turn.FINISH)


@dataclass(frozen=True, slots=True)
class Desk:
    """How many dossiers wait for a person, by what they wait for; absent: not theirs to do."""

    counts: dict[Turn, int]

    @property
    def hot(self) -> int:
        return sum(self.counts.get(turn, 0) for turn in HOT)

    @property
    def first(self) -> Turn:
        """Where the desk opens: the first heap that has anything, else the person's own."""
        full = [turn for turn in HOT if self.counts.get(turn)]
        return next(iter(full + [turn for turn in HOT if turn in self.counts]), Turn.ALL)


def bodies_of(person: Person) -> list[int]:
    """Ids of the units for which ``person`` may appraise: their own and those above, in scope."""
    ids = [int(part) for part in person.unit.path.split(".") if part]
    depth = person.scope.path.count(".") - 1
    return ids[depth:] if person.unit.lies_under(person.scope.path) else []


def waiting(person: Person, turn: Turn, principals: Sequence[Person] = ()) -> Any:
    """The condition for dossiers that wait for ``person``; they may also stand in for others."""
    mine = {
        Turn.DECIDE: lambda: _to_decide(person, principals),
        Turn.APPRAISE: lambda: _to_appraise(person),
        Turn.FINISH: lambda: _theirs(person) & Dossier.state.in_(EDITABLE),
        Turn.SENT: lambda: _theirs(person) & Dossier.state.in_(OPEN - EDITABLE),
        Turn.ALL: sa.true,
    }
    return mine[turn]()


def _to_decide(person: Person, principals: Sequence[Person]) -> Any:
    people = [person, *principals]
    bodies = {one.unit_id for one in people}
    own = sa.or_(
        Dossier.approving_unit_id.in_(bodies),
        Dossier.approver_id.in_([one.id for one in people]),
        Dossier.approving_unit_id.is_(None) & _owner_overseen(person),
    )
    return own & (Dossier.state == State.APPRAISED)


def _to_appraise(person: Person) -> Any:
    own = sa.or_(
        Dossier.appraising_unit_id.in_(bodies_of(person)),
        Dossier.appraiser_id == person.id,
        Dossier.appraising_unit_id.is_(None) & _owner_overseen(person),
    )
    return own & Dossier.state.in_([State.SUBMITTED, State.IN_APPRAISAL])


def _owner_overseen(person: Person) -> Any:
    if person.sees_all:
        return sa.true()
    owners = InformationSystem.owner_id.in_(Unit.ids_under(person.scope.path))
    return Dossier.system_id.in_(sa.select(InformationSystem.id).where(owners))


def _theirs(person: Person) -> Any:
    if person.sees_all:
        return sa.true()
    seen = sa.select(InformationSystem.id).where(InformationSystem.visible_to(person))
    return Dossier.system_id.in_(seen)


def principals_of(session: Session, person: Person, on: date) -> list[Person]:
    """Those in whose place ``person`` may decide on a day."""
    query = (
        sa.select(Person)
        .join(Delegation, Delegation.approver_id == Person.id)
        .where(
            Delegation.deputy_id == person.id,
            Delegation.revoked_at.is_(None),
            Delegation.starts_on <= on,
            Delegation.ends_on >= on,
        )
    )
    return list(session.scalars(query).unique())


def desk(session: Session, person: Person, on: date, turns: Collection[Turn] = tuple(Turn)) -> Desk:
    """What waits for a person, counted in one query; nothing is asked for those with no part."""
    may = [turn for turn in Turn if turn in turns and permits(person, NEEDS[turn])]
    principals = principals_of(session, person, on) if Turn.DECIDE in may else []
    if not may:
        return Desk({})
    counts = [
        sa.func.count().filter(waiting(person, turn, principals)).label(turn.value) for turn in may
    ]
    rows: Any = sa.select(*counts).select_from(Dossier).where(Dossier.visible_to(person))
    found = session.execute(rows).one()
    return Desk({turn: int(found[number]) for number, turn in enumerate(may)})


def listed(
    session: Session, person: Person, turn: Turn, on: date, words: str = ""
) -> sa.Select[Any]:
    """The dossiers of a heap, the longest waiting first, with all that a list shows of them."""
    principals = principals_of(session, person, on) if turn is Turn.DECIDE else []
    query: Any = visible(Dossier, person).where(waiting(person, turn, principals))
    query = query.join(InformationSystem, Dossier.system_id == InformationSystem.id)
    if words:
        for word in words.split():
            query = query.where(InformationSystem.search.contains(word, autoescape=True))
    since = sa.func.coalesce(Dossier.appraised_at, Dossier.submitted_at, Dossier.created_at)
    order = since.desc() if turn is Turn.ALL else since
    eager: sa.Select[Any] = query.order_by(order, Dossier.id).options(*shown())
    return eager


def shown() -> tuple[Any, ...]:
    """What a row of a list needs, in a constant number of queries."""
    system = joinedload(Dossier.system)
    return (
        system.joinedload(InformationSystem.operator),
        system.joinedload(InformationSystem.owner),
        joinedload(Dossier.regime),
        joinedload(Dossier.determination),
        joinedload(Dossier.appraising_unit),
        joinedload(Dossier.approving_unit),
        selectinload(Dossier.events),
    )


def whole() -> tuple[Any, ...]:
    """What the page of one dossier needs besides."""
    events = selectinload(Dossier.events)
    return (
        *shown(),
        selectinload(Dossier.papers).selectinload(DossierPaper.files),
        events.joinedload(DossierEvent.by).lazyload(Person.grants),
        events.joinedload(DossierEvent.on_behalf_of).lazyload(Person.grants),
    )


def awaiting(session: Session, person: Person, on: date, after: Dossier) -> Dossier | None:
    """The dossier to decide on next, when ``after`` has just been decided."""
    query = listed(session, person, Turn.DECIDE, on).where(Dossier.id != after.id).limit(1)
    found: Dossier | None = session.scalars(query).unique().first()
    return found
