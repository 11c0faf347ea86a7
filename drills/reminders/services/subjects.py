"""The things that deliveries are about, loaded by kind."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.reminders.kinds import KINDS

Named = tuple[str, int]
"""A kind's key and the id of a subject."""


def load(session: Session, pairs: Iterable[Named]) -> Mapping[Named, Any]:
    """One query for each kind; what has no subject, or none any more, is left out."""
    ids = defaultdict(set)
    for key, subject_id in pairs:
        if key in KINDS:
            ids[key].add(subject_id)
    found = {}
    for key, wanted in ids.items():
        model = KINDS[key].model
        query = sa.select(model).where(model.id.in_(wanted)).options(*KINDS[key].loads)
        for subject in session.scalars(query).unique():
            found[key, subject.id] = subject
    return found
