"""Handing over letters: to a mail server, or to a folder while none is set."""

from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from drills.core import clock
from drills.core.mail.letters import Fault, Letter, Transport, Undelivered, ascii_address
from drills.core.mail.outbox import OutboxTransport
from drills.core.mail.smtp import BadMailUrl, MailUrl, SmtpTransport, StartTls

__all__ = [
    "OUTBOX",
    "BadMailUrl",
    "Fault",
    "Letter",
    "MailUrl",
    "OutboxTransport",
    "SmtpTransport",
    "StartTls",
    "Transport",
    "Undelivered",
    "ascii_address",
    "own_host",
    "send",
    "transport",
]

OUTBOX = "outbox"


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
