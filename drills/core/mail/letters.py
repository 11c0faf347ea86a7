"""A letter, what may stand in its way, and what every road for letters can do."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

_ROAD_CODES = frozenset({421, 454, 530, 534, 535, 538})
"""Closing, TLS, signing in: the road is at fault, not the letter."""
_SOFT_5XX = frozenset({552})
"""Many servers say 552 5.2.2 when a mailbox is full for now."""

_NOBODY = re.compile(r"\b5\.1\.(1|2|3|6|10)\b|unknown|no such|not exist", re.IGNORECASE)


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

    @property
    def is_unknown_address(self) -> bool:
        """Whether the server says that there is nobody of this name, not that it is unwilling."""
        refused = self.fault is Fault.HARD and self.phase == "rcpt" and self.code is not None
        return refused and bool(_NOBODY.search(str(self)))


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


def fault_of(code: int) -> Fault:
    """What a refusal means for the letter: RFC 5321, 4.2.1 and 4.2.4.2."""
    if code in _ROAD_CODES:
        return Fault.ROAD
    return Fault.SOFT if 400 <= code < 500 or code in _SOFT_5XX else Fault.HARD


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
