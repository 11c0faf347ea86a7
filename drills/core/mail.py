"""Handing over letters: to a mail server, or to a folder while none is set."""

import contextlib
import hashlib
import os
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from drills.core import clock
from drills.core.errors import DomainError
from drills.core.text import N_

OUTBOX = "outbox"
_PORTS = {"smtp": 25, "smtps": 465}
_ROAD_CODES = frozenset({421, 454, 530, 534, 535, 538})
"""Closing, TLS, signing in: the road is at fault, not the letter."""
_SOFT_5XX = frozenset({552})
"""Many servers say 552 5.2.2 when a mailbox is full for now."""


class BadMailUrl(DomainError):
    """``MAIL_URL`` cannot be understood."""


class StartTls(StrEnum):
    OFFERED = "offered"
    REQUIRED = "required"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class MailUrl:
    """A mail server: ``smtp://user:password@host:port?starttls=required`` or ``smtps://…``."""

    host: str
    port: int
    is_tls: bool
    starttls: StartTls
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> "MailUrl":
        """Raises ``BadMailUrl``, without repeating a password that the address may hold."""
        try:
            parts = urlsplit(text)
            default = _PORTS[parts.scheme]
            wish = parse_qs(parts.query).get("starttls", [StartTls.OFFERED])[-1]
            starttls, port = StartTls(wish), parts.port or default
        except (KeyError, ValueError):
            raise BadMailUrl(_BAD_URL) from None
        if not parts.hostname:
            raise BadMailUrl(_BAD_URL)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.hostname, port, parts.scheme == "smtps", starttls, user, password)


_BAD_URL = N_(
    "The setting MAIL_URL must look like smtp://user:password@host:587 or smtps://host:465;"
    " starttls may be offered, required or never."
)


class Fault(StrEnum):
    """What stood in a letter's way. Only ``UNKNOWN`` may have been delivered all the same."""

    ROAD = "road"
    SOFT = "soft"
    HARD = "hard"
    UNKNOWN = "unknown"


class Undelivered(Exception):
    """``phase`` is where the dialogue ended: connect, mail, rcpt, data, dot or write."""

    def __init__(self, fault: Fault, phase: str, text: str, code: int | None = None) -> None:
        super().__init__(f"{phase}: {code or ''} {text}".replace("  ", " ").strip()[:500])
        self.fault, self.phase, self.code = fault, phase, code


@dataclass(frozen=True, slots=True)
class Letter:
    """``data`` is the whole message with CRLF line ends; the addresses are the envelope's."""

    sender: str
    recipient: str
    message_id: str
    data: bytes


def go() -> bool:
    """The answer for a letter that nobody would call back."""
    return True


class Transport(Protocol):
    """``deliver`` asks ``may_go`` last thing before the letter leaves; False: withdrawn.

    Raises ``Undelivered``.
    """

    def deliver(self, letter: Letter, may_go: Callable[[], bool] = go) -> bool: ...

    def close(self) -> None: ...


class OutboxTransport:
    """Keeps letters as files. A letter handed over twice has one file: its Message-ID's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def deliver(self, letter: Letter, may_go: Callable[[], bool] = go) -> bool:
        if not may_go():
            return False
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_whole(self.folder / f"{file_key(letter.message_id)}.eml", letter.data)
        except OSError as error:
            raise Undelivered(Fault.ROAD, "write", str(error)) from error
        return True

    def close(self) -> None:
        """Nothing is kept open."""


def file_key(message_id: str) -> str:
    """A file name that only this Message-ID has."""
    local = re.sub(r"[^A-Za-z0-9.-]", "", message_id.strip("<>").partition("@")[0])
    return f"{local[:60].strip('.')}-{hashlib.sha256(message_id.encode()).hexdigest()[:8]}"


def _write_whole(path: Path, data: bytes) -> None:
    """The file is there whole or not at all, whenever the power goes."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class SmtpTransport:
    """One connection, kept open from letter to letter, that knows how far each one got."""

    def __init__(self, url: MailUrl, *, timeout: float, hostname: str) -> None:
        self.url, self.timeout, self.hostname = url, timeout, hostname
        self.connection: smtplib.SMTP | None = None
        self.phase = "connect"
        self.delivered = 0

    def deliver(self, letter: Letter, may_go: Callable[[], bool] = go) -> bool:
        """A server that hung up between two letters is called once more, at once."""
        try:
            return self._attempt(letter, may_go)
        except Undelivered as error:
            if error.fault is not Fault.ROAD or error.phase != "mail" or not self.delivered:
                raise
            self.delivered = 0
        return self._attempt(letter, may_go)

    def close(self) -> None:
        connection, self.connection, self.delivered = self.connection, None, 0
        if connection is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                connection.quit()
            connection.close()

    def _attempt(self, letter: Letter, may_go: Callable[[], bool]) -> bool:
        try:
            return self._converse(self._connected(), letter, may_go)
        except Undelivered as error:
            self._clear(error.fault)
            raise
        except smtplib.SMTPResponseException as error:
            self._drop()
            text = _words(error.smtp_error)
            raise Undelivered(Fault.ROAD, self.phase, text, error.smtp_code) from error
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            fault = Fault.UNKNOWN if self.phase == "dot" else Fault.ROAD
            raise Undelivered(fault, self.phase, str(error) or type(error).__name__) from error

    def _connected(self) -> smtplib.SMTP:
        if self.connection is None:
            self.phase = "connect"
            self.connection = connection = self._open()
            assert connection.sock
            # a dot in a small packet of its own would wait 40 ms for an acknowledgement
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.ehlo()
            self._secure(connection)
            if self.url.user:
                connection.login(self.url.user, self.url.password)
        return self.connection

    def _open(self) -> smtplib.SMTP:
        where = (self.url.host, self.url.port, self.hostname)
        if self.url.is_tls:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(*where, timeout=self.timeout, context=context)
        return smtplib.SMTP(*where, timeout=self.timeout)

    def _secure(self, connection: smtplib.SMTP) -> None:
        if self.url.is_tls or self.url.starttls is StartTls.NEVER:
            return
        if connection.has_extn("starttls"):
            connection.starttls(context=ssl.create_default_context())
            connection.ehlo()
        elif self.url.starttls is StartTls.REQUIRED:
            raise smtplib.SMTPNotSupportedError("the server does not offer STARTTLS")

    def _converse(
        self, connection: smtplib.SMTP, letter: Letter, may_go: Callable[[], bool]
    ) -> bool:
        self.phase = "mail"
        self._expect({250}, connection.mail(ascii_address(letter.sender)))
        self.phase = "rcpt"
        self._expect({250, 251}, connection.rcpt(ascii_address(letter.recipient)))
        if not may_go():
            connection.rset()
            return False
        self.phase = "data"
        self._expect({354}, connection.docmd("data"))
        self.phase = "dot"
        connection.send(_with_dot(letter.data))
        self._expect({250}, connection.getreply())
        self.delivered += 1
        return True

    def _expect(self, codes: set[int], reply: tuple[int, bytes]) -> None:
        code, text = reply
        if code == -1:
            raise smtplib.SMTPServerDisconnected(_words(text))
        if code not in codes:
            raise Undelivered(fault_of(code), self.phase, _words(text), code)

    def _clear(self, fault: Fault) -> None:
        """After a refusal the connection serves the next letter, unless the road is at fault."""
        if fault is Fault.ROAD:
            self._drop()
        elif self.connection is not None:
            try:
                self.connection.rset()
            except (OSError, smtplib.SMTPException):
                self._drop()

    def _drop(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()


def fault_of(code: int) -> Fault:
    """What a refusal means for the letter: RFC 5321, 4.2.1 and 4.2.4.2."""
    if code in _ROAD_CODES:
        return Fault.ROAD
    return Fault.SOFT if 400 <= code < 500 or code in _SOFT_5XX else Fault.HARD


def _words(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())


def _with_dot(data: bytes) -> bytes:
    """The body as it goes over the wire, dots doubled, with the final dot: one write."""
    quoted = re.sub(rb"(?m)^\.", b"..", data)
    return quoted + (b"" if quoted.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def ascii_address(address: str) -> str:
    """The address as an envelope takes it; a domain such as ``thử.vn`` in its ASCII form."""
    local, at, domain = address.rpartition("@")
    try:
        written = f"{local.encode('ascii').decode()}{at}{domain.encode('idna').decode()}"
    except UnicodeError:
        text = "the address has letters that mail servers do not take"
        raise Undelivered(Fault.HARD, "rcpt", text) from None
    if not (local and domain) or re.search(r"[\s<>]", written):
        raise Undelivered(Fault.HARD, "rcpt", "this is not a mail address")
    return written


def transport(config: Mapping[str, Any]) -> Transport:
    """The road that ``MAIL_URL`` names; the outbox folder while it is empty."""
    if not config["MAIL_URL"]:
        return OutboxTransport(Path(config["DATA"]) / OUTBOX)
    url = MailUrl.parse(config["MAIL_URL"])
    timeout = float(config["MAIL_TIMEOUT_SECONDS"])
    return SmtpTransport(url, timeout=timeout, hostname=own_host(config))


def own_host(config: Mapping[str, Any]) -> str:
    """The name we call ourselves by: the host of ``PUBLIC_URL``."""
    return urlsplit(config["PUBLIC_URL"]).hostname or "localhost.localdomain"


def send(config: Mapping[str, Any], message: EmailMessage) -> None:
    """Send ``message`` to its ``To`` now, once. Adds From, Date, Message-ID where missing.

    Raises ``Undelivered``; nothing is kept for another attempt.
    """
    given = {
        "From": config["MAIL_FROM"],
        "Date": format_datetime(clock.now()),
        "Message-ID": make_msgid(domain=own_host(config)),
        "Auto-Submitted": "auto-generated",
    }
    for name, value in given.items():
        if message[name] is None:
            message[name] = value
    sender, recipient = (parseaddr(str(message[name]))[1] for name in ("From", "To"))
    letter = Letter(sender, recipient, str(message["Message-ID"]), message.as_bytes(policy=SMTP))
    road = transport(config)
    try:
        road.deliver(letter)
    finally:
        road.close()
