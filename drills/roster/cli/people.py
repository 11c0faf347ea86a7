"""``drills people``: what operators do to the people of the roster."""

import json
import sys
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import with_appcontext

from drills.accounts.models import Person
from drills.accounts.services import by_email, normal_email
from drills.core import clock
from drills.core.days import read_date
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.extensions import db
from drills.roster.services import handover, removal

as_json_option = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")


@click.group("people")
def people() -> None:
    """Hand over, export, import and remove people of the roster."""


def known(email: str) -> Person:
    """The person with this address; DomainError if there is none."""
    found = by_email(db.session, normal_email(email))
    if found is None:
        raise DomainError(N_("Nobody has the address %(email)s."), email=email)
    return found


@people.command("hand-over")
@click.argument("email")
@click.argument("successor")
@click.option("--on", "day", help="First day of the successor; today unless given.")
@click.option("--decision", default="", help="Number of the decision on the move.")
@click.option("--dry-run", is_flag=True, help="Only list what would go over.")
@as_json_option
@with_appcontext
def hand_over(
    email: str,
    successor: str,
    day: str | None,
    decision: str,
    dry_run: bool,  # noqa: FBT001 - click hands flags over by name
    as_json: bool,  # noqa: FBT001
) -> None:
    """Give everything open in the name of EMAIL to SUCCESSOR, in one act."""
    on = read_date(day) if day else clock.today(ZoneInfo(current_app.config["TIME_ZONE"]))
    if on is None:
        raise click.BadParameter(f"{day!r} is no day; write it as 2026-11-23.")
    person, to = known(email), known(successor)
    whole = handover.estate(db.session, person, by=None)
    rows = [{"as": item.label, "name": item.name} for item in whole.items]
    rows += [{"as": f"Member: {m.role.value}", "name": m.team.name} for m in whole.members]
    if not dry_run:
        details = handover.HandoverDetails(to.id, on, decision)
        handover.hand_over(db.session, person, details, by=None)
        db.session.commit()
    if as_json:
        click.echo(json.dumps({"open": rows, "done": not dry_run}, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['as']:<30}{row['name']}")
    click.echo("Nothing was changed." if dry_run else f"{len(rows)} went over.", err=dry_run)
    sys.exit(0)


@people.command("remove")
@click.argument("email")
@click.option("--asked-by", required=True, help="Who asked; without the name. It stays on record.")
@click.option("--reason", required=True, help="Why; without the name. It stays on record.")
@click.option("--by", "actor", required=True, help="Address of the administrator who does it.")
@with_appcontext
def remove(email: str, asked_by: str, reason: str, actor: str) -> None:
    """Remove the personal data of EMAIL; the record of drills stays under a pseudonym."""
    person = known(email)
    details = removal.RemovalDetails(asked_by, reason)
    removal.remove_personal_data(db.session, person, details, by=known(actor))
    db.session.commit()
    click.echo(f"The data are removed; the record reads {person.name}.")
