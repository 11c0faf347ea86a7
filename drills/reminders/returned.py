"""``drills reminders bounces`` and ``suppressed``: mail that came back, and what follows."""

import json
from typing import Any

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from drills.core import clock, database
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.extensions import db
from drills.reminders import jobs
from drills.reminders.models import SuppressedAddress
from drills.reminders.services import suppression


@click.command("bounces")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def bounces(as_json: bool) -> None:  # noqa: FBT001
    """Read the mailbox of undelivered mail now (setting BOUNCES_URL)."""
    database.begin_writing()
    found = jobs.gather_bounces(db.session, current_app.config)
    click.echo(json.dumps({"reports": found}) if as_json else f"Reports about our mail: {found}.")


@click.group("suppressed")
def suppressed() -> None:
    """Addresses that nothing is sent to, because mail to them came back."""


@suppressed.command("list")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def show(as_json: bool) -> None:  # noqa: FBT001
    """List them, the newest first."""
    database.begin_reading()
    query = sa.select(SuppressedAddress).where(SuppressedAddress.is_silent())
    rows = db.session.scalars(query.order_by(SuppressedAddress.since.desc())).all()
    if as_json:
        click.echo(json.dumps({"suppressed": [_as_json(row) for row in rows]}, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row.since:%Y-%m-%d}  {row.address:<40} {row.reason}")
    click.echo(f"{len(rows)} addresses.")


def _as_json(row: SuppressedAddress) -> dict[str, Any]:
    since = row.since.isoformat() if row.since else None
    return {"address": row.address, "since": since, "code": row.code, "reason": row.reason}


@suppressed.command("lift")
@click.argument("address")
@with_appcontext
def lift(address: str) -> None:
    """Send to ADDRESS again."""
    database.begin_writing()
    query = sa.select(SuppressedAddress).where(
        SuppressedAddress.address == address.strip().lower(), SuppressedAddress.is_silent()
    )
    row = db.session.scalars(query).one_or_none()
    if row is None:
        raise DomainError(N_("Nothing holds back mail to this address."))
    suppression.lift(db.session, row, by=None, at=clock.now())
    db.session.commit()
    click.echo(f"Mail goes to {row.address} again.")
