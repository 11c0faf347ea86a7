"""The names of subjects, many at once."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.exercises.models import Drill
from drills.obligations.models.rules import SubjectKind
from drills.roster.models import Team
from drills.systems.models import InformationSystem
from drills.units.models import Unit

_NAMES: Mapping[SubjectKind, tuple[Any, Any, Any]] = {
    SubjectKind.ORGANISATION: (Unit.id, Unit.name, Unit.code),
    SubjectKind.UNIT: (Unit.id, Unit.name, Unit.code),
    SubjectKind.TEAM: (Team.id, Team.name, sa.literal("")),
    SubjectKind.PERSON: (Person.id, Person.name, sa.literal("")),
    SubjectKind.SYSTEM: (InformationSystem.id, InformationSystem.name, InformationSystem.code),
    SubjectKind.DRILL: (Drill.id, Drill.title, Drill.code),
}


def names(
    session: Session, wanted: Mapping[SubjectKind, Collection[int]]
) -> dict[tuple[SubjectKind, int], tuple[str, str]]:
    """Name and code by kind and id; one statement for each kind."""
    found = {}
    for kind, ids in wanted.items():
        columns = _NAMES[kind]
        for row in session.execute(sa.select(*columns).where(columns[0].in_(ids))):
            found[kind, row[0]] = row[1], row[2]
    return found
