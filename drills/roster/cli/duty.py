"""``drills duty``: who is on duty, and when nobody is."""

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from sqlalchemy.orm import joinedload

from drills.core import clock
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.extensions import db
from drills.roster.models import Rota, Team
from drills.roster.services import duty as services
from drills.units.models import Organisation


@click.group("duty")
def group() -> None:
    """Say who is on duty, and when nobody is."""


@group.command()
@click.option("--team", help="The name of one team; otherwise all that keep duty.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def now(team: str | None, as_json: bool) -> None:  # noqa: FBT001 - click hands flags over by name
    """Who is on duty at this moment."""
    at = clock.now()
    found = services.duty_between(db.session, _teams(team), at, at + timedelta(microseconds=1))
    rows = [
        {
            "team": stretch.team.name,
            "role": stretch.role.value,
            "person": stretch.person.name,
            "telephone": stretch.person.mobile or stretch.person.phone,
            "until": _written(stretch.ends_at),
            "stands_in": stretch.is_override,
        }
        for stretch in found
    ]
    _tell(rows, "{team}: {person} ({role}), until {until}", as_json=as_json)


@group.command()
@click.option("--team", help="The name of one team; otherwise all that keep duty.")
@click.option("--days", type=click.IntRange(1, 366), default=7, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def gaps(team: str | None, days: int, as_json: bool) -> None:  # noqa: FBT001
    """When nobody is on duty in the coming days; exit 1 if there is such a time."""
    at = clock.now()
    found = services.gaps(db.session, _teams(team), at, at + timedelta(days=days))
    rows = [
        {
            "team": gap.team.name,
            "role": gap.role.value,
            "from": _written(gap.starts_at),
            "until": _written(gap.ends_at),
        }
        for gap in found
    ]
    _tell(rows, "{team}: nobody as {role} from {from} until {until}", as_json=as_json)
    sys.exit(bool(rows))


def _teams(name: str | None) -> list[Team]:
    query = sa.select(Team).join(Rota, Rota.team_id == Team.id).options(joinedload(Team.unit))
    teams = list(db.session.scalars(query.order_by(Team.sort)))
    if name is None:
        return teams
    named = [team for team in teams if team.name == name]
    if not named:
        raise DomainError(N_("No team of the name “%(name)s” keeps duty."), name=name)
    return named


def _written(at: datetime) -> str:
    home = db.session.get(Organisation, 1)
    return at.astimezone(ZoneInfo(home.time_zone) if home else UTC).isoformat(timespec="minutes")


def _tell(rows: list[dict[str, Any]], line: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(line.format(**row))
    if not rows:
        click.echo("Nothing to tell.")
