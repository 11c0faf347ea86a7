"""The ``drills`` command against a database that is not ready for it."""

import json

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask.cli import ScriptInfo

from drills import create_app, migrations
from drills.cli import main
from drills.extensions import db


@pytest.fixture
def run(tmp_path):
    """``drills`` on an SQLite file that holds nothing yet."""
    tmp_path.chmod(0o700)
    app = create_app({"TESTING": True, "DATA": str(tmp_path), "DATABASE_URL": ""})

    def answer(*words):
        info = ScriptInfo(create_app=lambda: app)
        return CliRunner().invoke(main, words, obj=info)

    answer.app = app
    yield answer
    with app.app_context():
        db.engine.dispose()


COMMANDS = [("demo", "load"), ("reminders", "preview"), ("users", "list"), ("reminders", "send")]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_database_without_tables_is_said_to_be_one_with_the_remedy(run, words):
    answer = run(*words)
    assert answer.exit_code == 1
    assert answer.stderr == "The database has no tables yet. Run “drills init” first.\n"


def test_an_older_database_is_said_to_be_one_with_the_remedy(run):
    with run.app.app_context():
        migrations.upgrade(db.engine, "0004")
    answer = run("reminders", "preview")
    assert answer.exit_code == 1
    assert "0004" in answer.stderr
    assert "Run “drills db upgrade”." in answer.stderr
    assert run("db", "upgrade").exit_code == 0
    assert json.loads(run("reminders", "preview", "--json").stdout) == {"planned": []}


def test_a_database_that_does_not_answer_is_named_without_its_password(tmp_path):
    tmp_path.chmod(0o700)
    url = "postgresql://drills:verborgen@127.0.0.1:1/drills"
    app = create_app({"TESTING": True, "DATA": str(tmp_path), "DATABASE_URL": url})
    answer = CliRunner().invoke(main, ["users", "list"], obj=ScriptInfo(create_app=lambda: app))
    assert answer.exit_code == 1
    assert "cannot be reached" in answer.stderr
    assert "verborgen" not in answer.output


def test_what_the_state_of_the_database_does_not_explain_is_not_hidden(run):
    with run.app.app_context():
        migrations.upgrade(db.engine)
        with db.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE person RENAME TO persons")
    assert isinstance(run("users", "list").exception, sa.exc.OperationalError)
