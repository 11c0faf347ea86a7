"""What waits for one reader on the home page: decisions, appraisals, drafts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.approvals.models import Dossier
from drills.approvals.models import desk as desks
from drills.approvals.models.clocks import Clock
from drills.approvals.models.desk import HOT, Turn
from drills.approvals.services.clocks import clocks

SHOWN = 5


@dataclass(frozen=True)
class Heap:
    """The dossiers that wait for one thing: the first few, and how many there are."""

    turn: Turn
    count: int
    dossiers: Sequence[Dossier]
    clocks: dict[int, Clock | None]

    def due_on(self, dossier: Dossier) -> date | None:
        clock = self.clocks.get(dossier.id)
        return clock.due_on if clock else None


def heaps(session: Session, person: Person, today: date) -> list[Heap]:
    """The heaps that are not empty, what is most urgent first."""
    counts = desks.desk(session, person, today, HOT).counts
    rows = {
        turn: session.scalars(desks.listed(session, person, turn, today).limit(SHOWN))
        .unique()
        .all()
        for turn in HOT
        if counts.get(turn)
    }
    found = clocks(session, [one for dossiers in rows.values() for one in dossiers], today)
    return [Heap(turn, counts[turn], dossiers, found) for turn, dossiers in rows.items()]
