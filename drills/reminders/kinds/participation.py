"""Answers to invitations, registration for rounds of a series, the survey after a drill."""

from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from drills.accounts.models import Person
from drills.core.text import N_
from drills.exercises.models import (
    Drill,
    Edition,
    Invitation,
    Participation,
    Round,
    Survey,
    SurveyInvitation,
)
from drills.reminders.kinds.drills import OF_AN_INVITATION, wanted
from drills.reminders.kinds.kind import At, Default, Direction, Kind, LeadUnit, Rows, Until
from drills.reminders.kinds.people import of_unit, one
from drills.units.models import Organisation


def _unanswered(at: At) -> Rows:
    return (
        sa.select(
            Invitation.id,
            Drill.starts_at.label("anchor_at"),
            Drill.time_zone.label("zone"),
            Drill.unit_id,
        )
        .join(Drill, Drill.id == Invitation.drill_id)
        .join(Person, Person.id == Invitation.person_id)
        .where(wanted(at), Invitation.invited_at <= at.settled)
    )


def _leads(_at: At) -> tuple[Rows, ...]:
    query = sa.select(Invitation.id.label("subject_id"), Drill.lead_id.label("person_id"))
    return (query.join(Drill, Drill.id == Invitation.drill_id).where(Drill.lead_id.is_not(None)),)


def _invitation_units() -> Rows:
    query = sa.select(Invitation.id, Drill.unit_id)
    return query.join(Drill, Drill.id == Invitation.drill_id)


def _home() -> sa.ScalarSelect[int]:
    return sa.select(Organisation.root_id).scalar_subquery()


def _editions(_at: At) -> Rows:
    """Those we have not entered."""
    entered = sa.select(Participation.edition_id)
    return sa.select(
        Edition.id, Edition.registration_by.label("anchor_on"), _home().label("unit_id")
    ).where(Edition.registration_by.is_not(None), Edition.id.not_in(entered))


def _rounds(_at: At) -> Rows:
    entered = sa.select(Participation.round_id).where(Participation.round_id.is_not(None))
    return sa.select(
        Round.id, Round.registration_by.label("anchor_on"), _home().label("unit_id")
    ).where(Round.registration_by.is_not(None), Round.id.not_in(entered))


def _asked(at: At) -> Rows:
    """Who has not answered, while the survey is open."""
    is_open = sa.and_(Survey.opened_at <= at.now, Survey.closes_at > at.now)
    return (
        sa.select(
            SurveyInvitation.id,
            Survey.closes_at.label("anchor_at"),
            Drill.time_zone.label("zone"),
            Drill.unit_id,
            SurveyInvitation.invited_at.label("since"),
        )
        .join(Survey, Survey.id == SurveyInvitation.survey_id)
        .join(Drill, Drill.id == Survey.drill_id)
        .where(is_open, ~SurveyInvitation.has_answered)
    )


_REGISTRATION: dict[str, Any] = {
    "endpoint": "exercises.series_show",
    "folder": "registration_deadline",
    "until": Until.AT_ANCHOR,
    "groups": True,
    "defaults": tuple(Default(days, audiences=("role:security_team",)) for days in (14, 3)),
}

PARTICIPATION = (
    Kind(
        key="rsvp_missing",
        label=N_("Answer to an invitation missing"),
        folder="rsvp_missing",
        subjects=_unanswered,
        audiences={
            "invited": one(Invitation.id, Invitation.person_id),
            "lead": _leads,
            **of_unit(_invitation_units, _leads),
        },
        defaults=(
            Default(7, audiences=("invited",)),
            Default(2, audiences=("invited", "lead")),
        ),
        endpoint="exercises.show",
        until=Until.AT_ANCHOR,
        **OF_AN_INVITATION,
    ),
    Kind(
        key="registration_deadline",
        label=N_("Registration for an edition closes"),
        model=Edition,
        place=lambda edition: {"series_id": edition.series_id},
        title=attrgetter("title"),
        subjects=_editions,
        audiences=of_unit(lambda: sa.select(Edition.id, _home().label("unit_id"))),
        **_REGISTRATION,
    ),
    Kind(
        key="round_deadline",
        label=N_("Registration for a round closes"),
        model=Round,
        place=lambda one_round: {"series_id": one_round.edition.series_id},
        title=lambda one_round: f"{one_round.edition.title}, {one_round.title}",
        loads=(joinedload(Round.edition),),
        subjects=_rounds,
        audiences=of_unit(lambda: sa.select(Round.id, _home().label("unit_id"))),
        **_REGISTRATION,
    ),
    Kind(
        key="survey",
        label=N_("Survey after a drill"),
        model=SurveyInvitation,
        endpoint="exercises.show",
        place=lambda asked: {"drill_id": asked.survey.drill_id},
        title=attrgetter("survey.drill.title"),
        loads=(joinedload(SurveyInvitation.survey).joinedload(Survey.drill),),
        folder="survey",
        subjects=_asked,
        audiences={"self": one(SurveyInvitation.id, SurveyInvitation.person_id)},
        defaults=(Default(0, LeadUnit.HOURS, Direction.AFTER, ("self",)),),
        until=Until.AT_ANCHOR,
        is_immediate=True,
        is_personal=True,
        is_optional=True,
    ),
)
