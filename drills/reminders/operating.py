"""``drills reminders pause|resume|rules|history|failed``: what an operator steers by."""

import json
from collections.abc import Iterable
from typing import Any

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from sqlalchemy.orm import joinedload

from drills.accounts.models import Person
from drills.core import clock, database
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.extensions import db
from drills.reminders import services
from drills.reminders.kinds import KINDS
from drills.reminders.models import Delivery, ReminderRule, State

LIMIT = 100
_kind = click.Choice(list(KINDS))
_json = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")


@click.command("pause")
@click.argument("reason")
@with_appcontext
def pause(reason: str) -> None:
    """Send nothing until “resume”; REASON is shown to everybody."""
    database.begin_writing()
    services.pause(db.session, reason, by=None, at=clock.now())
    db.session.commit()
    click.echo("Sending is paused. What falls due meanwhile waits.")


@click.command("resume")
@with_appcontext
def resume() -> None:
    """Send again, what has waited first."""
    database.begin_writing()
    services.resume(db.session, by=None)
    db.session.commit()
    click.echo("Sending goes on.")


@click.command("rules")
@click.option("--kind", type=_kind, help="Only those of this kind.")
@_json
@with_appcontext
def rules(kind: str | None, as_json: bool) -> None:  # noqa: FBT001
    """List the rules: what is reminded of when, and to whom."""
    database.begin_reading()
    found = services.all_rules(db.session, kind)
    _tell("rules", [_rule(rule) for rule in found], as_json=as_json)


def _rule(rule: ReminderRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "kind": rule.kind,
        "when": f"{rule.amount} {rule.unit.value} {rule.direction.value}",
        "to": ", ".join(sorted(rule.audiences)),
        "named": len(rule.named),
        "on": rule.is_active,
    }


@click.command("history")
@click.option("--kind", type=_kind, help="Only of this kind.")
@click.option("--subject", type=int, help="Only about this one, by its number.")
@click.option("--to", "email", help="Only to this address.")
@click.option("--limit", default=LIMIT, show_default=True, type=click.IntRange(1, 10_000))
@_json
@with_appcontext
def history(
    kind: str | None,
    subject: int | None,
    email: str | None,
    limit: int,
    as_json: bool,  # noqa: FBT001
) -> None:
    """List what was sent, dropped or waits, the newest first."""
    database.begin_reading()
    query = sa.select(Delivery).order_by(Delivery.id.desc()).limit(limit)
    if kind:
        query = query.where(Delivery.kind == kind)
    if subject is not None:
        query = query.where(Delivery.subject_id == subject)
    if email:
        query = query.join(Delivery.person).where(Person.email == email.strip().lower())
    _tell("deliveries", _deliveries(query), as_json=as_json)


@click.command("failed")
@click.option("--resend", is_flag=True, help="Try all of them again that still apply.")
@_json
@with_appcontext
def failed(resend: bool, as_json: bool) -> None:  # noqa: FBT001
    """List what could not be delivered and would still make sense; exit 1 if there is any."""
    if resend:
        database.begin_writing()
        count = services.resend_all(db.session, at=clock.now(), by=None)
        db.session.commit()
        click.echo(json.dumps({"again": count}) if as_json else f"{count} will be sent again.")
        return
    database.begin_reading()
    useful = services.is_useful(clock.now())
    query = sa.select(Delivery).where(Delivery.among(State.FAILED), useful)
    rows = _deliveries(query.order_by(Delivery.due_at))
    _tell("deliveries", rows, as_json=as_json)
    if rows:
        raise DomainError(N_("Some messages could not be delivered."))


def _deliveries(query: sa.Select[Delivery]) -> list[dict[str, Any]]:
    rows = db.session.scalars(query.options(joinedload(Delivery.person))).unique().all()
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "subject": row.subject_id,
            "to": row.address or row.person.email,
            "why": row.reason,
            "due_at": row.due_at.isoformat(timespec="minutes"),
            "sent_at": row.sent_at.isoformat(timespec="minutes") if row.sent_at else "",
            "state": row.state.value,
            "error": row.error,
        }
        for row in rows
    ]


def _tell(name: str, rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({name: rows}, ensure_ascii=False))
        return
    for row in rows:
        click.echo("  ".join(_words(row.values())))
    click.echo(f"{len(rows)} {name}.")


def _words(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        yield "-" if value == "" else str(value)
