"""The message by which people see whether messages reach them."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from flask_babel import force_locale
from flask_babel import gettext as _

from drills.accounts.models import Person
from drills.core.mail import Letter, ascii_address
from drills.reminders.letters.matters import Matter
from drills.reminders.letters.press import printed
from drills.reminders.letters.reading import Reader, page_address
from drills.reminders.models import PersonChannel


def sample(person: Person, *, at: datetime) -> EmailMessage:
    """To ``person``; sender and date are added when it is sent. Raises ``Undelivered``."""
    reader = Reader(person, at)
    with force_locale(person.language):
        matter = Matter(
            title=_("Test message of %(product)s", product="Thao Trường"),
            url=page_address("reminders.settings"),
            thread="test",
        )
        values = {
            "matter": matter,
            "left": "",
            "is_late": False,
            "why": _("You receive this because you asked for it."),
            "stop_url": "",
            "language": reader.language,
        }
        words = printed("test_message", values)
    message = EmailMessage(policy=SMTP)
    if person.email:
        message["To"] = Address(person.name, addr_spec=ascii_address(person.email))
    message["Subject"] = words.line
    message.set_content(words.text, cte="quoted-printable")
    message.add_alternative(words.html, subtype="html", cte="quoted-printable")
    return message


def sample_to(row: PersonChannel, *, at: datetime) -> Letter:
    """The same to one of the person's channels."""
    data = sample(row.person, at=at).as_bytes(policy=SMTP)
    return Letter("", row.url, "", data)
