"""Drills ahead, what became of them, and letters of invitation."""

from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from drills.accounts.models import Person
from drills.core.text import N_
from drills.exercises.models import Drill, DrillPerson, DrillTeam, Invitation, Status
from drills.reminders.kinds.kind import At, Default, Direction, Kind, LeadUnit, Rows, Until
from drills.reminders.kinds.ledger import LEDGER
from drills.reminders.kinds.people import of_unit
from drills.roster.models import Member, Team

HOURS, AFTER = LeadUnit.HOURS, Direction.AFTER
CALLED_OFF = (Status.CANCELLED, Status.POSTPONED)
ABOUT_DRILLS = ("drill", "drill_changed", "drill_off", "drill_left")
"""Kinds whose subject is the drill itself."""


def _drills(*conditions: Any) -> Rows:
    columns = (Drill.id, Drill.starts_at.label("anchor_at"), Drill.time_zone.label("zone"))
    return sa.select(*columns, Drill.unit_id).where(*conditions)


def _called_off(at: At) -> Rows:
    return _drills(Drill.status.in_(CALLED_OFF), Drill.starts_at > at.now)


def _ahead(at: At) -> Rows:
    return _drills(Drill.status == Status.PLANNED, Drill.starts_at > at.now)


def leads(_at: At) -> tuple[Rows, ...]:
    query = sa.select(Drill.id.label("subject_id"), Drill.lead_id.label("person_id"))
    return (query.where(Drill.lead_id.is_not(None)),)


def participants(at: At) -> tuple[Rows, ...]:
    """Those named in the drill, and the current members of its teams."""
    named = sa.select(DrillPerson.drill_id.label("subject_id"), DrillPerson.person_id)
    lasts = sa.or_(Team.active_to.is_(None), Team.active_to >= at.today)
    teams = (
        sa.select(DrillTeam.drill_id.label("subject_id"), Member.person_id)
        .join(Member, Member.team_id == DrillTeam.team_id)
        .join(Team, Team.id == Member.team_id)
        .where(Member.current(at.today), lasts)
    )
    return named, teams


def _concerned(at: At, drill_id: Any, person_id: Any) -> sa.ColumnElement[bool]:
    every = (*leads(at), *participants(at))
    return sa.or_(
        *(
            query.where(
                query.selected_columns.subject_id == drill_id,
                query.selected_columns.person_id == person_id,
            )
            .correlate_except(*query.get_final_froms())
            .exists()
            for query in every
        )
    )


def _last_words(at: At) -> Any:
    """The last message that reached each person about each drill not yet over."""
    told = LEDGER.alias("told")
    direct = sa.select(
        told.c.subject_id,
        told.c.person_id,
        told.c.kind,
        told.c.anchor_at,
        told.c.id,
        told.c.sent_at,
    ).where(told.c.kind.in_(ABOUT_DRILLS), told.c.state == "sent")
    invited = LEDGER.alias("asked")
    letters = (
        sa.select(
            Invitation.drill_id,
            invited.c.person_id,
            invited.c.kind,
            invited.c.anchor_at,
            invited.c.id,
            invited.c.sent_at,
        )
        .join(Invitation, Invitation.id == invited.c.subject_id)
        .where(invited.c.kind == "invitation", invited.c.state == "sent")
    )
    current = sa.or_(Drill.starts_at > at.now, Drill.status == Status.PLANNED)
    every = sa.union_all(direct, letters).subquery("word")
    place = sa.func.row_number().over(
        partition_by=(every.c.subject_id, every.c.person_id),
        order_by=(every.c.sent_at.desc(), every.c.id.desc()),
    )
    ranked = (
        sa.select(every, place.label("place"))
        .where(every.c.subject_id.in_(sa.select(Drill.id).where(current)))
        .subquery()
    )
    return sa.select(ranked).where(ranked.c.place == 1).subquery("last_word")


def _told(*conditions: Any, last: Any) -> tuple[Rows, ...]:
    query = sa.select(last.c.subject_id, last.c.person_id, last.c.id.label("round"))
    return (query.join(Drill, Drill.id == last.c.subject_id).where(*conditions),)


def _told_otherwise(at: At) -> tuple[Rows, ...]:
    """Those who know another date, or that it is off; but who is asked anew learns it so."""
    last = _last_words(at)
    other = sa.or_(
        last.c.anchor_at != Drill.starts_at, last.c.kind.in_(("drill_off", "drill_left"))
    )
    asked = sa.select(1).where(
        Invitation.drill_id == last.c.subject_id,
        Invitation.person_id == last.c.person_id,
        Person.id == last.c.person_id,
        wanted(at),
    )
    concerned = _concerned(at, last.c.subject_id, last.c.person_id)
    return _told(other, concerned, ~asked.correlate(last, Drill).exists(), last=last)


def _told_it_stands(at: At) -> tuple[Rows, ...]:
    last = _last_words(at)
    return _told(last.c.kind.not_in(("drill_off", "drill_left")), last=last)


def _told_and_gone(at: At) -> tuple[Rows, ...]:
    last = _last_words(at)
    invited = sa.select(1).where(
        Invitation.drill_id == last.c.subject_id,
        Invitation.person_id == last.c.person_id,
        Invitation.revoked_at.is_(None),
    )
    gone = ~sa.or_(
        _concerned(at, last.c.subject_id, last.c.person_id), invited.correlate(last).exists()
    )
    return _told(last.c.kind != "drill_left", gone, last=last)


def wanted(at: At) -> sa.ColumnElement[bool]:
    """Whether an invited person is to be written to: about a Drill, an Invitation, a Person."""
    return sa.and_(
        Drill.status == Status.PLANNED,
        Drill.starts_at > at.now,
        Invitation.revoked_at.is_(None),
        sa.or_(Invitation.answer.is_(None), Invitation.answered_for != Drill.starts_at),
        Person.email.is_not(None),
    )


def _invitations(at: At) -> Rows:
    """Whoever answered for the day as it stands needs none. One invited anew gets a new letter."""
    return (
        sa.select(
            Invitation.id,
            Drill.starts_at.label("anchor_at"),
            Drill.time_zone.label("zone"),
            Drill.unit_id,
            Invitation.invited_at.label("since"),
        )
        .join(Drill, Drill.id == Invitation.drill_id)
        .join(Person, Person.id == Invitation.person_id)
        .where(wanted(at), Invitation.invited_at <= at.now)
    )


def _invited(_at: At) -> tuple[Rows, ...]:
    return (sa.select(Invitation.id.label("subject_id"), Invitation.person_id),)


_PEOPLE = ("lead", "participants")
_OF_A_DRILL: dict[str, Any] = {
    "model": Drill,
    "endpoint": "exercises.show",
    "place": lambda drill: {"drill_id": drill.id},
    "title": attrgetter("title"),
    "loads": (joinedload(Drill.unit), joinedload(Drill.lead)),
    "until": Until.AT_ANCHOR,
    "is_event": True,
}
_AT_ONCE = {**_OF_A_DRILL, "is_immediate": True}
OF_AN_INVITATION: dict[str, Any] = {
    "model": Invitation,
    "place": lambda invitation: {"drill_id": invitation.drill_id},
    "title": attrgetter("drill.title"),
    "loads": (joinedload(Invitation.drill).options(*_OF_A_DRILL["loads"]),),
}
_NOW = (Default(0, HOURS, AFTER, ("told",)),)

DRILLS = (
    Kind(
        key="drill",
        label=N_("Drill ahead"),
        folder="drill_upcoming",
        subjects=_ahead,
        audiences={
            "lead": leads,
            "participants": participants,
            **of_unit(lambda: sa.select(Drill.id, Drill.unit_id), leads),
        },
        defaults=(
            *(Default(days, audiences=_PEOPLE) for days in (30, 7, 1)),
            Default(1, HOURS, audiences=_PEOPLE),
        ),
        **_OF_A_DRILL,
    ),
    Kind(
        key="drill_changed",
        label=N_("Drill moved"),
        folder="drill_changed",
        subjects=_ahead,
        audiences={"told": _told_otherwise},
        defaults=_NOW,
        covers=frozenset({"drill"}),
        **_AT_ONCE,
    ),
    Kind(
        key="drill_off",
        label=N_("Drill called off"),
        folder="drill_off",
        subjects=_called_off,
        audiences={"told": _told_it_stands},
        defaults=_NOW,
        **_AT_ONCE,
    ),
    Kind(
        key="drill_left",
        label=N_("No longer part of a drill"),
        folder="drill_left",
        subjects=_ahead,
        audiences={"told": _told_and_gone},
        defaults=_NOW,
        **_AT_ONCE,
    ),
    Kind(
        key="invitation",
        label=N_("Invitation to a drill"),
        folder="drill_invitation",
        subjects=_invitations,
        audiences={"invited": _invited},
        defaults=(Default(0, HOURS, AFTER, ("invited",)),),
        is_personal=True,
        **_AT_ONCE | OF_AN_INVITATION,
    ),
)
