"""A mailbox that is read: a Maildir on this machine, or one at an IMAP server."""

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from drills.core.errors import DomainError
from drills.core.mail.dsn import LARGEST
from drills.core.text import N_

_IMAPS = 993
_BAD_URL = N_(
    "The setting BOUNCES_URL must look like imaps://user:password@host:993/INBOX"
    " or maildir:/var/mail/bounces."
)


class BadBoxUrl(DomainError):
    """``BOUNCES_URL`` cannot be understood."""


class Unreadable(Exception):
    """The mailbox does not answer, or not as it should."""


class Box(AbstractContextManager["Box"], Protocol):
    """Raises ``Unreadable``."""

    def unread(self) -> Iterator[tuple[str, bytes]]:
        """Each new message with its key, the beginning alone if it is long."""

    def done(self, key: str) -> None:
        """Never read it again."""


def open_box(url: str, *, timeout: float) -> Box:
    """Raises ``BadBoxUrl``, without repeating a password that the address may hold."""
    try:
        parts = urlsplit(url)
        port = parts.port or _IMAPS
    except ValueError:
        raise BadBoxUrl(_BAD_URL) from None
    if parts.scheme == "maildir" and parts.path.startswith("/"):
        return MaildirBox(Path(parts.path))
    if parts.scheme != "imaps" or not parts.hostname or not parts.username:
        raise BadBoxUrl(_BAD_URL)
    user, password = unquote(parts.username), unquote(parts.password or "")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    return ImapBox((parts.hostname, port), user, password, folder, timeout=timeout)


class MaildirBox(AbstractContextManager["MaildirBox"]):
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __exit__(self, *_details: object) -> None:
        """Nothing is kept open."""

    def unread(self) -> Iterator[tuple[str, bytes]]:
        try:
            for path in sorted((self.folder / "new").iterdir()):
                if path.is_file() and not path.name.startswith("."):
                    with path.open("rb") as file:
                        yield path.name, file.read(LARGEST)
        except OSError as error:
            raise Unreadable(str(error)) from error

    def done(self, key: str) -> None:
        try:
            (self.folder / "new" / key).rename(self.folder / "cur" / f"{key}:2,S")
        except OSError as error:
            raise Unreadable(str(error)) from error


class ImapBox(AbstractContextManager["ImapBox"]):
    """Over TLS from the start; a message is marked as seen once it is dealt with."""

    def __init__(
        self, where: tuple[str, int], user: str, password: str, folder: str, *, timeout: float
    ) -> None:
        self.where, self.user, self.password = where, user, password
        self.folder, self.timeout = folder, timeout
        self.connection: imaplib.IMAP4_SSL | None = None

    def __enter__(self) -> "ImapBox":
        try:
            context = ssl.create_default_context()
            self.connection = imaplib.IMAP4_SSL(
                *self.where, ssl_context=context, timeout=self.timeout
            )
            self.connection.login(self.user, self.password)
            self._right(self.connection.select(f'"{self.folder}"'))
        except (OSError, imaplib.IMAP4.error) as error:
            self.__exit__()
            raise Unreadable(str(error).replace(self.password or "\0", "…")) from error
        return self

    def __exit__(self, *_details: object) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                connection.logout()

    def unread(self) -> Iterator[tuple[str, bytes]]:
        (found, *_more) = self._ask("SEARCH", "UNSEEN")
        for number in (found or b"").decode("ascii", "replace").split():
            for part in self._ask("FETCH", number, f"(BODY.PEEK[]<0.{LARGEST}>)"):
                if isinstance(part, tuple) and len(part) > 1:
                    yield number, part[1]

    def done(self, key: str) -> None:
        self._ask("STORE", key, "+FLAGS", r"(\Seen)")

    def _ask(self, command: str, *arguments: str) -> list[Any]:
        assert self.connection
        try:
            return self._right(self.connection.uid(command, *arguments))
        except (OSError, imaplib.IMAP4.error) as error:
            raise Unreadable(str(error)) from error

    def _right(self, answer: tuple[str, list[Any]]) -> list[Any]:
        kind, data = answer
        if kind != "OK":
            raise imaplib.IMAP4.error(f"the server answered {kind}")
        return data or [None]
