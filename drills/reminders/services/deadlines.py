"""Anchors that only Python can compute, kept as rows so that the planning is by queries alone."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.reminders.kinds import KINDS, At
from drills.reminders.models import ReminderDeadline
from drills.reminders.services.state import INSERT


def refresh(session: Session, at: At) -> None:
    """Compute them anew; what has none any more loses its row."""
    for kind in KINDS.values():
        if kind.computed is None:
            continue
        found = kind.computed(session, at)
        mine = ReminderDeadline.kind == kind.key
        gone = sa.delete(ReminderDeadline).where(mine, ReminderDeadline.subject_id.not_in(found))
        session.execute(gone, execution_options={"synchronize_session": False})
        rows = [
            {"kind": kind.key, "subject_id": subject_id, "anchor_on": day}
            for subject_id, day in found.items()
        ]
        if rows:
            insert: Any = INSERT[session.get_bind().dialect.name](ReminderDeadline)
            newer = insert.on_conflict_do_update(
                index_elements=["kind", "subject_id"],
                set_={"anchor_on": insert.excluded.anchor_on},
                where=ReminderDeadline.anchor_on != insert.excluded.anchor_on,
            )
            session.execute(newer, rows)
