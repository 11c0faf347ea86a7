"""What a change of the rules would send and leave out, without making the change."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.reminders.kinds import KINDS
from drills.reminders.services.previewing import Planned, as_planned, planned

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Change:
    """The first few of what is ``more`` and what is ``less``, and how many there are in all."""

    more: Sequence[Planned]
    less: Sequence[Planned]
    more_total: int
    less_total: int
    same: int


@contextmanager
def undone(session: Session) -> Iterator[None]:
    """Whatever is written inside never was."""
    try:
        yield
    finally:
        session.rollback()


def compare(
    session: Session,
    kind: str,
    change: Callable[[], None],
    person: Person,
    *,
    now: datetime,
    until: datetime,
) -> Change:
    """Among what ``person`` may see. ``change`` writes to the session: call it in ``undone``."""
    before = _by_content(session, kind, person, now, until)
    change()
    after = _by_content(session, kind, person, now, until)
    more = [row for content, row in after.items() if content not in before]
    less = [row for content, row in before.items() if content not in after]
    return Change(
        as_planned(session, more[:SHOWN], now),
        as_planned(session, less[:SHOWN], now),
        len(more),
        len(less),
        len(after) - len(more),
    )


def _by_content(
    session: Session, kind: str, person: Person, now: datetime, until: datetime
) -> dict[tuple[int, int, datetime], object]:
    """By subject, person and moment: which rule sends it makes no difference to the reader."""
    rows = session.execute(planned(session, now=now, until=until, kinds=[kind])).unique().all()
    seen = set(session.scalars(KINDS[kind].sees(person)))
    return {
        (row.subject_id, row.Person.id, row.due_at): row for row in rows if row.subject_id in seen
    }
