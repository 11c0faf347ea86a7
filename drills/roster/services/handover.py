"""A person moves post: everything still open in their name goes to a successor in one act.

What that is, each feature says at its own column with ``info=handed_over(…)``; teams are left and
joined here, since a person's time in a team is a row of its own.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.accounts.permissions import visible
from drills.audit import services as audit
from drills.core import clock
from drills.core.errors import DomainError
from drills.core.orm import Base, HandedOver
from drills.core.text import N_
from drills.roster.models import EndDetails, Member, MemberDetails, Team
from drills.roster.services.teams import add_member, end_member

NAME_SHOWN = 120


@dataclass(frozen=True, slots=True)
class HandoverDetails:
    """``on`` is the successor's first day in the teams; the decision is of the move."""

    successor_id: int
    on: date
    decision_number: str = ""
    decision_date: date | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """One thing in a person's name: ``attribute`` of ``row`` holds their id."""

    what: HandedOver
    name: str
    row: Any
    attribute: str

    @property
    def label(self) -> str:
        return self.what.label

    def is_kept_from(self, person: Person) -> bool:
        return self.what.may_take is not None and not self.what.may_take(self.row, person)


@dataclass(frozen=True, slots=True)
class Estate:
    """Everything open in a person's name. ``hidden`` counts what whoever asks may not see."""

    items: tuple[Open, ...]
    members: tuple[Member, ...]
    hidden: int

    @property
    def size(self) -> int:
        return len(self.items) + len(self.members)


def estate(
    session: Session, person: Person, *, by: Person | None, on: date | None = None
) -> Estate:
    """What would go over now, with the teams they are in ``on`` that day, else today.

    ``by`` None, the operator, sees all of it.
    """
    now = clock.now()
    items: list[Open] = []
    hidden = 0
    for model, attribute, what in _columns():
        is_theirs = getattr(model, attribute) == person.id
        mine = sa.select(model).where(is_theirs, what.is_open(model, now))
        rows = session.scalars(mine.order_by(model.id)).unique().all()
        known = {row.id for row in rows} if by is None else _seen(session, model, rows, by)
        items += [Open(what, _name(row, what), row, attribute) for row in rows if row.id in known]
        hidden += len(rows) - len(known)
    members = _members(session, person, on or clock.today(person.zone))
    return Estate(tuple(items), tuple(members), hidden)


def hand_over(
    session: Session, person: Person, details: HandoverDetails, *, by: Person | None
) -> Estate:
    """Give everything to the successor at once; what went over.

    DomainError if something lies outside the scope of ``by``: half a handover is none.
    """
    successor = session.get_one(Person, details.successor_id)
    if successor.id == person.id or successor.removed_at:
        raise DomainError(N_("Choose somebody else to hand over to."))
    whole = estate(session, person, by=by, on=details.on)
    if whole.hidden:
        raise DomainError(
            N_(
                "%(count)s more things lie outside your scope. Somebody who sees the whole "
                "organisation has to hand over."
            ),
            count=whole.hidden,
        )
    if by is not None and by.id == successor.id:
        _refuse_kept(whole, by)
    for item in whole.items:
        with audit.changing(session, "handed over", item.row, by=by):
            setattr(item.row, item.attribute, successor.id)
    for member in whole.members:
        _pass_on(session, member, successor, details, by)
    session.flush()
    session.expire_all()
    _note(session, person, successor, whole, by)
    return whole


def _refuse_kept(whole: Estate, person: Person) -> None:
    """Nobody hands over to themselves what they may not take by their own hand."""
    kept = [item.name for item in whole.items if item.is_kept_from(person)]
    if kept:
        raise DomainError(
            N_("You cannot hand this over to yourself: %(names)s. Ask a colleague to do it."),
            names=", ".join(kept),
        )


def _columns() -> list[tuple[Any, str, HandedOver]]:
    """Model, attribute and what it means, of every column marked as handed over."""
    marked = []
    for mapper in Base.registry.mappers:
        for column in mapper.local_table.columns:
            if what := column.info.get("handed_over"):
                attribute = mapper.get_property_by_column(column).key
                marked.append((mapper.class_, attribute, what))
    return sorted(marked, key=lambda one: (one[0].__tablename__, one[1]))


def _seen(session: Session, model: Any, rows: Any, by: Person) -> set[int]:
    ids = [row.id for row in rows]
    query: Any = visible(model, by).where(model.id.in_(ids))
    return set(session.scalars(query.with_only_columns(model.id))) if ids else set()


def _name(row: Any, what: HandedOver) -> str:
    text = what.name(row) if what.name else audit.label(row)
    return text if len(text) <= NAME_SHOWN else f"{text[:NAME_SHOWN]}…"


def _members(session: Session, person: Person, on: date) -> list[Member]:
    query = (
        sa.select(Member)
        .join(Team)
        .where(Member.person_id == person.id, Member.current(on))
        .order_by(Team.sort, Member.id)
    )
    return list(session.scalars(query))


def _pass_on(
    session: Session, member: Member, successor: Person, details: HandoverDetails, by: Person | None
) -> None:
    """The successor takes the role, unless they are in this team already."""
    last = max(details.on - timedelta(days=1), member.starts_on)
    decision, until = (details.decision_number, details.decision_date), member.ends_on
    end_member(session, member, EndDetails(last, *decision), by=by)
    is_there = Member.current(details.on)
    query = sa.select(Member.id).where(
        Member.team_id == member.team_id, Member.person_id == successor.id, is_there
    )
    if session.scalar(query) is None:
        taken = MemberDetails(
            role=member.role,
            is_core=member.is_core,
            is_full_time=member.is_full_time,
            starts_on=details.on,
            ends_on=until,
            decision_number=details.decision_number,
            decision_date=details.decision_date,
        )
        add_member(session, member.team, successor, taken, by=by)


def _note(
    session: Session, person: Person, successor: Person, whole: Estate, by: Person | None
) -> None:
    labels = sorted({item.label for item in whole.items})
    counts = {
        label: ["", str(sum(item.label == label for item in whole.items))] for label in labels
    }
    teams = {"teams": ["", str(len(whole.members))]} if whole.members else {}
    audit.record(
        session,
        "handed everything over",
        person,
        by=by,
        changes={"successor": ["", successor.name], **counts, **teams},
    )
