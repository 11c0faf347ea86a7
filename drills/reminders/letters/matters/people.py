"""What asks something of a person: a survey, a contact check, a shift; and what did not arrive."""

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import object_session

from drills.accounts.models import Person
from drills.exercises import answering as answers
from drills.exercises.models import SurveyInvitation
from drills.reminders.letters.matters.matter import Matter
from drills.reminders.letters.reading import Reader, page_address
from drills.reminders.models import Delivery, State
from drills.roster import answering
from drills.roster.models import DUTY_ROLES, ContactAsk, Shift
from drills.web.filters import moment


def survey(delivery: Delivery, asked: SurveyInvitation, reader: Reader) -> Matter:
    drill, is_own = asked.survey.drill, delivery.stands_in_for_id is None
    page = page_address("exercises.show", drill_id=drill.id)
    closes = asked.survey.closes_at
    return Matter(
        title=drill.title,
        code=drill.code,
        url=answers.survey_address(asked) if is_own else page,
        thread=f"drill-{drill.id}",
        facts=[(_("Answer until"), moment(closes, reader.zone))],
        text=asked.survey.introduction,
        is_drill=True,
        more={"is_own": is_own},
    )


def contact_ask(delivery: Delivery, ask: ContactAsk, reader: Reader) -> Matter:
    is_own = delivery.stands_in_for_id is None
    page = page_address("roster.person", person_id=ask.person_id)
    return Matter(
        title=ask.check.name,
        url=answering.address_of(ask) if is_own else page,
        thread=f"contact_check-{ask.check_id}",
        facts=[(_("Answer until"), moment(ask.check.closes_at, reader.zone))],
        more={"is_own": is_own},
    )


def shift(_delivery: Delivery, shift: Shift, reader: Reader) -> Matter:
    facts = [
        (_("Time"), reader.span(shift.starts_at, shift.ends_at)),
        (_("Part"), _(DUTY_ROLES[shift.role])),
    ]
    if shift.note:
        facts.append((_("Remark"), shift.note))
    return Matter(
        title=shift.team.name,
        url=page_address("roster.shift", shift_id=shift.id),
        thread=f"shift-{shift.id}",
        facts=facts,
    )


def undelivered(_delivery: Delivery, person: Person, reader: Reader) -> Matter:
    """The last message that did not reach a person, and why as far as the server said."""
    session = object_session(person)
    assert session
    failed = sa.select(Delivery).where(
        Delivery.person_id == person.id, Delivery.among(State.FAILED)
    )
    last = session.scalars(failed.order_by(Delivery.updated_at.desc()).limit(1)).one_or_none()
    facts = [(_("Person"), person.name), (_("Unit"), person.unit.title(reader.language))]
    if last:
        facts += [
            (_("Address"), last.address),
            (_("Message"), _(last.about.label) if last.about else _("Digest")),
            (_("Answer of the server"), last.error),
        ]
    return Matter(
        title=_("Message that could not be delivered"),
        url=page_address("reminders.index", tab="failed", q=person.email or person.name),
        thread=f"person-{person.id}",
        facts=facts,
        more={"holder": person.name},
    )
