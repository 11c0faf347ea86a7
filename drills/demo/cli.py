"""``drills demo``: the demonstration year from the command line."""

import json
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

import click
from flask.cli import with_appcontext

from drills.core import clock
from drills.demo import services
from drills.extensions import db
from drills.units.models import Organisation


@click.group("demo")
def demo() -> None:
    """Load the demonstration year of an invented province."""


@demo.command()
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day the demonstration is set to (default: today).",
)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def load(as_of: datetime | None, as_json: bool) -> None:  # noqa: FBT001
    """Load 312 systems, a response team and the drills of 2024; one more drill in 8 days."""
    home = db.session.get(Organisation, 1)
    zone = ZoneInfo(home.time_zone if home else "Asia/Ho_Chi_Minh")
    day = as_of.date() if as_of else clock.today(zone)
    summary = services.load(db.session, as_of=day, by=None)
    db.session.commit()
    if as_json:
        click.echo(json.dumps({"as_of": day.isoformat()} | asdict(summary)))
        return
    for name, count in asdict(summary).items():
        click.echo(f"{name.replace('_', ' '):<16} {count:>5}")
