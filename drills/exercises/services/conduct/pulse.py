"""What somebody may do in a drill, and whether its board has changed since they looked at it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.exercises.models import Drill
from drills.exercises.services.conduct import statements
from drills.exercises.services.conduct.statements import Rights, alike, asked


@dataclass(frozen=True, slots=True)
class Pulse:
    """``revision`` is that of the board which ``rights`` show."""

    rights: Rights
    revision: str


def rights(session: Session, drill: Drill, person: Person) -> Rights:
    query, given = statements.rights(alike(person)), asked(drill.id, person)
    return _granted(*session.execute(query, given).one())


def pulse(session: Session, drill_id: int, person: Person, *, as_player: bool) -> Pulse | None:
    """All that a page asks which asks again and again, in one statement.

    None where the person does not see such a drill.
    """
    query = statements.pulse(alike(person), as_player=as_player)
    row: Any = session.execute(query, asked(drill_id, person)).one_or_none()
    if row is None:
        return None
    granted = _granted(*row[:3])
    granted = granted.of_a_player if as_player else granted
    version, newest, turns, edited = row[3:]
    return Pulse(granted, revision(granted, version, newest, turns, edited))


def revision(
    rights: Rights, version: int, newest: int | None, turns: int, edited: int | None
) -> str:
    """Changes whenever the board does: ``newest`` line of the log, ``turns`` of the clock.

    What is edited before its release is none of the players' business.
    """
    known = (edited or 0) if rights.controls else 0
    parts = (newest or 0, turns, known, version, int(rights.conducts))
    return "-".join(str(part) for part in parts)


def _granted(knows: object, runs: object, plays: object) -> Rights:
    return Rights(bool(knows), bool(runs), bool(knows or runs or plays))
