"""Prints letters: a body made once for all who read the same, headers per person."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale
from sqlalchemy.orm import Session, object_session

from drills.core.mail import Letter, ascii_address, own_host
from drills.exercises import calendar
from drills.exercises.calendar import Errand, Party
from drills.exercises.models import Drill, Invitation
from drills.reminders.kinds import Until
from drills.reminders.letters.matters import MATTERS, Matter
from drills.reminders.letters.reading import Reader, message_id
from drills.reminders.letters.reasons import why
from drills.reminders.letters.stopping import stop_address
from drills.reminders.models import Delivery

CRLF = "\r\n"
WORD_BYTES = 36
"""So many bytes of text make an encoded word that fits a line beside the header's name."""
CHANGES = ("drill_changed", "drill_off", "drill_left")


@dataclass(frozen=True, slots=True)
class Wording:
    """All that may differ between two people's letters about one subject, but for the address.

    ``person_id`` is set where the letter holds what is for one person alone: a signed link, a
    message to their calendar, their digest.
    """

    kind: str
    subject_id: int
    anchor: datetime | date
    language: str
    zone: str
    reason: str
    stands_in_for_id: int | None
    is_late: bool
    person_id: int | None

    @classmethod
    def of(cls, delivery: Delivery) -> "Wording":
        person, kind = delivery.person, delivery.about
        is_shared = kind and not (kind.is_personal or kind.is_optional or kind.is_immediate)
        return cls(
            delivery.kind,
            delivery.subject_id,
            delivery.anchor,
            person.language,
            person.time_zone,
            delivery.reason,
            delivery.stands_in_for_id,
            delivery.is_late,
            None if is_shared else person.id,
        )


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says: its subject line, the plain text and the HTML."""

    line: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Body:
    head: bytes
    content: bytes


class Press:
    """Prints the mails of one run, dated ``today``; “7 days left” is reckoned from ``at``."""

    def __init__(self, config: Mapping[str, Any], *, at: datetime, today: datetime) -> None:
        self.config, self.at, self.today = config, at, today
        self.host = own_host(config)
        self.sender = parseaddr(config["MAIL_FROM"])[1]
        self.bodies: dict[Wording, Body] = {}

    def letter(self, delivery: Delivery) -> Letter:
        """Raises ``ValueError`` or ``Undelivered`` for an address that is none."""
        wording = Wording.of(delivery)
        if wording not in self.bodies:
            self.bodies[wording] = self._body(delivery)
        body = self.bodies[wording]
        address = ascii_address(delivery.person.email or "")
        identity = message_id(delivery.delivery_key, self.host)
        own = to_line(delivery.person.name, address) + _lines(delivery, identity)
        return Letter(self.sender, address, identity, body.head + own.encode() + body.content)

    def _head(self, line: str, thread: str) -> bytes:
        """The headers that are the same for all readers of one body: folding them is slow."""
        head = EmailMessage(policy=SMTP)
        head["From"] = self.config["MAIL_FROM"]
        head["Date"] = format_datetime(self.today)
        head["References"] = f"<{thread}@{self.host}>"
        head["Auto-Submitted"] = "auto-generated"
        return subject_line(line) + head.as_bytes().removesuffix(b"\r\n")

    def words(self, delivery: Delivery) -> tuple[Words, Matter]:
        """Raises ``LookupError`` if what it is about is gone."""
        reader = Reader(delivery.person, self.at)
        folder = delivery.about.folder if delivery.about else delivery.kind
        with force_locale(reader.language):
            subject = subject_of(delivery)
            matter = MATTERS[delivery.kind](delivery, subject, reader)
            return printed(folder, _values(delivery, subject, matter, reader)), matter

    def _body(self, delivery: Delivery) -> Body:
        words, matter = self.words(delivery)
        content = EmailMessage(policy=SMTP)
        content.set_content(words.text, cte="quoted-printable")
        content.add_alternative(words.html, subtype="html", cte="quoted-printable")
        if matter.drill:
            self._attach(content, delivery, matter)
        return Body(self._head(words.line, matter.thread), content.as_bytes())

    def _attach(self, content: EmailMessage, delivery: Delivery, matter: Matter) -> None:
        """The drill as a file; where it asks something, as an alternative too (RFC 6047)."""
        drill, language = matter.drill, delivery.person.language
        assert drill
        where = {"host": self.host, "url": matter.url, "language": language}
        if matter.method is None:
            entry, name = calendar.event(drill, **where), f"{drill.code}.ics"
            params = {"charset": "utf-8"}
        else:
            entry = calendar.message(drill, self._errand(delivery, matter), **where)
            params = {"charset": "utf-8", "method": matter.method.value}
            name = "invite.ics" if matter.method is calendar.Method.REQUEST else "cancel.ics"
            content.add_alternative(
                entry.decode(),
                subtype="calendar",
                cte="base64",
                params={"method": params["method"]},
            )
        content.add_attachment(
            entry, maintype="text", subtype="calendar", filename=name, params=params
        )

    def _errand(self, delivery: Delivery, matter: Matter) -> Errand:
        assert matter.drill
        assert matter.method
        person = delivery.person
        organizer = Party(
            matter.drill.unit.title(person.language), parseaddr(self.config["MAIL_FROM"])[1]
        )
        attendee = Party(person.name, person.email or "")
        session = object_session(delivery)
        assert session
        number = errands_before(session, delivery, matter.drill)
        return Errand(matter.method, organizer, attendee, number, self.today)


def to_line(name: str, address: str) -> str:
    """``To``, with the name as RFC 2047 wants it."""
    name = " ".join(name.split())
    if name.isascii():
        return f"To: {formataddr((name, address))}\r\n"
    return f"To: {encoded(name)}{CRLF} <{address}>{CRLF}"


def _lines(delivery: Delivery, identity: str) -> str:
    lines = [f"Message-ID: {identity}"]
    if stop := stop_address(delivery):
        lines.append(f"List-Unsubscribe: <{stop}>")
        if stop.startswith("https://"):
            lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    return "".join(f"{line}{CRLF}" for line in lines)


def _values(delivery: Delivery, subject: Any, matter: Matter, reader: Reader) -> dict[str, Any]:
    return {
        "matter": matter,
        "subject": subject,
        "person": delivery.person,
        "left": reader.left(delivery.anchor) if has_end(delivery) else "",
        "zone": reader.zone,
        "language": reader.language,
        "is_late": delivery.is_late,
        "why": why(delivery, matter.code or matter.title),
        "stop_url": stop_address(delivery),
        **matter.more,
    }


def subject_line(subject: str) -> bytes:
    """RFC 2047, as one run of encoded words: ``email.policy`` folds between two of them and
    loses the space that stood there.
    """
    return f"Subject: {encoded(subject)}{CRLF}".encode("ascii")


def encoded(text: str) -> str:
    words = [f"=?utf-8?b?{b64encode(part).decode()}?=" for part in _parts(text)]
    return f"{CRLF} ".join(words)


def _parts(text: str) -> Iterator[bytes]:
    """As UTF-8, no character broken and none longer than a line of a header takes."""
    part = b""
    for character in text:
        letter = character.encode()
        if len(part) + len(letter) > WORD_BYTES:
            yield part
            part = b""
        part += letter
    yield part


def has_end(delivery: Delivery) -> bool:
    """Whether there is a moment to count to; some kinds only count from one."""
    kind = delivery.about
    return kind is not None and (not kind.is_immediate or kind.until is Until.AT_ANCHOR)


def printed(folder: str, values: Mapping[str, Any]) -> Words:
    """In the language at hand."""
    line, text, html = (
        current_app.jinja_env.get_template(f"mail/{folder}/{name}").render(values)
        for name in ("subject.txt", "body.txt", "body.html")
    )
    return Words(" ".join(line.split()), tidy(text), html)


def subject_of(delivery: Delivery) -> Any:
    """None for a digest. Raises ``LookupError`` if it is gone."""
    if delivery.about is None:
        return None
    session = object_session(delivery)
    assert session
    found = session.get(delivery.about.model, delivery.subject_id)
    if found is None:
        raise LookupError(f"{delivery.kind} {delivery.subject_id} is gone")
    return found


def errands_before(session: Session, delivery: Delivery, drill: Drill) -> int:
    """How many messages to their calendar about a drill were planned for a person before."""
    invitations = sa.select(Invitation.id).where(Invitation.drill_id == drill.id)
    about = sa.or_(
        sa.and_(Delivery.kind.in_(CHANGES), Delivery.subject_id == drill.id),
        sa.and_(Delivery.kind == "invitation", Delivery.subject_id.in_(invitations)),
    )
    earlier = (Delivery.person_id == delivery.person_id, Delivery.id < delivery.id)
    return session.scalar(sa.select(sa.func.count()).where(*earlier, about)) or 0


def tidy(text: str) -> str:
    """At most one empty line in a row, and none at either end."""
    lines: list[str] = []
    for line in text.splitlines():
        kept = line if line == "-- " else line.rstrip()
        if kept or (lines and lines[-1]):
            lines.append(kept)
    return "\n".join(lines).strip() + "\n"
