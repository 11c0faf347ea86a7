"""``drills workdays``: days off and swapped days from the command line."""

import csv
import json
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from drills.core import clock
from drills.core.days import read_date
from drills.core.errors import DomainError
from drills.core.text import N_, normal
from drills.extensions import db
from drills.workdays import services
from drills.workdays.models import Holiday, HolidayDetails

WORKED = frozenset({"1", "yes", "true", "x", "worked", "có", "làm bù"})


def _day(_context: click.Context, _parameter: click.Parameter, value: str) -> date:
    day = read_date(value)
    if day is None:
        raise click.BadParameter(f"{value!r} is no day; write it as 2026-11-23.")
    return day


@click.group("workdays")
def group() -> None:
    """List and change days off and swapped days."""


@group.command("list")
@click.option("--year", type=int, help="This year unless given.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def show(year: int | None, as_json: bool) -> None:  # noqa: FBT001 - click hands flags over by name
    """List the days of a year."""
    wanted = year or clock.today(ZoneInfo(current_app.config["TIME_ZONE"])).year
    rows = [
        {
            "day": day.day.isoformat(),
            "name": day.name,
            "worked": day.is_working,
            "source": day.source,
        }
        for day in services.of_year(db.session, wanted)
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['day']}  {'worked' if row['worked'] else 'off':<7} {row['name']}")
    if not rows:
        click.echo(f"No day of {wanted} is known. Run “drills workdays fill --year {wanted}”.")


@group.command()
@click.option("--year", type=int, required=True)
@with_appcontext
def fill(year: int) -> None:
    """Take over the published days of a year that has none yet."""
    count = services.seed(db.session, [year])
    db.session.commit()
    click.echo(f"Added: {count}.")


@group.command()
@click.argument("day", callback=_day)
@click.argument("name")
@click.option("--worked", is_flag=True, help="A Saturday or Sunday that is worked.")
@click.option("--source", default="", help="The law or notice that says so.")
@with_appcontext
def add(day: date, name: str, *, worked: bool, source: str) -> None:
    """Add a day off, or a weekend day that is worked."""
    details = HolidayDetails(day, normal(name), is_working=worked, source=normal(source))
    services.add(db.session, details, by=None)
    db.session.commit()
    click.echo(f"{day} is on the list.")


@group.command()
@click.argument("day", callback=_day)
@with_appcontext
def remove(day: date) -> None:
    """Take a day off the list."""
    found = db.session.scalars(sa.select(Holiday).where(Holiday.day == day)).one_or_none()
    if found is None:
        raise DomainError(N_("%(day)s is not on the list."), day=day.isoformat())
    services.remove(db.session, found, by=None)
    db.session.commit()
    click.echo(f"{day} is off the list.")


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def take_in(file: Path) -> None:
    """Add the days of a CSV file with the columns day, name, worked, source.

    Days already on the list are left as they are; a row that cannot be read stops it all.
    """
    known = set(db.session.scalars(sa.select(Holiday.day)))
    added = skipped = 0
    with file.open(encoding="utf-8-sig", newline="") as source:
        for number, row in enumerate(csv.DictReader(source), 2):
            details = _details(row, number)
            if details.day in known:
                skipped += 1
                continue
            services.add(db.session, details, by=None)
            known.add(details.day)
            added += 1
    db.session.commit()
    click.echo(f"Added: {added}. On the list already: {skipped}.")


def _details(row: dict[str, str], number: int) -> HolidayDetails:
    day, name = read_date(row.get("day") or ""), normal(row.get("name") or "")
    if day is None or not name:
        raise DomainError(N_("Row %(number)s: give a day as 2026-11-23 and a name."), number=number)
    worked = (row.get("worked") or "").strip().lower() in WORKED
    return HolidayDetails(day, name, is_working=worked, source=normal(row.get("source") or ""))
