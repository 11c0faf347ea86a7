"""``drills init``: the first run without questions."""

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import with_appcontext

from drills import migrations
from drills.accounts import passwords
from drills.core import clock
from drills.extensions import db
from drills.setup import services

CODES = [tier["code"] for tier in services.tiers()]


@click.command("init")
@click.option("--admin-email", required=True, help="With which the administrator signs in.")
@click.option(
    "--admin-password-file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that holds the password and nothing else.",
)
@click.option("--admin-name", default="", help="The administrator's full name.")
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
@click.option("--organisation", default="", help="The organisation's name.")
@click.option("--tier", type=click.Choice(CODES), default="province", show_default=True)
@click.option("--demo", is_flag=True, help="Load the demonstration year.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day the demonstration is set to (default: today).",
)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def init(  # noqa: PLR0913 - one parameter for each option
    *,
    admin_email: str,
    admin_password_file: Path,
    admin_name: str,
    language: str,
    organisation: str,
    tier: str,
    demo: bool,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    """Create the organisation and its first administrator in an empty database."""
    config = current_app.config
    password = admin_password_file.read_text(encoding="utf-8")
    passwords.check(password, config["PASSWORD_PROFILE"])
    usual = services.DEMONSTRATION if demo else services.AGENCIES[language]
    details = services.SetUpDetails(
        name=admin_name or services.ADMINISTRATORS[language],
        email=admin_email,
        password=password,
        language=language,
        organisation=organisation or usual,
        tier=tier,
        time_zone=config["TIME_ZONE"],
        demo=demo,
    )
    migrations.upgrade(db.engine)
    day = as_of.date() if as_of else clock.today(ZoneInfo(details.time_zone))
    person = services.set_up(db.session, details, as_of=day)
    db.session.commit()
    (config["DATA"] / services.TOKEN_FILE).unlink(missing_ok=True)
    told = {"organisation": details.organisation, "administrator": person.email, "demo": demo}
    click.echo(json.dumps(told) if as_json else _sentence(details))


def _sentence(details: services.SetUpDetails) -> str:
    with_demo = ", with the demonstration year" if details.demo else ""
    return f"{details.organisation} is set up{with_demo}. {details.email} may sign in."
