"""``drills contacts``: checks of whether people's numbers are right."""

import json
from datetime import timedelta
from typing import Any

import click
import sqlalchemy as sa
from flask.cli import with_appcontext

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core import clock
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.extensions import db
from drills.roster.models import ANSWERED, CheckDetails, ContactCheck, Team
from drills.roster.services import contact_checks as services

RETRY_DAYS, ROUNDS = 3, 3


@click.group("contacts")
def group() -> None:
    """Ask people whether their numbers are right; say who has not answered."""


@group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def list_(as_json: bool) -> None:  # noqa: FBT001 - click hands flags over by name
    """The contact checks, the newest first, with how many people are in each state."""
    at = clock.now()
    checks = db.session.scalars(sa.select(ContactCheck).order_by(ContactCheck.id.desc())).all()
    found = services.standing(db.session, checks, at)
    rows = [_told(check, found[check.id], is_open=check.is_open(at)) for check in checks]
    _tell(rows, "{id:>5}  {name}: {asked} asked, {answered} answered", as_json=as_json)


@group.command("open")
@click.argument("name")
@click.option("--as", "email", required=True, help="E-mail of the person on whose behalf.")
@click.option("--team", "teams", multiple=True, help="A team by name; otherwise everybody.")
@click.option("--days", type=click.IntRange(1, 365), default=14, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def open_(
    name: str,
    email: str,
    teams: tuple[str, ...],
    days: int,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Ask the members of teams, or everybody the person sees, to confirm their numbers."""
    audit.origin.set("command")
    by, at = _person(email), clock.now()
    details = CheckDetails(
        name=name,
        purpose="",
        unit_id=by.scope.id,
        team_ids=tuple(_team(team) for team in teams),
        closes_at=at + timedelta(days=days),
        retry_days=RETRY_DAYS,
        rounds=ROUNDS,
    )
    check = services.open_check(db.session, details, by=by, at=at)
    row = _told(check, services.standing(db.session, [check], at)[check.id], is_open=True)
    db.session.commit()
    _tell([row], "{id:>5}  {name}: {asked} asked", as_json=as_json)


@group.command()
@click.argument("check_id", type=int)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def unanswered(check_id: int, as_json: bool) -> None:  # noqa: FBT001
    """Who has not answered the check with the number CHECK_ID."""
    check = db.session.get(ContactCheck, check_id)
    if check is None:
        raise DomainError(N_("There is no contact check with the number %(number)s."),
                          number=check_id)  # fmt: skip
    asks = db.session.execute(services.unanswered(check, clock.now()))
    rows = [
        {
            "name": ask.person.name,
            "email": ask.person.email or "",
            "mobile": ask.person.mobile,
            "telephone": ask.person.phone,
            "state": state,
        }
        for ask, state in asks
    ]
    _tell(rows, "{name} ({state}) {mobile} {telephone}", as_json=as_json)


def _person(email: str) -> Person:
    query = sa.select(Person).where(Person.email == email.strip().lower())
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise DomainError(N_("Nobody has the address %(email)s."), email=email)
    return found


def _team(name: str) -> int:
    found = db.session.scalar(sa.select(Team.id).where(Team.name == name))
    if found is None:
        raise DomainError(N_("There is no team called “%(name)s”."), name=name)
    return found


def _told(check: ContactCheck, standing: services.Standing, *, is_open: bool) -> dict[str, Any]:
    counts = {state.value: count for state, count in standing.counts.items()}
    return {
        "id": check.id,
        "name": check.name,
        "closes_at": check.closes_at.isoformat(timespec="minutes"),
        "open": is_open,
        "asked": standing.asked,
        "answered": standing.of(*ANSWERED),
        "states": counts,
    }


def _tell(rows: list[dict[str, Any]], line: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(line.format(**row))
    if not rows:
        click.echo("Nothing to tell.")
