"""changed rules: more parts in a drill, a cadence of series, logs that can only grow."""

import sqlalchemy as sa
from alembic import op

from drills.core import clock

revision = "0004"
down_revision = "0003"

_OLD_PARTS = (
    "organiser",
    "lead",
    "player",
    "excon",
    "red",
    "blue",
    "white",
    "evaluator",
    "observer",
)
_PARTS = (*_OLD_PARTS, "simcell", "trusted_agent")
_WITH_PARTS = ("drill", "drill_person")
_GROWING = ("log_entry", "action_event", "dossier_event")
_DECIDED = (
    "id",
    "system_id",
    "dossier_id",
    "regime_id",
    "kind",
    "level",
    "number",
    "signed_on",
    "authority",
    "signer",
    "signer_title",
    "basis",
    "conditions",
    "valid_until",
    "review_due_on",
    "is_historical",
    "is_one_person",
    "snapshot",
    "snapshot_sha256",
    "recorded_at",
    "recorded_by_id",
)
_DECISION_VERBS = {"no_delete": "DELETE", "no_update": f"UPDATE OF {', '.join(_DECIDED)}"}
_UNTOLD = ("signer", "signer_title", "basis", "conditions", "ended_reason", "snapshot_sha256")
_HOME = sa.table("organisation", sa.column("approvals_since", sa.Date))
_SYSTEM = sa.table(
    "system",
    *(sa.column(name) for name in ("id", "approval", "level")),
    *(sa.column(name, sa.String) for name in ("decision_number", "decision_authority")),
    *(sa.column(name, sa.Date) for name in ("decision_date", "review_due_on")),
    sa.column("decided_at", sa.DateTime),
)
_DECISION = sa.table(
    "decision",
    *(sa.column(name) for name in ("system_id", "level", "number", "signed_on", "authority")),
    *(sa.column(name) for name in ("review_due_on", "kind", "state", "recorded_at")),
    *(sa.column(name) for name in ("is_historical", "is_one_person", *_UNTOLD)),
    sa.column("snapshot", sa.JSON),
)
_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'this log can only grow'); END
"""
_FUNCTION = """
CREATE FUNCTION refuse_log_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'this log can only grow'; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
FOR EACH ROW EXECUTE FUNCTION refuse_log_change()
"""


def upgrade() -> None:
    _allow_parts(_PARTS)
    with op.batch_alter_table("series") as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_series_usual_month_in_year"), "usual_month BETWEEN 1 AND 12"
        )
        batch_op.create_check_constraint(op.f("ck_series_cadence_positive"), "every_months > 0")
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_delivery_rule_or_invitation"),
            "(rule_id IS NULL) <> (invitation_id IS NULL)",
        )
    _let_logs_only_grow()
    _keep_decisions()
    _tell_decisions()


def downgrade() -> None:
    _let_decisions_change()
    _let_logs_change()
    op.execute("DELETE FROM delivery WHERE rule_id IS NULL")
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.drop_constraint(op.f("ck_delivery_rule_or_invitation"), type_="check")
    with op.batch_alter_table("series") as batch_op:
        batch_op.drop_constraint(op.f("ck_series_usual_month_in_year"), type_="check")
        batch_op.drop_constraint(op.f("ck_series_cadence_positive"), type_="check")
    op.execute("UPDATE drill SET part = 'excon' WHERE part IN ('simcell', 'trusted_agent')")
    op.execute("UPDATE drill_person SET part = 'excon' WHERE part IN ('simcell', 'trusted_agent')")
    _allow_parts(_OLD_PARTS)


def _allow_parts(parts: tuple[str, ...]) -> None:
    allowed = ", ".join(f"'{part}'" for part in parts)
    for table in _WITH_PARTS:
        name = op.f(f"ck_{table}_part")
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_constraint(name, type_="check")
            batch_op.create_check_constraint(name, f"part IN ({allowed})")


def _let_logs_only_grow() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if not is_sqlite:
        op.execute(_FUNCTION)
    for table in _GROWING:
        for verb in ("UPDATE", "DELETE"):
            op.execute((_SQLITE if is_sqlite else _POSTGRESQL).format(table=table, verb=verb))


def _let_logs_change() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in _GROWING:
        for verb in ("UPDATE", "DELETE"):
            of_table = "" if is_sqlite else f" ON {table}"
            op.execute(f"DROP TRIGGER {table}_no_{verb}{of_table}")
    if not is_sqlite:
        op.execute("DROP FUNCTION refuse_log_change()")


def _keep_decisions() -> None:
    """Of a decision only its end is written later; it is never deleted."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    refusal = (
        "BEGIN SELECT RAISE(ABORT, 'a decision is never rewritten'); END"
        if is_sqlite
        else "FOR EACH ROW EXECUTE FUNCTION refuse_log_change()"
    )
    for name, verb in _DECISION_VERBS.items():
        op.execute(f"CREATE TRIGGER decision_{name} BEFORE {verb} ON decision {refusal}")


def _tell_decisions() -> None:
    """What the register said of approvals becomes the decisions they were."""
    now = clock.now().replace(tzinfo=None)
    op.execute(sa.update(_HOME).values(approvals_since=now.date()))
    is_decided = sa.and_(
        _SYSTEM.c.approval == "approved",
        _SYSTEM.c.level.is_not(None),
        _SYSTEM.c.decision_date.is_not(None),
        _SYSTEM.c.decision_number != "",
    )
    values = {
        "system_id": _SYSTEM.c.id,
        "level": _SYSTEM.c.level,
        "number": _SYSTEM.c.decision_number,
        "signed_on": _SYSTEM.c.decision_date,
        "authority": _SYSTEM.c.decision_authority,
        "review_due_on": _SYSTEM.c.review_due_on,
        "kind": sa.literal("level"),
        "state": sa.literal("in_force"),
        "is_historical": sa.true(),
        "is_one_person": sa.false(),
        "snapshot": sa.literal({}, sa.JSON),
        "recorded_at": sa.literal(now),
    } | {name: sa.literal("") for name in _UNTOLD}
    told = sa.select(*values.values()).where(is_decided)
    op.execute(sa.insert(_DECISION).from_select(list(values), told))
    op.execute(sa.update(_SYSTEM).where(is_decided).values(decided_at=now))


def _let_decisions_change() -> None:
    of_table = "" if op.get_bind().dialect.name == "sqlite" else " ON decision"
    for name in _DECISION_VERBS:
        op.execute(f"DROP TRIGGER decision_{name}{of_table}")
