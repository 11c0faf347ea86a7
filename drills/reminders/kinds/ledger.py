"""What has been told and settled, for the kinds that follow from it; the models stand above."""

import sqlalchemy as sa

from drills.core.orm import UtcDateTime

LEDGER = sa.table(
    "delivery",
    *(sa.column(name, sa.Integer) for name in ("id", "subject_id", "person_id", "rule_id")),
    *(sa.column(name, sa.String) for name in ("kind", "state", "address", "error")),
    *(sa.column(name, UtcDateTime) for name in ("anchor_at", "due_at", "sent_at", "updated_at")),
)

DEADLINE = sa.table(
    "reminder_deadline",
    sa.column("kind", sa.String),
    sa.column("subject_id", sa.Integer),
    sa.column("anchor_on", sa.Date),
)
"""Days that only Python can compute."""

SETTING = sa.table(
    "reminder_setting",
    *(sa.column(name, sa.Integer) for name in ("person_id", "deputy_id")),
)
"""Who stands in for whom."""
