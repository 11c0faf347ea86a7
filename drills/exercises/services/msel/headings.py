"""The columns an agency adds to lists of injects, and who sees them."""

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.core.errors import DomainError
from drills.core.tabular import key as folded
from drills.core.text import N_
from drills.exercises.models import Audience, Drill, MselColumn
from drills.exercises.services.drills import refuse_closed
from drills.exercises.services.msel.columns import BY_KEY
from drills.exercises.services.msel.known import ORDER, columns
from drills.exercises.services.msel.planning import column_key
from drills.exercises.services.msel.trail import note

OPEN_TO = {
    Audience.CONTROL: frozenset(Audience),
    Audience.EVALUATORS: frozenset({Audience.EVALUATORS, Audience.PLAYERS}),
    Audience.PLAYERS: frozenset({Audience.PLAYERS}),
}


def reading(
    session: Session, drill: Drill, person: Person | None
) -> tuple[Audience, list[MselColumn]]:
    """As what the person reads the list of this drill, and the columns shown to them.

    Nobody is the operator. One query answers both, and what the tabs of the drill ask next.
    """
    if person is None:
        return Audience.CONTROL, columns(session, drill)
    mine = sa.or_(MselColumn.drill_id == drill.id, MselColumn.drill_id.is_(None))
    query = (
        sa.select(Drill.conducted_by(person), Drill.controlled_by(person), MselColumn, Drill)
        .outerjoin(MselColumn, mine)
        .options(joinedload(Drill.participation))
        .where(Drill.id == drill.id)
        .order_by(*ORDER)
    )
    rows = session.execute(query).all()
    found = reader(conducts=rows[0][0], knows=rows[0][1])
    return found, [row[2] for row in rows if row[2] and row[2].audience in OPEN_TO[found]]


def reader(*, conducts: bool, knows: bool) -> Audience:
    """As what somebody with these rights reads the list."""
    if conducts:
        return Audience.CONTROL
    return Audience.EVALUATORS if knows else Audience.PLAYERS


def add_column(
    session: Session,
    drill: Drill,
    label: str,
    audience: Audience,
    *,
    is_for_all: bool,
    by: Person | None,
) -> MselColumn:
    """One more column, for this drill or for every drill. A label is taken once."""
    refuse_closed(drill)
    there = columns(session, drill)
    _refuse_taken(label, [column.label for column in there])
    column = MselColumn(
        drill_id=None if is_for_all else drill.id,
        key=column_key(label, {column.key for column in there} | _keys_of_all(session)),
        label=label,
        position=max((column.position for column in there), default=0) + 10,
        audience=audience,
    )
    session.add(column)
    note(session, "msel_column_added", drill, {"label": ["", label]}, by=by)
    return column


def revise_column(
    session: Session,
    drill: Drill,
    column: MselColumn,
    label: str,
    audience: Audience,
    *,
    by: Person | None,
) -> None:
    refuse_closed(drill)
    _refuse_taken(label, [c.label for c in columns(session, drill) if c.id != column.id])
    before = column.label, column.audience.value
    column.label, column.audience = label, audience
    session.flush()
    if before != (label, audience.value):
        changes = {"label": [before[0], label], "audience": [before[1], audience.value]}
        note(session, "msel_column_revised", drill, changes, by=by)


def drop_column(session: Session, drill: Drill, column: MselColumn, *, by: Person | None) -> None:
    """Show the column no longer. What injects say in it stays with them, for its return."""
    refuse_closed(drill)
    note(session, "msel_column_dropped", drill, {"label": [column.label, ""]}, by=by)
    session.delete(column)
    session.flush()


def _keys_of_all(session: Session) -> set[str]:
    return set(session.scalars(sa.select(MselColumn.key).where(MselColumn.drill_id.is_(None))))


def _refuse_taken(label: str, labels: list[str]) -> None:
    ours = {folded(name) for c in BY_KEY.values() for name in (c.label_vi, c.label_en)}
    if folded(label) in ours | {folded(name) for name in labels}:
        raise DomainError(
            N_("The list has a column “%(label)s” already. Give the new one another name."),
            label=label,
        )
