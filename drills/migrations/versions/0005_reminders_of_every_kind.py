"""reminders of every kind: rules and deliveries that name what they are about by kind and id."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
