import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from flask import g
from werkzeug.datastructures import FileStorage

from drills.accounts.models import Role
from drills.core import clock
from drills.core.errors import DomainError
from drills.web import uploads


@pytest.fixture
def asked_by(app, make):
    """Be in a request of a person."""
    people = [make.person(role=Role.ADMINISTRATOR) for _ in range(2)]
    make.session.close()
    with app.test_request_context("/"):

        def be(number):
            g._login_user = people[number]

        yield be


def a_file():
    return FileStorage(io.BytesIO("Mã\n1\n".encode()), filename="../../danh sách.csv")


def test_a_file_waits_for_its_owner_alone(asked_by, app):
    asked_by(0)
    token = uploads.keep(a_file())
    stream, name = uploads.fetch(token)
    assert (stream.read().decode(), name) == ("Mã\n1\n", "danh sách.csv")
    asked_by(1)
    with pytest.raises(DomainError):
        uploads.fetch(token)
    asked_by(0)
    uploads.forget(token)
    with pytest.raises(DomainError):
        uploads.fetch(token)


@pytest.mark.parametrize("token", ["", "..", "../secret-key", "x" * 30])
def test_a_token_is_no_path(asked_by, token):
    asked_by(0)
    with pytest.raises(DomainError):
        uploads.fetch(token)
    uploads.forget(token)


def test_what_nobody_came_back_for_is_thrown_away(asked_by, app):
    asked_by(0)
    token = uploads.keep(a_file())
    long_ago = (clock.now() - uploads.KEPT - timedelta(minutes=1)).timestamp()
    path = Path(app.config["DATA"]) / "imports" / token
    os.utime(path, (long_ago, long_ago))
    uploads.keep(a_file())
    assert not path.exists()
