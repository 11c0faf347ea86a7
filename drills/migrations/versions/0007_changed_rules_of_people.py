"""changed rules of people: a backup contact point in a team."""

from alembic import op

revision = "0007"
down_revision = "0006"

_OLD_ROLES = (
    "lead",
    "deputy",
    "member",
    "contact",
    "handler",
    "forensics",
    "malware",
    "network",
    "communication",
    "legal",
)
_ROLES = (*_OLD_ROLES, "contact_backup")


def upgrade() -> None:
    _allow_roles(_ROLES)


def downgrade() -> None:
    op.execute("UPDATE member SET role = 'contact' WHERE role = 'contact_backup'")
    _allow_roles(_OLD_ROLES)


def _allow_roles(roles: tuple[str, ...]) -> None:
    allowed = ", ".join(f"'{role}'" for role in roles)
    name = op.f("ck_member_teamrole")
    with op.batch_alter_table("member") as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, f"role IN ({allowed})")
