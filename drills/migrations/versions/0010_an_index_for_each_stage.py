"""indexes and checks of deliveries that cost less to keep up: one stage of their life each.

SQLite builds a tree of names for each row it checks against IN with more than two of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_OPEN = ("pending", "uncertain")
_IN_HAND = ("claimed", "sending")
_SETTLED = ("cancelled", "expired", "failed", "sent")
_EVERY = (
    "pending",
    "claimed",
    "sending",
    "sent",
    "uncertain",
    "failed",
    "cancelled",
    "expired",
    "grouped",
)
_STAGED = {
    "due": (["next_at", "id"], _OPEN),
    "lease": (["lease_until"], _IN_HAND),
    "settled": (["state", "due_at"], _SETTLED),
    "settled_person_id": (["person_id", "due_at"], _SETTLED),
    "settled_rule_id": (["rule_id"], _SETTLED),
}
_BEFORE: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "due": (["next_at", "id"], _OPEN),
    "lease": (["lease_until"], _IN_HAND),
    "state_due_at": (["state", "due_at"], ()),
    "person_id": (["person_id"], ()),
    "rule_id": (["rule_id"], ()),
}


def upgrade() -> None:
    for name in _BEFORE:
        op.drop_index(f"ix_delivery_{name}", table_name="delivery")
    _check(_either(_EVERY))
    for name, (columns, states) in _STAGED.items():
        _create(name, columns, _either(states))


def downgrade() -> None:
    for name in _STAGED:
        op.drop_index(f"ix_delivery_{name}", table_name="delivery")
    _check(_among(_EVERY))
    for name, (columns, states) in _BEFORE.items():
        _create(name, columns, _among(states) if states else "")


def _check(condition: str) -> None:
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.drop_constraint(op.f("ck_delivery_state"), type_="check")
        batch_op.create_check_constraint(op.f("ck_delivery_state"), condition)


def _create(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition) if condition else None
    name = f"ix_delivery_{name}"
    op.create_index(name, "delivery", columns, sqlite_where=where, postgresql_where=where)


def _either(states: tuple[str, ...]) -> str:
    return " OR ".join(f"state = '{state}'" for state in states)


def _among(states: tuple[str, ...]) -> str:
    return f"state IN ({', '.join(repr(state) for state in states)})"
