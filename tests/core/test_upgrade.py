"""An installation of the first version, with something in every table, becomes the newest."""

import os
import re
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills import migrations
from drills.core import database
from drills.core.orm import Base
from tests.conftest import SCHEMA

FIRST = "0002"
URL = os.environ.get("DRILLS_TEST_DATABASE_URL", "")
ROWS = (1, 2)
SINGLE = {"organisation"}
"""Tables that hold one row and no more."""


@pytest.fixture
def engine(tmp_path):
    """A database of its own at the first version: a file, or a schema beside that of the suite."""
    schema = f"upgrade_{SCHEMA}"
    url = URL or f"sqlite:///{tmp_path / 'first.sqlite'}"
    if URL:
        with _server(URL) as connection:
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        url = sa.make_url(URL).update_query_dict({"options": f"-csearch_path={schema}"})
    engine = sa.create_engine(url)
    database.prepare(engine)
    migrations.upgrade(engine, FIRST)
    yield engine
    engine.dispose()
    if URL:
        with _server(URL) as connection:
            connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")


def _server(url):
    return sa.create_engine(url, poolclass=sa.NullPool).begin()


def fill(engine):
    """Put two rows into every table; how many there are of each."""
    tables = sa.MetaData()
    tables.reflect(engine)
    counts = Counter()
    with engine.begin() as connection:
        inspector = sa.inspect(connection)
        for table in tables.sorted_tables:
            if table.name == "alembic_version":
                continue
            allowed = choices(inspector, table.name)
            for n in ROWS[: 1 if table.name in SINGLE else 2]:
                values = {
                    column.name: value(column, place, n, allowed, counts)
                    for place, column in enumerate(table.columns)
                }
                connection.execute(table.insert().values(values))
                counts[table.name] += 1
    return counts


def choices(inspector, table):
    """What the checks of a table let a column hold."""
    found = {}
    for check in inspector.get_check_constraints(table):
        text = check["sqltext"]
        column = re.search(r"\w+", text.replace("(", " "))[0]
        if values := re.findall(r"'(\w+)'", text):
            found[column] = values
    return found


def value(column, place, n, allowed, counts):
    if column.foreign_keys:
        target = next(iter(column.foreign_keys)).column.table.name
        return min(n, counts[target]) or None
    if column.name in allowed:
        return allowed[column.name][0]
    return of_type(column, place, n)


def of_type(column, place, n):
    later = timedelta(hours=place)
    if isinstance(column.type, sa.JSON):
        return {}
    kind = column.type.python_type
    if kind is str:
        return f"{n}{column.name}"[: column.type.length or 40]
    return {
        int: n,
        bool: n == 1,
        float: float(n),
        date: date(2025, 1, n),
        datetime: datetime(2025, 1, n) + later,
    }.get(kind, n)


def test_every_row_of_the_first_version_is_there_in_the_newest(engine):
    counts = fill(engine)
    assert len(counts) > 15
    migrations.upgrade(engine)
    assert migrations.current(engine)[0] == migrations.current(engine)[1]
    with engine.connect() as connection:
        for table, count in counts.items():
            found = connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one()
            assert found >= count, table
    migrations.check(engine)


def test_every_row_of_the_first_version_can_be_read_by_the_newest_models(engine):
    counts = fill(engine)
    migrations.upgrade(engine)
    with Session(engine) as session:
        for mapper in Base.registry.mappers:
            if mapper.local_table.name in counts:
                rows = session.scalars(sa.select(mapper.class_)).unique().all()
                assert len(rows) >= counts[mapper.local_table.name]
                names = [attribute.key for attribute in mapper.column_attrs]
                assert all(hasattr(row, name) for row in rows for name in names)


def test_the_trail_still_only_grows_after_the_upgrade(engine):
    fill(engine)
    migrations.upgrade(engine)
    with pytest.raises(sa.exc.DBAPIError), engine.begin() as connection:
        connection.exec_driver_sql("UPDATE audit_entry SET verb = 'x'")
