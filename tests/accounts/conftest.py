"""Passwords are hashed once: argon2 is slow on purpose."""

import pytest

from drills.accounts import passwords
from tests.browser import Browser

PASSWORD = "Mật khẩu rất dài của tôi"


@pytest.fixture(scope="session")
def password_hash():
    return passwords.hashed(PASSWORD)


@pytest.fixture
def visitor(app, make):
    """A browser of somebody who has not signed in."""
    make.organisation()
    return Browser(app, make.session)
