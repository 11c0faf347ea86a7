"""``drills reminders``: what will be sent, and sending it now."""

import json
from dataclasses import asdict
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import with_appcontext

from drills.core import clock, database
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.extensions import db
from drills.reminders import jobs
from drills.reminders.letters import show as show_letter
from drills.reminders.lists import one_ahead
from drills.reminders.operating import failed, history, pause, resume, rules
from drills.reminders.returned import bounces, suppressed
from drills.reminders.services import Planned, preview
from drills.reminders.services.state import FURTHEST
from drills.reminders.steering import add_rule, delete_rule, resend, sending, switch_rule

AHEAD = timedelta(days=30)


class Moment(click.ParamType[datetime]):
    """``2026-11-29``, ``2026-11-29 08:00`` or with an offset; the installation's zone if none."""

    name = "time"

    def __init__(self, *, end_of_day: bool = False) -> None:
        self.end_of_day = end_of_day

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} is not a time: write 2026-11-29 or “2026-11-29 08:00”.", param, ctx
            )
        if self.end_of_day and len(value) <= len("2026-11-29"):
            found = datetime.combine(found, time.max)
        return found


def _aware(at: datetime) -> datetime:
    zone = ZoneInfo(current_app.config["TIME_ZONE"])
    return at if at.tzinfo else at.replace(tzinfo=zone)


@click.group("reminders")
def group() -> None:
    """See which reminders will go out, and send those that are due."""


@group.command("preview")
@click.option("--until", type=Moment(end_of_day=True), help="Up to this day; 30 days if not said.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def show(until: datetime | None, as_json: bool) -> None:  # noqa: FBT001
    """List the reminders that will be sent, to whom and why."""
    database.begin_reading()
    now = clock.now()
    until = _aware(until) if until else now + AHEAD
    rows = preview(db.session, now=now, until=until)
    if as_json:
        click.echo(json.dumps({"planned": [_as_json(row) for row in rows]}, ensure_ascii=False))
        return
    for row in rows:
        click.echo(_line(row))
    click.echo(f"{len(rows)} reminders until {until:%Y-%m-%d}.")


def _as_json(row: Planned) -> dict[str, Any]:
    return {
        "key": row.key,
        "due_at": row.due_at.isoformat(),
        "kind": row.kind.key,
        "drill": getattr(row.subject, "code", ""),
        "title": row.title,
        "rule": f"{row.rule.amount} {row.rule.unit.value}",
        "to": row.person.email,
        "name": row.person.name,
        "why": row.reason,
        "late": row.is_late,
    }


def _line(row: Planned) -> str:
    when = row.due_at.astimezone(ZoneInfo(current_app.config["TIME_ZONE"]))
    one, more = row.rule.label
    rule = (one if row.rule.amount == 1 else more) % {"num": row.rule.amount}
    late = "  late" if row.is_late else ""
    code = getattr(row.subject, "code", row.kind.key)
    return f"{when:%Y-%m-%d %H:%M}  {code:<14}{rule:<16}{row.reason:<13}{row.person.email}{late}"


@group.command("letter")
@click.argument("key")
@with_appcontext
def letter(key: str) -> None:
    """Print what a message will say: KEY as in `preview --json`."""
    database.begin_reading()
    now = clock.now()
    found = one_ahead(db.session, key, None, now=now, until=now + FURTHEST)
    if found is None:
        raise DomainError(N_("No such message will be sent."))
    words = show_letter(db.session, found, current_app.config, now=now)
    click.echo(f"To: {found.person.name} <{found.person.email}>\nSubject: {words.line}\n")
    click.echo(words.text)


@group.command("send")
@click.option("--at", type=Moment(), help="Send what is due by this time instead of now.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def send(at: datetime | None, as_json: bool) -> None:  # noqa: FBT001
    """Send the reminders that are due. Safe to run twice, and beside the scheduler."""
    database.begin_writing()
    outcome = jobs.dispatch(db.session, current_app.config, at=_aware(at) if at else None)
    click.echo(json.dumps(asdict(outcome)) if as_json else f"Reminders: {outcome}.")
    if outcome.failed or outcome.postponed or outcome.uncertain:
        click.echo("Some are not sent; the reminders page says why.", err=True)
        raise SystemExit(1)


for command in (
    add_rule,
    bounces,
    delete_rule,
    failed,
    history,
    pause,
    resend,
    resume,
    rules,
    sending,
    suppressed,
    switch_rule,
):
    group.add_command(command)
