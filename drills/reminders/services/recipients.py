"""Whom a drill's reminders are for, as queries: nobody is looked up one by one."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.core.orm import UtcDateTime
from drills.exercises.models import Drill, DrillPerson, DrillTeam, Invitation, Status
from drills.reminders.models import Delivery, ReminderRule
from drills.roster.models import Member, Team
from drills.units.models import Organisation

_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Slot:
    """One rule applied to one drill: the moment it falls due. ``head`` and ``tail`` of the key
    go before and after the person's id.
    """

    drill_id: int
    rule_id: int
    anchor_at: datetime
    due_at: datetime
    head: str
    tail: str

    @classmethod
    def of(cls, drill: Any, rule: ReminderRule) -> "Slot":
        due = rule.due_at(drill.starts_at, ZoneInfo(drill.time_zone))
        tail = f":{int(drill.starts_at.timestamp())}"
        return cls(drill.id, rule.id, drill.starts_at, due, f"drill:{drill.id}:{rule.id}:", tail)


_NONE = Slot(0, 0, _NEVER, _NEVER, "", "")


def table_of(slots: Sequence[Slot]) -> sa.CTE:
    """The slots as a table to join; none are one row that joins nothing."""
    columns = (
        sa.column("drill_id", sa.Integer),
        sa.column("rule_id", sa.Integer),
        sa.column("anchor_at", UtcDateTime),
        sa.column("due_at", UtcDateTime),
        sa.column("head", sa.String),
        sa.column("tail", sa.String),
    )
    rows = [astuple(slot) for slot in slots or [_NONE]]
    return sa.values(*columns, name="slot").data(rows).cte("slots")


def today(session: Session, at: datetime) -> date:
    """The day ``at`` falls on where the organisation is."""
    home = session.get(Organisation, 1)
    return at.astimezone(ZoneInfo(home.time_zone if home else "Asia/Ho_Chi_Minh")).date()


def _current(on: date) -> sa.ColumnElement[bool]:
    """Whether a membership, and its team, last on this day."""
    team = sa.or_(Team.active_to.is_(None), Team.active_to >= on)
    return sa.and_(Member.current(on), Member.team_id == Team.id, team)


def _concerned(on: date) -> sa.Subquery:
    """(drill, person, leads, joins): everybody whom a drill concerns, each once."""
    leads = sa.select(
        Drill.id.label("drill_id"),
        Drill.lead_id.label("person_id"),
        sa.literal(1).label("leads"),
        sa.literal(0).label("joins"),
    ).where(Drill.lead_id.is_not(None))
    joins = sa.select(DrillPerson.drill_id, DrillPerson.person_id, sa.literal(0), sa.literal(1))
    teams = (
        sa.select(DrillTeam.drill_id, Member.person_id, sa.literal(0), sa.literal(1))
        .join(Member, Member.team_id == DrillTeam.team_id)
        .join(Team, Team.id == Member.team_id)
        .where(_current(on))
    )
    every = sa.union_all(leads, joins, teams).subquery()
    return (
        sa.select(
            every.c.drill_id,
            every.c.person_id,
            sa.func.max(every.c.leads).label("leads"),
            sa.func.max(every.c.joins).label("joins"),
        )
        .group_by(every.c.drill_id, every.c.person_id)
        .subquery()
    )


def reminded(slots: Sequence[Slot], on: date) -> sa.Subquery:
    """(drill_id, rule_id, person_id, leads, anchor_at, due_at, key, rank): who gets what.

    ``rank`` 1 is the reminder of one drill and person that falls due last.
    """
    slot, concerned = table_of(slots), _concerned(on)
    applies = sa.or_(
        sa.and_(ReminderRule.for_lead, concerned.c.leads == 1),
        sa.and_(ReminderRule.for_participants, concerned.c.joins == 1),
    )
    return (
        sa.select(
            slot.c.drill_id,
            slot.c.rule_id,
            concerned.c.person_id,
            concerned.c.leads,
            slot.c.anchor_at,
            slot.c.due_at,
            Person.email.label("address"),
            (slot.c.head + sa.cast(Person.id, sa.String) + slot.c.tail).label("key"),
            sa.func.row_number()
            .over(
                partition_by=(slot.c.drill_id, concerned.c.person_id),
                order_by=(slot.c.due_at.desc(), slot.c.rule_id),
            )
            .label("rank"),
        )
        .join(concerned, concerned.c.drill_id == slot.c.drill_id)
        .join(ReminderRule, ReminderRule.id == slot.c.rule_id)
        .join(Person, Person.id == concerned.c.person_id)
        .where(applies, Person.email.is_not(None))
        .subquery()
    )


def stands(on: date, now: datetime) -> sa.ColumnElement[bool]:
    """Whether a delivery is still wanted: what it was planned for is as it was then."""
    return sa.or_(_reminder_stands(on), _invitation_stands(now))


def wanted(now: datetime) -> sa.ColumnElement[bool]:
    """Whether an invited person is to be written to: about a Drill, an Invitation, a Person."""
    return sa.and_(
        Drill.status == Status.PLANNED,
        Drill.starts_at > now,
        Invitation.revoked_at.is_(None),
        sa.or_(Invitation.answer.is_(None), Invitation.answered_for != Drill.starts_at),
        Person.email.is_not(None),
    )


def _invitation_stands(now: datetime) -> sa.ColumnElement[bool]:
    return (
        sa.select(1)
        .where(
            Invitation.id == Delivery.invitation_id,
            Drill.id == Delivery.drill_id,
            Drill.starts_at == Delivery.anchor_at,
            Delivery.due_at >= Invitation.invited_at,
            Person.id == Delivery.person_id,
            wanted(now),
        )
        .correlate(Delivery)
        .exists()
    )


def _reminder_stands(on: date) -> sa.ColumnElement[bool]:
    """Drill, time, rule and person are as when planned."""
    in_team = (
        sa.select(1)
        .where(
            DrillTeam.drill_id == Delivery.drill_id,
            DrillTeam.team_id == Member.team_id,
            Member.person_id == Delivery.person_id,
            _current(on),
        )
        .correlate(Delivery)
    )
    in_person = (
        sa.select(1)
        .where(
            DrillPerson.drill_id == Delivery.drill_id,
            DrillPerson.person_id == Delivery.person_id,
        )
        .correlate(Delivery)
    )
    takes_part = sa.or_(in_person.exists(), in_team.exists())
    applies = sa.or_(
        sa.and_(ReminderRule.for_lead, Drill.lead_id == Delivery.person_id),
        sa.and_(ReminderRule.for_participants, takes_part),
    )
    return (
        sa.select(1)
        .where(
            Drill.id == Delivery.drill_id,
            Drill.status == Status.PLANNED,
            Drill.starts_at == Delivery.anchor_at,
            ReminderRule.id == Delivery.rule_id,
            ReminderRule.is_active,
            Person.id == Delivery.person_id,
            Person.email.is_not(None),
            applies,
        )
        .correlate(Delivery)
        .exists()
    )
