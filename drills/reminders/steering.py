"""``drills reminders resend|sending|add-rule|switch-rule|delete-rule``: what changes something."""

import json
from dataclasses import asdict, replace
from datetime import time
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from drills.core import clock, database
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.extensions import db
from drills.reminders import services
from drills.reminders.kinds import AUDIENCES, KINDS, Direction, LeadUnit
from drills.reminders.models import AMOUNT_MAX, ChannelPolicy, Delivery, Hours, ReminderRule
from drills.reminders.services.state import SendingDetails, settle_sending


class ClockTime(click.ParamType[time]):
    """``22:00``."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> time:
        try:
            return value if isinstance(value, time) else time.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a time of day: write 22:00.", param, ctx)


_limit = click.IntRange(0, 100_000)


@click.command("resend")
@click.argument("message", type=int)
@with_appcontext
def resend(message: int) -> None:
    """Send one failed MESSAGE again, by its number in “history” or “failed”."""
    database.begin_writing()
    delivery = db.session.get(Delivery, message)
    if delivery is None:
        raise DomainError(N_("There is no message of this number."))
    services.resend(db.session, delivery, at=clock.now(), by=None)
    db.session.commit()
    click.echo(f"Message {message} will be sent again.")


@click.command("sending")
@click.option("--quiet", nargs=2, type=ClockTime(), help="Quiet hours, from and until.")
@click.option("--no-quiet", is_flag=True, help="No quiet hours.")
@click.option("--per-minute", type=_limit, help="The most in any minute; 0 for no limit.")
@click.option("--per-domain", type=_limit, help="The same to one domain.")
@click.option("--default-limits", is_flag=True, help="Limits as MAIL_PER_MINUTE, …_DOMAIN say.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def sending(
    quiet: tuple[time, time] | None,
    per_minute: int | None,
    per_domain: int | None,
    *,
    no_quiet: bool,
    default_limits: bool,
    as_json: bool,
) -> None:
    """Show, or settle, the hours and limits of all messages."""
    database.begin_writing()
    details = _settled()
    wanted = details
    if quiet or no_quiet:
        first, last = quiet or (None, None)
        wanted = replace(wanted, quiet_from=first, quiet_to=last)
    if default_limits:
        wanted = replace(wanted, per_minute=None, per_domain=None)
    if per_minute is not None:
        wanted = replace(wanted, per_minute=per_minute)
    if per_domain is not None:
        wanted = replace(wanted, per_domain=per_domain)
    if wanted != details:
        settle_sending(db.session, wanted, by=None)
        db.session.commit()
    _tell_sending(wanted, as_json=as_json)


def _settled() -> SendingDetails:
    state = services.current(db.session)
    names = asdict(SendingDetails())
    return SendingDetails(**{name: getattr(state, name) for name in names})


def _tell_sending(details: SendingDetails, *, as_json: bool) -> None:
    config = current_app.config
    limits = {
        name: config[f"MAIL_{name.upper()}"] if own is None else own
        for name, own in (("per_minute", details.per_minute), ("per_domain", details.per_domain))
    }
    hours = [f"{at:%H:%M}" for at in (details.quiet_from, details.quiet_to) if at is not None]
    if as_json:
        click.echo(json.dumps({"quiet": hours or None} | limits))
        return
    click.echo(f"Quiet hours: {' to '.join(hours) or 'none'}.")
    for name, limit in limits.items():
        click.echo(f"{name.replace('_', ' ').capitalize()}: {limit or 'no limit'}.")


@click.command("add-rule")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("amount", type=click.IntRange(0, AMOUNT_MAX))
@click.argument("unit", type=click.Choice([unit.value for unit in LeadUnit]))
@click.argument("direction", type=click.Choice([one.value for one in Direction]))
@click.option("--to", "audiences", multiple=True, type=click.Choice(list(AUDIENCES)))
@click.option("--working-hours", is_flag=True, help="Only in working hours of working days.")
@click.option("--mail-only", is_flag=True, help="Not by the channels people have chosen.")
@click.option("--digest", is_flag=True, help="Wait for the daily digest of each person.")
@with_appcontext
def add_rule(
    kind: str, amount: int, unit: str, direction: str, audiences: tuple[str, ...], **ticked: bool
) -> None:
    """Remind of KIND: “add-rule action_due 3 days before --to owner”."""
    database.begin_writing()
    details = services.RuleDetails(
        amount,
        LeadUnit(unit),
        frozenset(audiences),
        kind=kind,
        direction=Direction(direction),
        hours=Hours.WORKING if ticked["working_hours"] else Hours.ANY,
        channel=ChannelPolicy.MAIL if ticked["mail_only"] else ChannelPolicy.CHOICE,
        is_digest=ticked["digest"] and KINDS[kind].groups,
    )
    rule = services.add_rule(db.session, details, by=None)
    db.session.commit()
    click.echo(f"Rule {rule.id} has been added.")


@click.command("switch-rule")
@click.argument("rule", type=int)
@click.argument("way", type=click.Choice(["on", "off"]))
@with_appcontext
def switch_rule(rule: int, way: str) -> None:
    """Switch RULE, by its number in “rules”, on or off."""
    database.begin_writing()
    services.switch_rule(db.session, _rule(rule), on=way == "on", by=None)
    db.session.commit()
    click.echo(f"Rule {rule} is {way}.")


@click.command("delete-rule")
@click.argument("rule", type=int)
@with_appcontext
def delete_rule(rule: int) -> None:
    """Delete RULE; refused once a message was made by it."""
    database.begin_writing()
    services.delete_rule(db.session, _rule(rule), by=None)
    db.session.commit()
    click.echo(f"Rule {rule} has been deleted.")


def _rule(number: int) -> ReminderRule:
    rule = db.session.get(ReminderRule, number)
    if rule is None:
        raise DomainError(N_("There is no rule of this number."))
    return rule
