"""The lists of messages: what an address asks for, and in which order they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload
from werkzeug.datastructures import MultiDict

from drills.accounts.models import Person
from drills.core.orm import Base, contains
from drills.core.text import N_, fold
from drills.reminders import services
from drills.reminders.kinds import KINDS
from drills.reminders.models import IN_HAND, OPEN, Delivery, State
from drills.units.models import Unit

AHEAD = timedelta(days=30)
SLOTS_MOST = 1000
"""So many subjects and rules are looked at before a page says how far it looked."""
PLANNED = "planned"
COUNTED = 2_000
"""Longer lists are not counted to their end; nobody turns forty pages."""
EXPORTED = 10_000
"""So many lines a file holds at most."""


_AHEAD = SimpleNamespace(
    delivery_key=sa.literal_column("ahead.delivery_key", sa.String),
    kind=sa.literal_column("ahead.kind", sa.String),
    subject_id=sa.literal_column("ahead.subject_id", sa.Integer),
)
"""The columns of what ``services.planned`` selects from."""


@dataclass(frozen=True, slots=True)
class Tab:
    key: str
    label: str
    states: frozenset[State] = frozenset()


TABS = {
    tab.key: tab
    for tab in (
        Tab(PLANNED, N_("To be sent")),
        Tab("waiting", N_("On the way"), OPEN | IN_HAND | {State.GROUPED}),
        Tab("sent", N_("Sent"), frozenset({State.SENT})),
        Tab("failed", N_("Failed"), frozenset({State.FAILED})),
        Tab("dropped", N_("Dropped"), frozenset({State.CANCELLED, State.EXPIRED})),
    )
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the list is asked for; empty means all. What makes no sense is ignored."""

    tab: Tab
    words: str = ""
    kind: str = ""
    state: str = ""
    unit_id: int | None = None
    is_whole: bool = False
    """Whether it takes as long as it takes: a file instead of a page."""

    @classmethod
    def of(cls, query: MultiDict[str, str]) -> "Wanted":
        tab = TABS.get(query.get("tab", PLANNED), TABS[PLANNED])
        kind, state = query.get("kind", ""), query.get("state", "")
        return cls(
            tab=tab,
            words=query.get("q", "").strip(),
            kind=kind if kind in KINDS else "",
            state=state if state in tab.states else "",
            unit_id=query.get("unit", type=int),
        )

    @property
    def is_narrow(self) -> bool:
        return bool(self.words or self.kind or self.state or self.unit_id)

    @property
    def kinds(self) -> Sequence[str]:
        return (self.kind,) if self.kind else tuple(KINDS)

    def query(self, **changed: Any) -> dict[str, Any]:
        """The same as parameters of an address, with some of them ``changed``."""
        values: dict[str, Any] = {
            "tab": self.tab.key,
            "q": self.words,
            "kind": self.kind,
            "state": self.state,
            "unit": self.unit_id,
        } | changed
        return {name: value for name, value in values.items() if value}


def stored(wanted: Wanted, person: Person, about: Base | None = None) -> sa.Select[Any]:
    """Deliveries in the states of a tab, the newest first."""
    states = frozenset({State(wanted.state)}) if wanted.state else wanted.tab.states
    # what one thing is about is little: then the index of the states is the longer way
    in_state = Delivery.state.in_(states) if about is not None else Delivery.among(*states)
    query = (
        sa.select(Delivery)
        .join(Person, Person.id == Delivery.person_id)
        .where(in_state, Delivery.visible_to(person))
        .options(
            joinedload(Delivery.person).joinedload(Person.unit),
            joinedload(Delivery.stands_in_for),
            joinedload(Delivery.rule),
        )
        .order_by(Delivery.due_at.desc(), Delivery.id.desc())
    )
    if wanted.kind:
        query = query.where(Delivery.kind == wanted.kind)
    if about is not None:
        query = query.where(Delivery.id.in_(_of(about)))
    return query.where(*_narrowed(wanted, Delivery))


def ahead(
    session: Session,
    wanted: Wanted,
    person: Person,
    *,
    now: datetime,
    until: datetime,
    about: Base | None = None,
) -> services.Ahead:
    """What will be sent, the soonest first: see ``services.planned``.

    Where nothing narrows it, and much will be sent, no further ahead than anybody turns pages.
    """
    if about is not None:
        only = _concerned(about)
        query = services.planned(session, now=now, until=until, kinds=wanted.kinds, only=only)
    elif wanted.is_narrow or wanted.is_whole:
        query = services.planned(session, now=now, until=until, kinds=wanted.kinds)
    else:
        query, until = services.soonest(
            session, now=now, until=until, kinds=wanted.kinds, most=SLOTS_MOST
        )
    row = _AHEAD
    seen = (
        sa.and_(row.kind == kind.key, row.subject_id.in_(kind.sees(person)))
        for kind in KINDS.values()
    )
    return services.Ahead(query.where(sa.or_(*seen), *_narrowed(wanted, row)), until)


def one_ahead(
    session: Session, key: str, person: Person | None, *, now: datetime, until: datetime
) -> Delivery | None:
    """A message that is not stored yet, by its ``delivery_key``; None if ``person`` sees none.

    ``person`` is None for somebody who sees all. It belongs to no session: it is not due.
    """
    name, _, rest = key.partition(":")
    number = rest.partition(":")[0]
    if name not in KINDS or not (number.isascii() and number.isdigit()):
        return None
    row, only = _AHEAD, {name: sa.select(sa.literal(int(number)))}
    query = services.planned(session, now=now, until=until, only=only)
    query = query.where(row.delivery_key == key)
    if person is not None:
        query = query.where(row.subject_id.in_(KINDS[name].sees(person)))
    found = session.execute(query).unique().first()
    return services.unstored(session, found) if found else None


def _narrowed(wanted: Wanted, row: Any) -> list[sa.ColumnElement[bool]]:
    """By the words (of a person or a subject) and the unit people work in."""
    found = []
    if wanted.words:
        words = fold(wanted.words)
        subjects = (
            sa.and_(row.kind == kind.key, row.subject_id.in_(_called(kind.model, words)))
            for kind in KINDS.values()
            if hasattr(kind.model, "search")
        )
        found.append(sa.or_(contains(Person.search, words), *subjects))
    if wanted.unit_id:
        above = sa.select(Unit.path).where(Unit.id == wanted.unit_id).scalar_subquery()
        inside = sa.func.substr(Unit.path, 1, sa.func.length(above)) == above
        found.append(Person.unit_id.in_(sa.select(Unit.id).where(inside)))
    return found


def _called(model: Any, words: str) -> sa.Select[Any]:
    return sa.select(model.id).where(contains(model.search, words))


def _of(about: Base) -> Any:
    """The ids of all deliveries about a thing or what hangs on it, found by their subjects."""
    every = [
        sa.select(Delivery.id).where(Delivery.kind == key, Delivery.subject_id.in_(ids))
        for key, ids in _concerned(about).items()
    ]
    return sa.union_all(*(one.correlate(None) for one in every))


def _concerned(about: Base) -> dict[str, sa.Select[Any]]:
    """The ids of the subjects of each kind that are a thing itself or hang on it: a drill's
    invitations.
    """
    thing: Any = about
    column = f"{about.__tablename__}_id"
    found = {}
    for key, kind in KINDS.items():
        model: Any = kind.model
        if isinstance(about, model):
            found[key] = sa.select(model.id).where(model.id == thing.id)
        elif hasattr(model, column):
            found[key] = sa.select(model.id).where(getattr(model, column) == thing.id)
    return found


def count(session: Session, query: sa.Select[Any]) -> int:
    """How many rows, up to ``COUNTED``."""
    one = query.order_by(None).with_only_columns(sa.literal(1), maintain_column_froms=True)
    some = one.limit(COUNTED).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def models() -> Mapping[str, Any]:
    """What messages are about, by the name of its table."""
    return {kind.model.__tablename__: kind.model for kind in KINDS.values()}
