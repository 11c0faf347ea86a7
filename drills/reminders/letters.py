"""A reminder as a mail: its body made once for all who read the same, headers per person."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_name
from flask import current_app
from flask_babel import force_locale, get_locale, ngettext
from flask_babel import gettext as _

from drills.core.mail import Letter, ascii_address, own_host
from drills.exercises import answering, calendar
from drills.exercises.models import Drill
from drills.reminders.models import Delivery

REMINDER, INVITATION = "mail/drill_upcoming", "mail/drill_invitation"


@dataclass(frozen=True, slots=True)
class Wording:
    """All that may differ between two people's mails about one drill, but for the address.

    An invitation has a link of its own, so no two share a body.
    """

    drill_id: int
    rule_id: int | None
    invitation_id: int | None
    language: str
    zone: str
    is_lead: bool
    is_late: bool

    @classmethod
    def of(cls, delivery: Delivery) -> "Wording":
        person = delivery.person
        leads = delivery.drill.lead_id == person.id
        where = (person.language, person.time_zone, leads, delivery.is_late)
        return cls(delivery.drill_id, delivery.rule_id, delivery.invitation_id, *where)


@dataclass(frozen=True, slots=True)
class Body:
    subject: str
    content: bytes


class Press:
    """Prints the mails of one run, dated ``today``; “7 days left” is reckoned from ``at``."""

    def __init__(self, config: Mapping[str, Any], *, at: datetime, today: datetime) -> None:
        self.config, self.at, self.today = config, at, today
        self.host = own_host(config)
        self.bodies: dict[Wording, Body] = {}

    def letter(self, delivery: Delivery) -> Letter:
        """Raises ``ValueError`` or ``Undelivered`` for an address that is none."""
        wording = Wording.of(delivery)
        if wording not in self.bodies:
            self.bodies[wording] = self._body(delivery, wording)
        body = self.bodies[wording]
        address = ascii_address(delivery.person.email or "")
        identity = message_id(delivery.delivery_key, self.host)
        head = EmailMessage(policy=SMTP)
        head["From"] = self.config["MAIL_FROM"]
        head["To"] = Address(delivery.person.name, addr_spec=address)
        head["Subject"] = body.subject
        head["Date"] = format_datetime(self.today)
        head["Message-ID"] = identity
        head["References"] = f"<drill-{delivery.drill_id}@{self.host}>"
        head["Auto-Submitted"] = "auto-generated"
        data = head.as_bytes().removesuffix(b"\r\n") + body.content
        sender = parseaddr(self.config["MAIL_FROM"])[1]
        return Letter(sender, address, identity, data)

    def _body(self, delivery: Delivery, wording: Wording) -> Body:
        drill, invitation = delivery.drill, delivery.invitation
        folder = INVITATION if invitation else REMINDER
        with force_locale(wording.language):
            values = self._values(drill, wording)
            if invitation:
                values["answer_url"] = answering.address_of(invitation, drill)
                values["person"] = delivery.person
            subject, text, html = (
                current_app.jinja_env.get_template(f"{folder}/{name}").render(values)
                for name in ("subject.txt", "body.txt", "body.html")
            )
        content = EmailMessage(policy=SMTP)
        content.set_content(text, cte="quoted-printable")
        content.add_alternative(html, subtype="html", cte="quoted-printable")
        event = calendar.event(drill, host=self.host, url=values["url"], language=wording.language)
        content.add_attachment(
            event,
            maintype="text",
            subtype="calendar",
            filename=f"{drill.code}.ics",
            params={"charset": "utf-8"},
        )
        return Body(" ".join(subject.split()), content.as_bytes())

    def _values(self, drill: Drill, wording: Wording) -> dict[str, Any]:
        zone = ZoneInfo(wording.zone)
        return {
            "drill": drill,
            "unit": drill.unit.title(wording.language),
            "kind": _(drill.kind.label),
            "left": time_left(drill.starts_at - self.at, self.at, drill.starts_at, zone),
            "zone": zone,
            "zone_name": partial(_zone_name, drill.starts_at),
            "is_lead": wording.is_lead,
            "is_late": wording.is_late,
            "language": wording.language,
            "url": drill_url(self.config, drill.id),
        }


def message_id(key: str, host: str) -> str:
    """The same for every copy of one delivery, so that mail systems can fold them."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{host}>"


def drill_url(config: Mapping[str, Any], drill_id: int) -> str:
    path = current_app.url_map.bind("localhost").build("exercises.show", {"drill_id": drill_id})
    return f"{config['PUBLIC_URL'].rstrip('/')}{path}"


def _zone_name(at: datetime, zone: ZoneInfo) -> str:
    return get_timezone_name(at.astimezone(zone), locale=get_locale())


def time_left(left: timedelta, now: datetime, then: datetime, zone: ZoneInfo) -> str:
    """``7 days left`` by the reader's calendar; hours and minutes on the last half day."""
    days = (then.astimezone(zone).date() - now.astimezone(zone).date()).days
    if days and left >= timedelta(hours=12):
        text: str = ngettext("%(num)s day left", "%(num)s days left", days)
    elif left >= timedelta(minutes=50):
        hours = round(left / timedelta(hours=1))
        text = ngettext("%(num)s hour left", "%(num)s hours left", hours)
    else:
        minutes = max(1, round(left / timedelta(minutes=1)))
        text = ngettext("%(num)s minute left", "%(num)s minutes left", minutes)
    return text
