"""Drills ahead, moved, called off; invitations to them."""

from flask_babel import gettext as _

from drills.exercises import answering
from drills.exercises.calendar import Method
from drills.exercises.models import Drill, Invitation
from drills.reminders.letters.matters.matter import Matter
from drills.reminders.letters.reading import Reader, page_address
from drills.reminders.models import Delivery


def upcoming(_delivery: Delivery, drill: Drill, reader: Reader) -> Matter:
    return _of(drill, reader)


def changed(_delivery: Delivery, drill: Drill, reader: Reader) -> Matter:
    return _of(drill, reader, method=Method.REQUEST)


def ended(_delivery: Delivery, drill: Drill, reader: Reader) -> Matter:
    """Called off, or without this person."""
    return _of(drill, reader, method=Method.CANCEL, text=drill.status_reason)


def invitation(delivery: Delivery, invitation: Invitation, reader: Reader) -> Matter:
    """Whoever stands in for the person invited may know of it, and answers nothing for them."""
    if delivery.stands_in_for_id:
        return _of(invitation.drill, reader)
    url = answering.address_of(invitation, invitation.drill)
    return _of(invitation.drill, reader, method=Method.REQUEST, url=url)


def unanswered(delivery: Delivery, invitation: Invitation, reader: Reader) -> Matter:
    if delivery.stands_in_for_id:
        return _of(invitation.drill, reader)
    return _of(invitation.drill, reader, url=answering.address_of(invitation, invitation.drill))


def _of(
    drill: Drill,
    reader: Reader,
    *,
    method: Method | None = None,
    url: str = "",
    text: str | None = None,
) -> Matter:
    return Matter(
        title=drill.title,
        code=drill.code,
        url=url or page_address("exercises.show", drill_id=drill.id),
        thread=f"drill-{drill.id}",
        facts=facts(drill, reader),
        text=drill.summary if text is None else text,
        is_drill=True,
        drill=drill,
        method=method,
        more={"is_own": bool(url)},
    )


def facts(drill: Drill, reader: Reader) -> list[tuple[str, str]]:
    """When, where, what and by whom; the time of the place where it differs from the reader's."""
    rows = [(_("Time"), reader.span(drill.starts_at, drill.ends_at))]
    if drill.zone.key != reader.zone.key:
        there = reader.span(drill.starts_at, drill.ends_at, drill.zone)
        rows.append((_("Where the drill is held"), there))
    places = [drill.place, _("held online") if drill.is_online else ""]
    rows += [
        (_("Place"), ", ".join(filter(None, places)) or _("not settled yet")),
        (_("Kind"), _(drill.kind.label)),
        (_("Unit in charge"), drill.unit.title(reader.language)),
    ]
    if drill.lead:
        rows.append((_("Led by"), ", ".join(filter(None, [drill.lead.name, drill.lead.email]))))
    return rows
