"""The ``drills`` command: what operators do, each feature bringing its own group."""

import json
import logging
import sys
from typing import Any

import click
import sqlalchemy as sa
from dotenv import find_dotenv, load_dotenv
from flask import current_app
from flask.cli import FlaskGroup, ScriptInfo, with_appcontext

from drills import __version__, migrations
from drills.accounts.cli import users
from drills.app import create_app
from drills.approvals.cli import dossiers, regimes
from drills.approvals.services.regimes import load_shipped
from drills.core import clock
from drills.core.errors import DomainError
from drills.demo.cli import demo
from drills.exercises.cli import group as msel
from drills.extensions import db
from drills.files.cli import group as files
from drills.findings.cli import group as drills
from drills.health.cli import doctor
from drills.obligations.cli import group as obligations
from drills.obligations.services.rules import load_shipped as obligations_shipped
from drills.reminders.cli import group as reminders
from drills.roster.cli.contacts import group as contacts
from drills.roster.cli.duty import group as duty
from drills.roster.cli.people import people
from drills.settings import BadSetting
from drills.setup.cli import init
from drills.systems.cli import group as systems
from drills.units.cli import group as units
from drills.workdays.cli import group as workdays

log = logging.getLogger("drills.cli")
_OF_FLASK = {"app", "debug", "env_file"}


class Commands(FlaskGroup):
    """A group whose refusals are sentences: exit 1 for the data's, 2 for a wrong usage."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # Flask's own options name an application or a file of settings; ours are fixed
        self.params = [option for option in self.params if option.name not in _OF_FLASK]

    def main(self, *args: Any, **kwargs: Any) -> Any:
        load_dotenv(find_dotenv(usecwd=True))
        try:
            return super().main(*args, **kwargs)
        except DomainError as error:
            click.echo(str(error), err=True)
        except BadSetting as error:
            click.echo(str(error), err=True)
            sys.exit(2)
        except sa.exc.DBAPIError as error:
            sentence = _why(kwargs.get("obj"))
            if not sentence:
                raise
            click.echo(sentence, err=True)
            log.debug("the database refused", exc_info=error)
        sys.exit(1)


def _why(info: ScriptInfo | None) -> str:
    """What is wrong with the database as a whole; empty if it is one of the newest version."""
    with (info or ScriptInfo(create_app=create_app)).load_app().app_context():
        try:
            found, newest = migrations.current(db.engine)
        except sa.exc.OperationalError:
            return "The database cannot be reached. Check DATABASE_URL; “drills doctor” says more."
    if found is None:
        return "The database has no tables yet. Run “drills init” first."
    if found != newest:
        return f"The database is at {found}, this program needs {newest}. Run “drills db upgrade”."
    return ""


main = Commands(
    create_app=create_app,
    add_default_commands=False,
    add_version_option=False,
    load_dotenv=False,
    help="Thao Trường: drills, security levels, response teams and their reminders.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
click.version_option(__version__, prog_name="drills")(main)


@main.group("db")
def database() -> None:
    """Create, upgrade and check the database."""


@database.command()
@with_appcontext
def upgrade() -> None:
    """Create the tables, or bring them to the newest version."""
    migrations.upgrade(db.engine)
    load_shipped(db.session)
    obligations_shipped(db.session, clock.now().date())
    db.session.commit()
    click.echo(f"The database is at version {migrations.current(db.engine)[0]}.")


@database.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@with_appcontext
def check(as_json: bool) -> None:  # noqa: FBT001 - click hands flags over by name
    """Say whether the database is at the newest version; exit 1 if not."""
    found, newest = migrations.current(db.engine)
    if as_json:
        click.echo(json.dumps({"current": found, "newest": newest, "ok": found == newest}))
    elif found == newest:
        click.echo(f"The database is at version {found}, the newest.")
    else:
        click.echo(f"The database is at {found or 'no version'}, the newest is {newest}.")
        click.echo("Run “drills db upgrade”.", err=True)
    sys.exit(found != newest)


@main.command()
@click.option("--no-scheduler", is_flag=True, help="Answer pages only; send nothing.")
@with_appcontext
def serve(no_scheduler: bool) -> None:  # noqa: FBT001
    """Upgrade the database, then serve pages and reminders until Ctrl-C."""
    from drills import server  # noqa: PLC0415 - only this command needs the server

    server.serve(current_app._get_current_object(), with_scheduler=not no_scheduler)  # type: ignore[attr-defined]  # noqa: SLF001


@main.command()
@with_appcontext
def scheduler() -> None:
    """Send reminders, and answer no pages, until Ctrl-C."""
    from drills import scheduler as clockwork  # noqa: PLC0415 - only this command needs it

    migrations.upgrade(db.engine)
    clockwork.serve(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001


for command in (
    contacts, demo, doctor, dossiers, drills, duty, files, init, msel, obligations, people,
    regimes, reminders, systems, units, users, workdays,
):  # fmt: skip
    main.add_command(command)
