"""Ending what waits and is not wanted any more."""

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from drills.reminders.kinds import KINDS, At
from drills.reminders.models import OPEN, UNSENT, Delivery, State
from drills.reminders.services.standing import stands

ENDED = "what it was about has begun or is over"
SUPERSEDED = "what it was about, its time or its people have changed"
OVERTAKEN = "a nearer reminder has taken its place"


def withdraw(session: Session, when: At) -> None:
    """End what makes no sense any more, what no longer stands and what a nearer one overtook."""
    query = sa.select(Delivery.kind).where(Delivery.among(*UNSENT)).distinct()
    kinds = session.scalars(query).all()
    if not kinds:
        return
    held = sa.update(Delivery).where(Delivery.among(*OPEN))
    free = sa.update(Delivery).where(Delivery.among(State.GROUPED))
    steps = [(Delivery.useful_until <= when.now, State.EXPIRED, ENDED)]
    for key in kinds:
        gone = sa.and_(Delivery.kind == key, ~stands(when, [key]))
        steps.append((gone, State.CANCELLED, SUPERSEDED))
    steps.append((_overtaken(), State.EXPIRED, OVERTAKEN))
    for condition, state, reason in steps:
        values = {"state": state, "error": reason, "token": None, "lease_until": None}
        for query_ in (held, free):
            changed = query_.where(condition).values(values)
            session.execute(changed, execution_options={"synchronize_session": False})


def _overtaken() -> sa.ColumnElement[bool]:
    nearer = aliased(Delivery)
    covers = [
        sa.and_(nearer.kind == kind.key, Delivery.kind.in_(kind.covers))
        for kind in KINDS.values()
        if kind.covers
    ]
    immediate = [kind.key for kind in KINDS.values() if kind.is_immediate]
    same = sa.and_(nearer.kind == Delivery.kind, nearer.due_at > Delivery.due_at)
    query = sa.select(1).where(
        nearer.subject_id == Delivery.subject_id,
        nearer.person_id == Delivery.person_id,
        nearer.state != State.CANCELLED,
        sa.or_(
            sa.and_(same, Delivery.kind.not_in(immediate)),
            *(sa.and_(cover, nearer.due_at >= Delivery.due_at) for cover in covers),
        ),
        sa.or_(nearer.anchor_at == Delivery.anchor_at, nearer.anchor_on == Delivery.anchor_on),
    )
    return query.correlate(Delivery).exists()
