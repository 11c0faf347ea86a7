"""Signed links: an address that lets its holder do one thing, until a day, without signing in.

How a feature uses them:

- One ``purpose`` for each kind of link (``"contact-check"``); a token of one is nothing to another.
- ``subject`` is ``"<id>.<nonce>"``: the row, and a random column of that row (``fresh_nonce()``).
  The caller loads the row and compares the nonce with ``matches``; giving the row a new nonce
  takes back every link made before. A link that may be used once gets a new nonce when used.
- The page behind a link changes nothing on GET: mail programs and scanners follow links. It shows
  what would be done and a button; the POST reads the token again.
- A link goes out with ``address``, which uses the public address of the settings and never the
  ``Host`` header of a request.
- A token that is wrong, too old or not ours is one and the same 404: ``read`` gives None.
"""

import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

KEY_VERSION = 1
"""Counting it up makes every link sent so far invalid."""

NONCE_BYTES = 16

NOBODYS = "for-the-recipient-only"
"""Stands where the token would, in letters that are shown to somebody else."""
_withheld: ContextVar[bool] = ContextVar("withheld", default=False)


def sign(
    purpose: str, subject: str, *, expires_at: datetime, key_version: int = KEY_VERSION
) -> str:
    """A token of URL-safe ASCII that ``read`` understands until ``expires_at``."""
    until = int(expires_at.astimezone(UTC).timestamp())
    return str(_serializer(purpose, key_version).dumps([subject, until]))


def read(purpose: str, token: str, now: datetime, *, key_version: int = KEY_VERSION) -> str | None:
    """The subject that was signed for ``purpose``, or None if the token is not good now."""
    if not token.isascii():
        return None
    try:
        content: Any = _serializer(purpose, key_version).loads(token)
    except BadData:
        return None
    subject, until = content
    return str(subject) if now.timestamp() < until else None


def fresh_nonce() -> str:
    """A value for the column that makes a row's links revocable."""
    return secrets.token_urlsafe(NONCE_BYTES)


def matches(given: str, kept: str) -> bool:
    """Whether two nonces are the same, in a time that tells nothing about where they differ."""
    return bool(kept) and hmac.compare_digest(given.encode(), kept.encode())


def subject_of(identity: int, nonce: str) -> str:
    return f"{identity}.{nonce}"


def parts_of(subject: str) -> tuple[int, str]:
    """The id and the nonce that ``subject_of`` put together."""
    identity, _, nonce = subject.partition(".")
    return int(identity), nonce


@contextmanager
def withheld() -> Iterator[None]:
    """While it lasts, addresses come without their tokens and open nothing."""
    before = _withheld.set(True)
    try:
        yield
    finally:
        _withheld.reset(before)


def address(endpoint: str, token: str) -> str:
    """The public address of ``endpoint``, whose one argument is ``token``."""
    public: str = current_app.config["PUBLIC_URL"].rstrip("/")
    given = NOBODYS if _withheld.get() else token
    path = current_app.url_map.bind("").build(endpoint, {"token": given})
    return public + path


def _serializer(purpose: str, key_version: int) -> URLSafeSerializer:
    key = current_app.config["SECRET_KEY"]
    return URLSafeSerializer(key, salt=f"drills.link.{purpose}.{key_version}")
