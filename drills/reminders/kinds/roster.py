"""People of the roster: certificates, contact checks, shifts."""

from operator import attrgetter

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from drills.accounts.models import Person
from drills.core.text import N_
from drills.reminders.kinds.kind import At, Default, Direction, Kind, LeadUnit, Rows, Until
from drills.reminders.kinds.people import of_unit, one
from drills.roster.models import (
    Certificate,
    ContactAsk,
    ContactCheck,
    Rota,
    Shift,
    Team,
)
from drills.roster.services.duty import keeper_at


def _certificates(_at: At) -> Rows:
    query = sa.select(Certificate.id, Certificate.expires_on.label("anchor_on"), Person.unit_id)
    query = query.join(Person, Person.id == Certificate.person_id)
    return query.where(Certificate.expires_on.is_not(None), Person.removed_at.is_(None))


def _certificate_units() -> Rows:
    query = sa.select(Certificate.id, Person.unit_id)
    return query.join(Person, Person.id == Certificate.person_id)


def _asks(at: At) -> Rows:
    """Each letter of a check is a round of its own."""
    return (
        sa.select(
            ContactAsk.id,
            ContactAsk.ask_at.label("anchor_at"),
            ContactCheck.unit_id,
            ContactAsk.ask_at.label("since"),
        )
        .join(ContactCheck, ContactCheck.id == ContactAsk.check_id)
        .join(Person, Person.id == ContactAsk.person_id)
        .where(ContactAsk.ask_at <= at.now, ContactAsk.to_be_asked(at.now))
    )


def _shifts(at: At) -> Rows:
    return (
        sa.select(
            Shift.id,
            Shift.starts_at.label("anchor_at"),
            Rota.time_zone.label("zone"),
            Team.unit_id,
        )
        .join(Team, Team.id == Shift.team_id)
        .join(Rota, Rota.team_id == Shift.team_id, isouter=True)
        .where(Shift.starts_at > at.now)
    )


def _shift_units() -> Rows:
    return sa.select(Shift.id, Team.unit_id).join(Team, Team.id == Shift.team_id)


def _on_duty(_at: At) -> tuple[Rows, ...]:
    """Who begins the shift."""
    who = keeper_at(Shift.starts_at).label("person_id")
    return (sa.select(Shift.id.label("subject_id"), who),)


ROSTER = (
    Kind(
        key="certificate_expiring",
        label=N_("Certificate expires"),
        folder="certificate_expiring",
        model=Certificate,
        endpoint="roster.person",
        place=lambda certificate: {"person_id": certificate.person_id},
        title=lambda certificate: f"{certificate.name}, {certificate.person.name}",
        loads=(joinedload(Certificate.person),),
        subjects=_certificates,
        audiences={
            "self": one(Certificate.id, Certificate.person_id),
            **of_unit(_certificate_units),
        },
        defaults=(
            Default(60, audiences=("self",)),
            Default(14, audiences=("self", "unit_officers")),
        ),
        groups=True,
    ),
    Kind(
        key="contact_ask",
        label=N_("Contact check"),
        folder="contact_ask",
        model=ContactAsk,
        endpoint="roster.person",
        place=lambda ask: {"person_id": ask.person_id},
        title=attrgetter("check.name"),
        loads=(joinedload(ContactAsk.check), joinedload(ContactAsk.person)),
        subjects=_asks,
        audiences={"self": one(ContactAsk.id, ContactAsk.person_id)},
        defaults=(Default(0, LeadUnit.HOURS, Direction.AFTER, ("self",)),),
        is_immediate=True,
        is_personal=True,
    ),
    Kind(
        key="shift",
        label=N_("Shift begins"),
        folder="shift",
        model=Shift,
        endpoint="roster.shift",
        place=lambda shift: {"shift_id": shift.id},
        title=attrgetter("team.name"),
        loads=(joinedload(Shift.team), joinedload(Shift.person)),
        subjects=_shifts,
        audiences={"self": _on_duty, **of_unit(_shift_units)},
        defaults=(Default(1, audiences=("self",)), Default(2, LeadUnit.HOURS, audiences=("self",))),
        until=Until.AT_ANCHOR,
        is_event=True,
    ),
)
