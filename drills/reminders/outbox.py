"""The letters that were kept because no mail server is set."""

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from drills.core.mail import OUTBOX

_NAME = re.compile(r"[A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Kept:
    """``name`` is the file's, without its ending."""

    name: str
    at: datetime
    to: str
    subject: str


def names(data: Path) -> list[str]:
    """All letters, newest first."""
    files = [(path.stat().st_mtime_ns, path.stem) for path in (data / OUTBOX).glob("*.eml")]
    return [name for _at, name in sorted(files, reverse=True)]


def kept(data: Path, name: str) -> Kept:
    path = data / OUTBOX / f"{name}.eml"
    letter = _parse(path)
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Kept(name, at, str(letter["To"] or ""), str(letter["Subject"] or ""))


def find(data: Path, name: str) -> Path | None:
    """The file of a letter; None if there is none of this name."""
    path = data / OUTBOX / f"{name}.eml"
    return path if _NAME.fullmatch(name) and path.is_file() else None


def text_of(path: Path) -> str:
    """What the letter says, as plain text."""
    body = _parse(path).get_body(("plain",))
    return str(body.get_content()) if body else ""


def _parse(path: Path) -> EmailMessage:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message
