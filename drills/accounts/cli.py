"""``drills users``: accounts from the command line."""

import json
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from drills.accounts import letters, passwords, services
from drills.accounts.models import Person, Role
from drills.core.errors import DomainError
from drills.core.text import N_
from drills.extensions import db
from drills.units.models import Organisation, Unit


@click.group("users")
def users() -> None:
    """Add and list accounts."""


@users.command()
@click.option("--email", required=True, help="With which the account signs in.")
@click.option("--name", required=True, help="The person's full name.")
@click.option(
    "--role",
    "roles",
    required=True,
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    help="May be given several times.",
)
@click.option("--unit", "code", required=True, help="The code of the person's unit.")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that holds the password; without it a link to choose one is printed.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def add(
    *,
    email: str,
    name: str,
    roles: tuple[str, ...],
    code: str,
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Add an account."""
    password = password_file.read_text(encoding="utf-8") if password_file else None
    if password is not None:
        passwords.check(password, current_app.config["PASSWORD_PROFILE"])
    details = _details(email, name, roles, code)
    person = services.create(db.session, details, by=None, password=password)
    db.session.commit()
    link = "" if password else letters.reset_link(person)
    if as_json:
        click.echo(json.dumps({"id": person.id, "email": person.email, "password_link": link}))
        return
    click.echo(f"{person.name} may sign in as {person.email}.")
    if link:
        click.echo(f"To choose a password, once and within a day: {link}")


def _details(email: str, name: str, roles: tuple[str, ...], code: str) -> services.AccountDetails:
    unit = db.session.scalars(sa.select(Unit).where(Unit.code == code)).one_or_none()
    if unit is None:
        raise DomainError(N_("There is no unit with the code “%(code)s”."), code=code)
    home = db.session.get(Organisation, 1)
    return services.AccountDetails(
        name=name.strip(),
        email=email,
        unit_id=unit.id,
        roles=frozenset(Role(role) for role in roles),
        language=home.language if home else "vi",
        time_zone=home.time_zone if home else current_app.config["TIME_ZONE"],
    )


@users.command("list")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def show(as_json: bool) -> None:  # noqa: FBT001 - click hands flags over by name
    """List those who may sign in."""
    query = sa.select(Person).where(Person.active).order_by(Person.sort, Person.id)
    rows = [
        _row(person) for person in db.session.scalars(query.options(sa.orm.joinedload(Person.unit)))
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(
            f"{row['email']:<36} {', '.join(row['roles']):<28} {row['unit']:<12} {row['name']}"
        )


def _row(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "unit": person.unit.code,
        "roles": sorted(person.roles),
        "last_sign_in_at": person.last_sign_in_at.isoformat() if person.last_sign_in_at else None,
    }
