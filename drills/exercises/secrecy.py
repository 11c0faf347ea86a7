"""Which entries of the trail tell what players may not know, and who may read them."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from drills.accounts.models import Person
from drills.audit.models import Entry
from drills.exercises.models import (
    Drill,
    DrillDocument,
    Inject,
    LogEntry,
    Observation,
    Scenario,
    Vulnerability,
)

Knows = Callable[[Person], sa.ColumnElement[bool]]


def _seen(model: Any) -> Knows:
    """Who sees the thing itself may read what was done to it."""

    def knows(person: Person) -> sa.ColumnElement[bool]:
        row = sa.select(model.id).where(model.id == Entry.subject_id, model.visible_to(person))
        return row.correlate(Entry).exists()

    return knows


def _of_the_list(person: Person) -> sa.ColumnElement[bool]:
    drill = sa.select(Drill.id).where(Drill.id == Entry.subject_id, Drill.controlled_by(person))
    return drill.correlate(Entry).exists()


SECRETS: Mapping[str, Knows] = {
    "msel": _of_the_list,
    **{
        model.__tablename__: _seen(model)
        for model in (Inject, Scenario, DrillDocument, LogEntry, Observation, Vulnerability)
    },
}
"""By the kind of the entry's subject. An entry on a drill's list names the drill by its id."""
