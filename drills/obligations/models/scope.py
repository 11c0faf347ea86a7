"""Whose obligations a person may see: the one condition on all that has a subject and a unit."""

from typing import Any

import sqlalchemy as sa

from drills.accounts.models import Person, Role
from drills.exercises.models import Drill
from drills.obligations.models.rules import SubjectKind
from drills.units.models import Unit


def concerns(subject_kind: Any, subject_id: Any, unit_id: Any, person: Person) -> Any:
    """One's own, and those of the units one sees; of drills only those one knows of."""
    own = sa.and_(subject_kind == SubjectKind.PERSON, subject_id == person.id)
    if person.roles <= {Role.IR_MEMBER}:
        return own
    known = sa.or_(subject_kind != SubjectKind.DRILL, subject_id.in_(Drill.ids_seen_by(person)))
    if person.sees_all:
        return known
    return sa.or_(own, sa.and_(unit_id.in_(Unit.ids_under(person.scope.path)), known))
