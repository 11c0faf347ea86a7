"""A real database for every test: SQLite copied from a template, or the PostgreSQL named by
``DRILLS_TEST_DATABASE_URL``, emptied after each test. Each worker of a parallel run has its own
template, or its own schema of that database."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask
from hypothesis import settings
from sqlalchemy import event

from drills import create_app, migrations
from drills.accounts.models import Role
from drills.cli import main
from drills.core import clock, database
from drills.core.orm import Base
from drills.demo import services as demo
from drills.extensions import db
from drills.reminders.services import queue
from drills.systems.models.remembered import _memories
from tests.browser import Browser
from tests.make import Make

settings.register_profile("same each time", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("same each time")

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SCHEMA = os.environ.get("PYTEST_XDIST_WORKER", "public")


def _own_schema(url: str) -> str:
    if not url or SCHEMA == "public":
        return url
    own = sa.make_url(url).update_query_dict({"options": f"-csearch_path={SCHEMA}"})
    return own.render_as_string(hide_password=False)


POSTGRESQL = _own_schema(os.environ.get("DRILLS_TEST_DATABASE_URL", ""))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An upgraded database: a SQLite file to copy, or the schema of the PostgreSQL database."""
    path = tmp_path_factory.mktemp("template") / "drills.sqlite"
    engine = sa.create_engine(POSTGRESQL or f"sqlite:///{path}")
    database.prepare(engine)
    if POSTGRESQL:
        with engine.begin() as connection:
            connection.exec_driver_sql(
                f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}"
            )
    migrations.upgrade(engine)
    if not POSTGRESQL:
        with engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
    yield POSTGRESQL or str(path)
    if POSTGRESQL and SCHEMA != "public":
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA {SCHEMA} CASCADE")
    engine.dispose()


@pytest.fixture(autouse=True)
def _frozen_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    _freeze(monkeypatch)


def _freeze(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clock, "now", lambda: NOW)
    # on PostgreSQL the clock of the server, which nobody can stop, would say what is due
    patch.setattr(queue, "moment", _moment)
    for column in (c for t in Base.metadata.tables.values() for c in t.columns):
        for default in (column.default, column.onupdate):
            if default is not None and getattr(default, "is_callable", False):
                wrapped = getattr(default.arg, "__wrapped__", default.arg)
                if getattr(wrapped, "__name__", "") == "now":
                    patch.setattr(default, "arg", lambda _context: NOW)


def _moment(_session: sa.orm.Session, at: datetime | None = None) -> queue.Moment:
    return queue.Moment(at or clock.now(), clock.now())


@pytest.fixture(scope="session")
def loaded_year(
    template: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, demo.Summary]:
    """A SQLite file with the demonstration year in it, to be copied, and what it holds."""
    path = tmp_path_factory.mktemp("year") / "drills.sqlite"
    shutil.copy(template, path)
    engine = sa.create_engine(f"sqlite:///{path}")
    database.prepare(engine)
    with pytest.MonkeyPatch.context() as patch, sa.orm.Session(engine) as session:
        _freeze(patch)
        found = _load_year(session)
    engine.dispose()
    return path, found


def _load_year(session: sa.orm.Session) -> demo.Summary:
    Make(session, now=NOW).organisation()
    found = demo.load(session, as_of=NOW.date(), by=None)
    session.commit()
    return found


@pytest.fixture
def demo_year(app: Flask, session: sa.orm.Session, request: pytest.FixtureRequest) -> demo.Summary:
    """The demonstration year, in an otherwise empty database: name it before ``browser``."""
    if POSTGRESQL:
        return _load_year(session)
    path, found = request.getfixturevalue("loaded_year")
    with app.app_context(), db.engine.connect() as connection:
        connection.rollback()
        with closing(sqlite3.connect(path)) as source:
            source.backup(connection.connection.driver_connection)
    return found


def _trust_the_disk(connection: Any, _record: object) -> None:
    if POSTGRESQL:
        connection.execute("SET synchronous_commit = off")
        connection.commit()
    else:
        connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture(scope="session")
def application(template: str, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Made once, as making it takes longer than most tests; what a test may change is ``app``'s."""
    place = tmp_path_factory.mktemp("application")
    application = create_app(
        {
            "TESTING": True,
            "DATA": str(place),
            "SECRET_KEY": "a key for tests only",
            "DATABASE_URL": template if POSTGRESQL else f"sqlite:///{place / 'drills.sqlite'}",
            "MAIL_URL": "",
            "PUBLIC_URL": "http://drills.test",
            "WTF_CSRF_ENABLED": False,
        }
    )
    with application.app_context():
        event.listen(db.engine, "connect", _trust_the_disk)
    return application


@pytest.fixture
def app(application: Flask, template: str, tmp_path: Path) -> Iterator[Flask]:
    """The application with a database, a data folder, settings and memories of the test's own."""
    config, extensions = dict(application.config), dict(application.extensions)
    (tmp_path / "files").mkdir(mode=0o700)
    application.config.update(DATA=tmp_path, FILES=tmp_path / "files")
    with application.app_context():
        engine = db.engine
    if not POSTGRESQL:
        shutil.copy(template, str(engine.url.database))
    yield application
    if POSTGRESQL:
        _empty(engine)
    engine.dispose()
    if not POSTGRESQL:
        for path in Path(str(engine.url.database)).parent.glob("drills.sqlite*"):
            path.unlink()
    _memories.clear()
    for kept, found in ((config, application.config), (extensions, application.extensions)):
        found.clear()
        found.update(kept)


def _empty(engine: sa.Engine) -> None:
    """Delete every row and start the counters anew.

    Truncating a hundred tables after each test takes longer than the test: only what holds
    rows is touched, and truncated only where a trigger forbids to delete.
    """
    with engine.begin() as connection:
        filled = set(connection.scalars(sa.text(_FILLED)))
        growing = set(connection.scalars(sa.text(_GROWING))) & filled
        if growing:
            connection.exec_driver_sql(f"TRUNCATE {', '.join(sorted(growing))} CASCADE")
        for table in reversed(Base.metadata.sorted_tables):
            if table.name in filled - growing:
                connection.exec_driver_sql(f'DELETE FROM "{table.name}"')
        connection.exec_driver_sql(_RESTART)


_FILLED = " UNION ALL ".join(
    f"SELECT '{table.name}' WHERE EXISTS (SELECT FROM \"{table.name}\")"
    for table in Base.metadata.sorted_tables
)
_GROWING = """
SELECT DISTINCT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
"""
_RESTART = """
SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences
WHERE schemaname = current_schema() AND last_value IS NOT NULL
"""


@pytest.fixture
def session(app: Flask) -> Iterator[sa.orm.Session]:
    """A session of the test's own, separate from any request's."""
    with app.app_context():
        factory = db.sessionmaker
    with factory() as session:
        yield session


@pytest.fixture
def make(session: sa.orm.Session) -> Make:
    return Make(session, now=NOW)


@pytest.fixture
def browser(app: Flask, make: Make) -> Browser:
    """A browser signed in as the administrator of the whole tree."""
    make.organisation()
    return Browser(app, make.session, as_=make.person(role=Role.ADMINISTRATOR))


@pytest.fixture
def cli(app: Flask, session: sa.orm.Session) -> Callable[..., Result]:
    """Run ``drills`` in this process, on this test's database: ``cli("units", "import", path)``."""
    from flask.cli import ScriptInfo

    def run(*arguments: object, **options: object) -> Result:
        session.commit()
        info = ScriptInfo(create_app=lambda: app)
        words = [str(argument) for argument in arguments]
        result = CliRunner().invoke(main, words, obj=info, **options)
        session.expire_all()
        return result

    return run


@pytest.fixture
def queries(app: Flask) -> Callable[[], object]:
    """``with queries() as seen:`` collects every statement sent to the database meanwhile."""

    @contextmanager
    def collect() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection, _cursor, statement, *_rest):
            seen.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)
            seen[:] = [s for s in seen if not s.startswith(("BEGIN", "PRAGMA", "SELECT pg_"))]

    return collect
