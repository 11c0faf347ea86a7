"""Alembic's entry point; the callers hand it a connection."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

import drills.app
import drills.approvals.models
import drills.audit.models
import drills.findings.models
import drills.reminders.models  # noqa: F401 - so that every model is known
from drills.core.orm import Base


def _plain(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our own column types as what they are in the database.

    A migration is history: it must keep working when the application has changed.
    """
    if kind != "type":
        return False
    if type(item).__name__ == "BinaryOrdered":
        length = item.impl_instance.length
        return f"sa.String({length}).with_variant(sa.String({length}, collation='C'), 'postgresql')"
    if type(item).__name__ == "UtcDateTime":
        return "sa.DateTime()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=_plain,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
