"""How the two databases are opened, so that no update is lost on either."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

_reading = ContextVar("reading", default=False)

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "cache_size=-16000",
)


def begin_reading() -> None:
    """From here on transactions of this context only read, and wait for no writer."""
    _reading.set(True)


def begin_writing() -> None:
    """From here on transactions of this context take SQLite's write lock when they begin.

    A transaction that reads first and writes later cannot be made to wait for its turn by
    ``busy_timeout``: SQLite refuses the upgrade at once, or the driver loses the update.
    """
    _reading.set(False)


@contextmanager
def reading() -> Iterator[None]:
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


def prepare(engine: sa.Engine) -> None:
    """Attach pragmas and explicit BEGINs to an SQLite engine; PostgreSQL needs neither."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _begin)


def _configure(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN" if _reading.get() else "BEGIN IMMEDIATE")
