"""A person's day in one letter: what still stands of it when it leaves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import object_session

from drills.reminders.letters.matters.matter import Matter
from drills.reminders.letters.reading import Reader, page_address
from drills.reminders.letters.reasons import why
from drills.reminders.models import Delivery
from drills.reminders.services.digests import items_of
from drills.reminders.services.slots import at
from drills.reminders.services.subjects import load
from drills.web.filters import day, moment


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the digest."""

    title: str
    kind: str
    when: str
    left: str
    why: str
    url: str


def digest(delivery: Delivery, _subject: Any, reader: Reader) -> Matter:
    """One with nothing left to say is withdrawn before it leaves."""
    session = object_session(delivery)
    assert session
    found = items_of(session, delivery, at(session, reader.at))
    subjects = load(session, [(one.kind, one.subject_id) for one in found])
    items = [
        _item(one, subjects[one.kind, one.subject_id], reader)
        for one in found
        if (one.kind, one.subject_id) in subjects
    ]
    return Matter(
        title=_("Your messages of %(day)s", day=day(delivery.anchor_on)),
        url=page_address("reports.home"),
        thread=f"digest-{delivery.person_id}",
        more={"items": items, "most_urgent": items[0].left if items else ""},
    )


def _item(delivery: Delivery, subject: Any, reader: Reader) -> Item:
    kind = delivery.about
    assert kind
    title, anchor = kind.title(subject), delivery.anchor
    written = moment(anchor, reader.zone) if isinstance(anchor, datetime) else day(anchor)
    url = page_address(kind.endpoint, **kind.place(subject))
    return Item(title, _(kind.label), written, reader.left(anchor), why(delivery, title), url)
