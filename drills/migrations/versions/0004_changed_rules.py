"""changed rules: more parts in a drill, a cadence of series, logs that can only grow."""

from alembic import op

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


def _let_decisions_change() -> None:
    of_table = "" if op.get_bind().dialect.name == "sqlite" else " ON decision"
    for name in _DECISION_VERBS:
        op.execute(f"DROP TRIGGER decision_{name}{of_table}")
