"""Who plays a drill does not let themselves into its secrets: somebody in control has to."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.core.errors import NotAllowedNow
from drills.core.text import N_
from drills.exercises.models import Drill, Side


@contextmanager
def kept_apart(session: Session, drill: Drill, by: Person | None) -> Iterator[None]:
    """Refuse what the body changes if ``by``, who did not know the secrets, now does, or is on
    another side than before. The trail would tell of it, but too late.
    """
    if by is None or drill.is_controlled_by(by):
        yield
        return
    before = _sides(session, drill, by)
    yield
    session.flush()
    if drill.is_controlled_by(by) or _sides(session, drill, by) != before:
        raise NotAllowedNow(
            N_(
                "You take part in this drill. What you are in it is changed by somebody in "
                "exercise control."
            )
        )


def _sides(session: Session, drill: Drill, person: Person) -> set[int]:
    mine = sa.select(Side.id).where(Side.drill_id == drill.id, Side.played_by(person))
    return set(session.scalars(mine))
