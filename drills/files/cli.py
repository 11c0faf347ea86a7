"""``drills files``: whether the files on the disk are those that were handed in."""

import json
import sys

import click
from flask.cli import with_appcontext

from drills.core import clock
from drills.extensions import db
from drills.files import services
from drills.files.receiving import folder


@click.group("files")
def group() -> None:
    """Check the files that people handed in."""


@group.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def check(as_json: bool) -> None:  # noqa: FBT001 - click hands flags over by name
    """Read every file anew; name those missing or changed. Exit 1 if there is one."""
    found = list(services.damages(db.session, folder()))
    rows = [
        {
            "id": damage.file.id,
            "name": damage.file.name,
            "stored_name": damage.file.stored_name,
            "state": "missing" if damage.is_missing else "changed",
        }
        for damage in found
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for row in rows:
            click.echo(f"{row['state']:<8} {row['stored_name']}  {row['name']}")
        click.echo("Restore them from the backup." if rows else "All files are whole.")
    sys.exit(bool(rows))


@group.command()
@with_appcontext
def sweep() -> None:
    """Delete what broken uploads left behind; “drills serve” does it at its start."""
    count = services.sweep(db.session, folder(), at=clock.now())
    click.echo(f"Deleted: {count}.")
