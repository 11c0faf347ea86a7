"""Pages and reminders in one process: what ``drills serve`` runs."""

import errno
import logging
import signal
import sys
from types import FrameType
from typing import Any

import click
import sqlalchemy as sa
import waitress
from flask import Flask
from sqlalchemy.exc import IntegrityError

from drills import migrations, scheduler, settings
from drills.approvals.services import regimes
from drills.core import clock
from drills.extensions import db
from drills.files import services as files
from drills.obligations.services import rules as obligations
from drills.setup.services import TOKEN_FILE
from drills.units.models import Organisation
from drills.workdays import services as workdays

_BODY_MARGIN = 1024 * 1024


def serve(app: Flask, *, with_scheduler: bool) -> None:
    """Upgrade the database, then answer until Ctrl-C or SIGTERM; exit 1 if the port is taken."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    _prepare(app)
    server = _listen(app)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    stop = scheduler.start(app) if with_scheduler else _nothing
    try:
        _greet(app)
        scheduler.settle_memory()
        server.run()
    finally:
        stop()
        server.close()


def _prepare(app: Flask) -> None:
    """Bring the tables, the shipped rule sets and the days off up to date; sweep the files."""
    now = clock.now()
    with app.app_context(), db.sessionmaker() as session:
        migrations.upgrade(db.engine)
        files.sweep(session, app.config["FILES"], at=now)
        try:
            regimes.load_shipped(session)
            obligations.load_shipped(session, now.date())
            workdays.seed(session, range(now.year - 1, now.year + 2))
            session.commit()
        except IntegrityError:
            session.rollback()  # another process was faster


def _listen(app: Flask) -> Any:
    config = app.config
    try:
        return waitress.create_server(
            app,
            host=config["HOST"],
            port=config["PORT"],
            threads=config["THREADS"],
            ident=None,
            # refused with a page by the application; the server only stops what is far beyond
            max_request_body_size=config["MAX_CONTENT_LENGTH"] + _BODY_MARGIN,
            # counted and believed, or ignored, by ProxyFix
            clear_untrusted_proxy_headers=not config["PROXIES"],
        )
    except OSError as error:
        where = f"{config['HOST']}:{config['PORT']}"
        reason = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error})"
        click.echo(f"The address {where} {reason}. Set DRILLS_HOST or DRILLS_PORT.", err=True)
        sys.exit(1)


def _greet(app: Flask) -> None:
    config = app.config
    host = f"[{config['HOST']}]" if ":" in config["HOST"] else config["HOST"]
    address = f"http://{host}:{config['PORT']}"
    click.echo(f"Thao Trường answers on {address}")
    if token := first_run_token(app):
        click.echo("Nobody can sign in yet. Create the first administrator here:")
        click.echo(f"    {address}/first-run?token={token}")
    click.echo("Stop with Ctrl-C.")
    sys.stdout.flush()


def first_run_token(app: Flask) -> str:
    """The token that opens the first-run page; empty once there is an organisation."""
    path = app.config["DATA"] / TOKEN_FILE
    with app.app_context(), db.sessionmaker() as session:
        if session.scalar(sa.select(Organisation.id)):
            path.unlink(missing_ok=True)
            return ""
    return settings.secret_key(path)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _nothing() -> None: ...
