"""A mail server, and how far the dialogue about each letter got."""

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit

from drills.core.errors import DomainError
from drills.core.mail.letters import Fault, Letter, Undelivered, ascii_address, fault_of, go
from drills.core.text import N_

_PORTS = {"smtp": 25, "smtps": 465}


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
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            fault = Fault.UNKNOWN if self.phase == "dot" else Fault.ROAD
            code = getattr(error, "smtp_code", None)
            text = _words(getattr(error, "smtp_error", str(error))) or type(error).__name__
            raise Undelivered(fault, self.phase, text, code) from error

    def _connected(self) -> smtplib.SMTP:
        if self.connection is None:
            self.phase = "connect"
            self.connection = connection = self._open()
            assert connection.sock
            # a dot in a small packet of its own would wait 40 ms for an acknowledgement
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.ehlo_or_helo_if_needed()
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
            connection.ehlo_or_helo_if_needed()
        elif self.url.starttls is StartTls.REQUIRED:
            raise smtplib.SMTPNotSupportedError("the server does not offer STARTTLS")

    def _converse(
        self, connection: smtplib.SMTP, letter: Letter, may_go: Callable[[], bool]
    ) -> bool:
        self.phase = "mail"
        self._address(connection, ascii_address(letter.sender), ascii_address(letter.recipient))
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

    def _address(self, connection: smtplib.SMTP, sender: str, recipient: str) -> None:
        """Both addresses in one write where the server takes that: its answers stay two."""
        if connection.has_extn("pipelining"):
            connection.send(f"MAIL FROM:<{sender}>\r\nRCPT TO:<{recipient}>\r\n")
            first = connection.getreply()
            self.phase = "rcpt" if first[0] == 250 else "mail"
            second = connection.getreply()
            self._expect({250}, first)
            self._expect({250, 251}, second)
            return
        # smtplib's own commands would take both addresses apart once more
        self._expect({250}, connection.docmd("mail", f"FROM:<{sender}>"))
        self.phase = "rcpt"
        self._expect({250, 251}, connection.docmd("rcpt", f"TO:<{recipient}>"))

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


def _words(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())


def _with_dot(data: bytes) -> bytes:
    """The body as it goes over the wire, dots doubled, with the final dot: one write."""
    quoted = re.sub(rb"(?m)^\.", b"..", data)
    return quoted + (b"" if quoted.endswith(b"\r\n") else b"\r\n") + b".\r\n"
