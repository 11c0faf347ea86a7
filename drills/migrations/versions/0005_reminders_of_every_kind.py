"""reminders of every kind: rules and deliveries that name what they are about by kind and id."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_STATES = (
    "pending",
    "claimed",
    "sending",
    "sent",
    "uncertain",
    "failed",
    "cancelled",
    "expired",
)
_RULE = sa.table(
    "reminder_rule",
    *(sa.column(name, sa.Integer) for name in ("id", "amount")),
    *(sa.column(name, sa.String) for name in ("kind", "unit", "direction", "hours", "channel")),
    *(sa.column(name, sa.Boolean) for name in ("for_participants", "for_lead", "is_digest")),
    sa.column("at_time", sa.Time),
)
_AUDIENCE = sa.table(
    "rule_audience", sa.column("rule_id", sa.Integer), sa.column("audience", sa.String)
)
_DELIVERY = sa.table(
    "delivery",
    *(sa.column(name, sa.Integer) for name in ("id", "subject_id", "drill_id", "rule_id")),
    *(sa.column(name, sa.Integer) for name in ("invitation_id", "person_id")),
    *(sa.column(name, sa.String) for name in ("delivery_key", "kind", "channel", "reason")),
    *(sa.column(name, sa.String) for name in ("state", "token")),
    *(sa.column(name, sa.DateTime) for name in ("anchor_at", "useful_until", "lease_until")),
)
_DRILL = sa.table("drill", sa.column("id", sa.Integer), sa.column("lead_id", sa.Integer))
_CHUNK = 1000


def upgrade() -> None:
    _extend_rules()
    _make_tables()
    _tell_audiences()
    with op.batch_alter_table("reminder_rule") as batch_op:
        batch_op.drop_column("for_participants")
        batch_op.drop_column("for_lead")
    _extend_deliveries()
    _name_subjects()
    _close_deliveries()


def _extend_rules() -> None:
    short, place = sa.String(32), sa.String(40)
    with op.batch_alter_table("reminder_rule") as batch_op:
        batch_op.drop_constraint(op.f("uq_reminder_rule_amount_unit"), type_="unique")
        batch_op.drop_constraint(op.f("ck_reminder_rule_amount_in_range"), type_="check")
        batch_op.drop_constraint(op.f("ck_reminder_rule_leadunit"), type_="check")
        batch_op.add_column(sa.Column("kind", place))
        batch_op.add_column(sa.Column("direction", short))
        batch_op.add_column(sa.Column("at_time", sa.Time()))
        batch_op.add_column(sa.Column("hours", short))
        batch_op.add_column(sa.Column("channel", short))
        batch_op.add_column(sa.Column("is_digest", sa.Boolean()))
    values = {"kind": "drill", "direction": "before", "hours": "any", "channel": "choice"}
    eight: sa.ColumnElement[Any] = sa.literal("08:00:00.000000", sa.String)
    if op.get_bind().dialect.name != "sqlite":
        eight = sa.cast(eight, sa.Time)
    op.execute(sa.update(_RULE).values(at_time=eight, is_digest=sa.false(), **values))
    checks = {
        "amount_in_range": "amount BETWEEN 0 AND 400",
        "leadunit": "unit IN ('days', 'hours', 'working_days')",
        "direction": "direction IN ('before', 'after')",
        "hours": "hours IN ('any', 'working')",
        "channelpolicy": "channel IN ('mail', 'choice')",
    }
    with op.batch_alter_table("reminder_rule") as batch_op:
        for name in ("kind", "direction", "at_time", "hours", "channel", "is_digest"):
            batch_op.alter_column(name, nullable=False)
        for name, text in checks.items():
            batch_op.create_check_constraint(op.f(f"ck_reminder_rule_{name}"), text)
        batch_op.create_unique_constraint(
            op.f("uq_reminder_rule_kind_direction_amount_unit"),
            ["kind", "direction", "amount", "unit"],
        )


def _make_tables() -> None:
    _make_rule_parts()
    _make_settings()
    op.create_table(
        "reminder_deadline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("anchor_at", sa.DateTime()),
        sa.Column("anchor_on", sa.Date()),
        _reference("reminder_deadline", "unit_id", "unit.id", nullable=True, ondelete="SET NULL"),
        sa.CheckConstraint(
            "(anchor_at IS NULL) <> (anchor_on IS NULL)",
            name=op.f("ck_reminder_deadline_one_anchor"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_deadline")),
        sa.UniqueConstraint(
            "kind", "subject_id", name=op.f("uq_reminder_deadline_kind_subject_id")
        ),
    )
    _index("reminder_deadline", "unit_id")
    _make_state()


def _make_rule_parts() -> None:
    op.create_table(
        "rule_audience",
        _reference("rule_audience", "rule_id", "reminder_rule.id", ondelete="CASCADE"),
        sa.Column("audience", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", "audience", name=op.f("pk_rule_audience")),
    )
    op.create_table(
        "rule_person",
        _reference("rule_person", "rule_id", "reminder_rule.id", ondelete="CASCADE"),
        _reference("rule_person", "person_id", "person.id"),
        sa.PrimaryKeyConstraint("rule_id", "person_id", name=op.f("pk_rule_person")),
    )
    _index("rule_audience", "rule_id")
    _index("rule_person", "rule_id", "person_id")


def _make_settings() -> None:
    op.create_table(
        "reminder_setting",
        sa.Column("id", sa.Integer(), nullable=False),
        _reference("reminder_setting", "person_id", "person.id", ondelete="CASCADE"),
        sa.Column("digest_at", sa.Time()),
        sa.Column("away_from", sa.Date()),
        sa.Column("away_to", sa.Date()),
        _reference(
            "reminder_setting", "deputy_id", "person.id", nullable=True, ondelete="SET NULL"
        ),
        *_stamps(),
        sa.CheckConstraint(
            "away_from IS NULL OR away_to IS NULL OR away_from <= away_to",
            name=op.f("ck_reminder_setting_away_in_order"),
        ),
        sa.CheckConstraint(
            "deputy_id <> person_id", name=op.f("ck_reminder_setting_deputy_is_another")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_setting")),
    )
    op.create_table(
        "unsubscription",
        sa.Column("id", sa.Integer(), nullable=False),
        _reference("unsubscription", "person_id", "person.id", ondelete="CASCADE"),
        sa.Column("kind", sa.String(40), nullable=False),
        *_stamps(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unsubscription")),
        sa.UniqueConstraint("person_id", "kind", name=op.f("uq_unsubscription_person_id_kind")),
    )
    _index("reminder_setting", "deputy_id")
    op.create_index(
        op.f("ix_reminder_setting_person_id"), "reminder_setting", ["person_id"], unique=True
    )
    _index("unsubscription", "person_id")


def _make_state() -> None:
    op.create_table(
        "reminder_state",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.DateTime()) for name in ("planned_until", "looked_back_at")),
        sa.Column("next_due_at", sa.DateTime()),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("seeded", sa.JSON(), nullable=False),
        sa.Column("paused_at", sa.DateTime()),
        _reference(
            "reminder_state", "paused_by_id", "person.id", nullable=True, ondelete="SET NULL"
        ),
        sa.Column("pause_reason", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer()) for name in ("per_minute", "per_domain")),
        *(sa.Column(name, sa.Time()) for name in ("quiet_from", "quiet_to")),
        sa.CheckConstraint("id = 1", name=op.f("ck_reminder_state_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_state")),
    )
    _index("reminder_state", "paused_by_id")
    home = sa.table("organisation", sa.column("id", sa.Integer))
    state = sa.table(
        "reminder_state",
        *(sa.column(name, sa.Integer) for name in ("id", "mark")),
        sa.column("seeded", sa.JSON),
        sa.column("pause_reason", sa.String),
    )
    known = sa.select(sa.literal(1), sa.literal(0), sa.literal(["drill"], sa.JSON), sa.literal(""))
    op.execute(
        sa.insert(state).from_select(
            ["id", "mark", "seeded", "pause_reason"], known.where(sa.exists(sa.select(home.c.id)))
        )
    )


def _reference(
    table: str, name: str, target: str, *, nullable: bool = False, ondelete: str | None = None
) -> sa.Column[Any]:
    key = sa.ForeignKey(target, name=op.f(f"fk_{table}_{name}"), ondelete=ondelete)
    return sa.Column(name, sa.Integer(), key, nullable=nullable)


def _stamps() -> Iterator[sa.Column[Any]]:
    for name in ("created_at", "updated_at"):
        yield sa.Column(name, sa.DateTime(), nullable=False)


def _index(table: str, *names: str) -> None:
    for name in names:
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name])


def _tell_audiences() -> None:
    for column, audience in (("for_participants", "participants"), ("for_lead", "lead")):
        told = sa.select(_RULE.c.id, sa.literal(audience)).where(_RULE.c[column])
        op.execute(sa.insert(_AUDIENCE).from_select(["rule_id", "audience"], told))


def _extend_deliveries() -> None:
    for name in ("due_at", "state", "drill_id", "invitation_id"):
        op.drop_index(op.f(f"ix_delivery_{name}"), table_name="delivery")
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.drop_constraint(op.f("ck_delivery_rule_or_invitation"), type_="check")
        batch_op.drop_constraint(op.f("ck_delivery_state"), type_="check")
        batch_op.alter_column("delivery_key", type_=sa.String(200))
        batch_op.alter_column("anchor_at", existing_type=sa.DateTime(), nullable=True)
        batch_op.add_column(sa.Column("kind", sa.String(40)))
        batch_op.add_column(sa.Column("subject_id", sa.Integer()))
        batch_op.add_column(sa.Column("stands_in_for_id", sa.Integer()))
        batch_op.add_column(sa.Column("anchor_on", sa.Date()))
        batch_op.add_column(sa.Column("useful_until", sa.DateTime()))
        batch_op.add_column(sa.Column("digest_id", sa.Integer()))
        batch_op.add_column(sa.Column("channel", sa.String(40)))
        batch_op.add_column(sa.Column("reason", sa.String(40)))


def _name_subjects() -> None:
    """A letter of invitation that waits is planned anew: its key names who it goes to as well."""
    both = {"useful_until": _DELIVERY.c.anchor_at, "channel": "mail"}
    leads = sa.exists().where(
        _DRILL.c.id == _DELIVERY.c.drill_id, _DRILL.c.lead_id == _DELIVERY.c.person_id
    )
    of_drill = {
        "kind": "drill",
        "subject_id": _DELIVERY.c.drill_id,
        "reason": sa.case((leads, "lead"), else_="participants"),
    }
    of_letter = {
        "kind": "invitation",
        "subject_id": _DELIVERY.c.invitation_id,
        "reason": "invited",
    }
    is_letter = _DELIVERY.c.invitation_id.is_not(None)
    op.execute(sa.update(_DELIVERY).where(~is_letter).values(**both, **of_drill))
    op.execute(sa.update(_DELIVERY).where(is_letter).values(**both, **of_letter))
    _rename_letters()


def _rename_letters() -> None:
    """``invitation:ID:ASKED:STARTS`` becomes ``invitation:ID:0:PERSON:STARTS.ASKED``."""
    bind = op.get_bind()
    columns = (_DELIVERY.c.id, _DELIVERY.c.delivery_key, _DELIVERY.c.person_id)
    query = sa.select(*columns).where(_DELIVERY.c.kind == "invitation").order_by(_DELIVERY.c.id)
    rows = bind.execute(query).all()
    change = (
        sa.update(_DELIVERY)
        .where(_DELIVERY.c.id == sa.bindparam("row"))
        .values(delivery_key=sa.bindparam("key"))
    )
    for first in range(0, len(rows), _CHUNK):
        some = [
            {"row": row.id, "key": _key(row.delivery_key, row.person_id)}
            for row in rows[first : first + _CHUNK]
        ]
        bind.execute(change, some)


def _key(old: str, person_id: int) -> str:
    parts = old.split(":")
    if len(parts) != len(("invitation", "id", "asked", "starts")):
        return old
    return f"invitation:{parts[1]}:0:{person_id}:{parts[3]}.{parts[2]}"


def _close_deliveries() -> None:
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.drop_constraint(op.f("fk_delivery_drill_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("fk_delivery_invitation_id"), type_="foreignkey")
        batch_op.drop_column("drill_id")
        batch_op.drop_column("invitation_id")
        for name in ("kind", "subject_id", "channel", "reason"):
            batch_op.alter_column(name, nullable=False)
        batch_op.create_check_constraint(
            op.f("ck_delivery_one_anchor"), "(anchor_at IS NULL) <> (anchor_on IS NULL)"
        )
        allowed = ", ".join(f"'{state}'" for state in (*_STATES, "grouped"))
        batch_op.create_check_constraint(op.f("ck_delivery_state"), f"state IN ({allowed})")
        for name, target in (("stands_in_for_id", "person"), ("digest_id", "delivery")):
            batch_op.create_foreign_key(op.f(f"fk_delivery_{name}"), target, [name], ["id"])
    op.create_index("ix_delivery_kind_subject_id", "delivery", ["kind", "subject_id", "anchor_at"])
    op.create_index("ix_delivery_state_due_at", "delivery", ["state", "due_at"])
    for name, columns, condition in (
        ("ix_delivery_grouped", ["person_id", "due_at"], "state = 'grouped'"),
        ("ix_delivery_digest_id", ["digest_id"], "digest_id IS NOT NULL"),
        (
            "ix_delivery_stands_in_for_id",
            ["stands_in_for_id"],
            "stands_in_for_id IS NOT NULL",
        ),
    ):
        where = sa.text(condition)
        op.create_index(name, "delivery", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.execute("DELETE FROM delivery")
    op.execute("DELETE FROM rule_audience")
    op.execute("DELETE FROM reminder_rule")
    for name in ("kind_subject_id", "state_due_at", "grouped", "digest_id", "stands_in_for_id"):
        op.drop_index(f"ix_delivery_{name}", table_name="delivery")
    _narrow_deliveries()
    _narrow_rules()
    for table in (
        "reminder_state",
        "reminder_deadline",
        "unsubscription",
        "reminder_setting",
        "rule_person",
        "rule_audience",
    ):
        op.drop_table(table)


def _narrow_deliveries() -> None:
    gone = ("kind", "subject_id", "stands_in_for_id", "anchor_on", "useful_until", "digest_id")
    with op.batch_alter_table("delivery") as batch_op:
        for name in ("stands_in_for_id", "digest_id"):
            batch_op.drop_constraint(op.f(f"fk_delivery_{name}"), type_="foreignkey")
        for name in ("one_anchor", "state"):
            batch_op.drop_constraint(op.f(f"ck_delivery_{name}"), type_="check")
        for name in (*gone, "channel", "reason"):
            batch_op.drop_column(name)
        batch_op.alter_column("anchor_at", existing_type=sa.DateTime(), nullable=False)
        batch_op.add_column(sa.Column("drill_id", sa.Integer(), nullable=False))
        batch_op.add_column(sa.Column("invitation_id", sa.Integer()))
        batch_op.create_foreign_key(op.f("fk_delivery_drill_id"), "drill", ["drill_id"], ["id"])
        batch_op.create_foreign_key(
            op.f("fk_delivery_invitation_id"),
            "invitation",
            ["invitation_id"],
            ["id"],
            ondelete="CASCADE",
        )
        allowed = ", ".join(f"'{state}'" for state in _STATES)
        batch_op.create_check_constraint(op.f("ck_delivery_state"), f"state IN ({allowed})")
        batch_op.create_check_constraint(
            op.f("ck_delivery_rule_or_invitation"),
            "(rule_id IS NULL) <> (invitation_id IS NULL)",
        )
    _index("delivery", "due_at", "state", "drill_id", "invitation_id")


def _narrow_rules() -> None:
    with op.batch_alter_table("reminder_rule") as batch_op:
        batch_op.drop_constraint(
            op.f("uq_reminder_rule_kind_direction_amount_unit"), type_="unique"
        )
        for name in ("amount_in_range", "leadunit", "direction", "hours", "channelpolicy"):
            batch_op.drop_constraint(op.f(f"ck_reminder_rule_{name}"), type_="check")
        for name in ("kind", "direction", "at_time", "hours", "channel", "is_digest"):
            batch_op.drop_column(name)
        batch_op.add_column(sa.Column("for_participants", sa.Boolean(), nullable=False))
        batch_op.add_column(sa.Column("for_lead", sa.Boolean(), nullable=False))
        batch_op.create_check_constraint(
            op.f("ck_reminder_rule_amount_in_range"), "amount BETWEEN 1 AND 400"
        )
        batch_op.create_check_constraint(
            op.f("ck_reminder_rule_leadunit"), "unit IN ('days', 'hours')"
        )
        batch_op.create_unique_constraint(op.f("uq_reminder_rule_amount_unit"), ["amount", "unit"])
