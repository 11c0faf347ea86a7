"""retests in the history of actions: which drill tried an action again, and what it showed.

Written as statements: a table made anew would lose the triggers that let it only grow.
"""

from alembic import op

revision = "0008"
down_revision = "0007"

_NEW = (
    "retest_drill_id INTEGER CONSTRAINT fk_action_event_retest_drill_id REFERENCES drill (id)",
    "retest VARCHAR(32) CONSTRAINT ck_action_event_retest CHECK (retest IN ('held', 'failed'))",
)
_INDEX = "ix_action_event_retest_drill_id"


def upgrade() -> None:
    for column in _NEW:
        op.execute(f"ALTER TABLE action_event ADD COLUMN {column}")
    op.create_index(_INDEX, "action_event", ["retest_drill_id"])


def downgrade() -> None:
    op.drop_index(_INDEX, table_name="action_event")
    with op.batch_alter_table("action_event") as batch_op:
        batch_op.drop_column("retest")
        batch_op.drop_column("retest_drill_id")
