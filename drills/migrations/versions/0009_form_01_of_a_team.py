"""form 01 of a team: where incidents are received, who is in charge, what the team can do."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_LINES = {
    "superior": 200,
    "leader": 200,
    "website": 200,
    "receiving_phone": 40,
    "receiving_mobile": 40,
    "receiving_fax": 40,
    "receiving_email": 200,
}


def upgrade() -> None:
    for name, length in _LINES.items():
        op.add_column("team", sa.Column(name, sa.String(length), server_default="", nullable=False))
    op.add_column("team", sa.Column("capability", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("team") as batch_op:
        for name in (*_LINES, "capability"):
            batch_op.drop_column(name)
