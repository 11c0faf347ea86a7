"""What mail servers report about letters they could not deliver: RFC 3464.

Anybody may write to the mailbox these arrive in: whatever is not a report is passed over.
"""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

LARGEST = 256 * 1024
"""Bytes of a report that are read: the returned letter at its end is of no use."""
_DEEPEST = 40
"""More boundaries than a report has; the parser goes one call deeper for each."""
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_CODE = re.compile(r"\b([45]\d\d)\b")
_DEAD = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
"""RFC 3463: no such mailbox, host or syntax; moved; null MX; switched off."""
_FULL = "2.2"
_ENVELOPE = ("To", "Delivered-To", "X-Original-To", "Envelope-To")


@dataclass(frozen=True, slots=True)
class Bounce:
    """``status`` as in ``5.1.1``; ``message_id`` is the lost letter's, “” if not said.

    ``returned_to``: the addresses the report itself went to, as it says.
    """

    recipient: str
    status: str
    code: int | None
    text: str
    message_id: str
    returned_to: tuple[str, ...]

    @property
    def is_hard(self) -> bool:
        return self.status.startswith("5.") and self.status[2:] != _FULL

    @property
    def is_dead(self) -> bool:
        """Whether nothing will ever arrive at this address."""
        return self.status.startswith("5.") and self.status[2:] in _DEAD


def read(data: bytes) -> list[Bounce]:
    """The failures and delays that a message reports; none if it is no report."""
    data = data[:LARGEST]
    if data.lower().count(b"boundary=") > _DEEPEST:
        return []
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return []
    returned_to = tuple(_addresses(message))
    message_id = _message_id(message)
    return [
        bounce
        for fields in _recipients(message)
        if (bounce := _bounce(fields, message_id, returned_to))
    ]


def _recipients(message: Message) -> Iterator[Message]:
    """The blocks of fields about one recipient each."""
    for part in message.get_payload():
        if isinstance(part, Message) and part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            yield from (b for b in blocks if isinstance(b, Message) and "Action" in b)


def _bounce(fields: Message, message_id: str, returned_to: tuple[str, ...]) -> Bounce | None:
    action = _text(fields, "Action").lower()
    diagnosis = _text(fields, "Diagnostic-Code")
    found = _STATUS.search(_text(fields, "Status")) or _STATUS.search(diagnosis)
    if action not in {"failed", "delayed"} or not found:
        return None
    status = found[0] if action == "failed" else f"4{found[0][1:]}"
    recipient = _text(fields, "Original-Recipient") or _text(fields, "Final-Recipient")
    code = _CODE.search(diagnosis)
    return Bounce(
        recipient.rpartition(";")[2].strip().strip("<>").lower(),
        status,
        int(code[1]) if code else None,
        diagnosis.partition(";")[2].strip()[:300] or diagnosis[:300],
        message_id,
        returned_to,
    )


def _message_id(message: Message) -> str:
    """Of the letter that came back, whole or its headers alone."""
    said = _text(message, "Original-Message-ID")
    for part in message.get_payload():
        if not isinstance(part, Message):
            continue
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            said = said or _text(part.get_payload(0), "Message-ID")
        elif part.get_content_type() == "text/rfc822-headers":
            said = said or _text(email.message_from_string(str(part.get_payload())), "Message-ID")
    return said


def _addresses(message: Message) -> Iterator[str]:
    for name in _ENVELOPE:
        for value in message.get_all(name, []):
            yield from re.findall(
                r"[^\s<>,;\"]{1,200}@[^\s<>,;\"]{1,200}", str(value).replace("\0", "")[:2000]
            )


def _text(message: object, name: str) -> str:
    value = message.get(name, "") if isinstance(message, Message) else ""
    text = str(value).replace("\0", "").encode("utf-8", "replace").decode()
    return " ".join(text.split())[:1000]
