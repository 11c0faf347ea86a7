"""The signed link by which a person confirms their numbers without signing in."""

from datetime import datetime

from sqlalchemy.orm import Session

from drills.roster.models import ContactAsk
from drills.web import links

PURPOSE = "contact-check"


def address_of(ask: ContactAsk) -> str:
    """What the letters carry: good until the check closes."""
    subject = links.subject_of(ask.id, ask.nonce)
    token = links.sign(PURPOSE, subject, expires_at=ask.check.closes_at)
    return links.address("roster.contact_answer", token)


def ask_of(session: Session, token: str, at: datetime) -> ContactAsk | None:
    """What ``token`` may answer now, if anything."""
    subject = links.read(PURPOSE, token, at)
    if subject is None:
        return None
    number, nonce = links.parts_of(subject)
    ask = session.get(ContactAsk, number)
    if ask is None or not links.matches(nonce, ask.nonce) or not ask.check.is_open(at):
        return None
    return None if ask.person.removed_at else ask


def masked(value: str) -> str:
    """Enough of a number or an address for its owner to know it, and little for anybody else."""
    name, at, host = value.partition("@")
    if at:
        return f"{name[:1]}•••@{host}"
    return f"••• ••• {value[-3:]}" if len(value) > len("12345") else "•••"
