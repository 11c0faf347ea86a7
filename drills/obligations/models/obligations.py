"""Where each duty stands: derived from the record, never typed in."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from drills.accounts.models import Grant, Person, Role
from drills.core.orm import Base, Identified, fk
from drills.core.text import N_, named
from drills.exercises.models import Drill
from drills.obligations.models.records import PERIOD_MAX
from drills.obligations.models.rules import ObligationRule, SubjectKind
from drills.obligations.models.scope import concerns
from drills.roster.models import Member, TeamRole
from drills.systems.models import InformationSystem
from drills.units.models import Unit


class Standing(StrEnum):
    """The one meaning of these words, for pages, letters, exports, calendars and figures."""

    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    NOT_YET = "not_yet"
    """Never met so far, and there is still time."""
    MET = "met"
    EXEMPT = "exempt"


STANDINGS = named(
    {
        Standing.OVERDUE: N_("Overdue"),
        Standing.DUE_SOON: N_("Due soon"),
        Standing.NOT_YET: N_("Still time"),
        Standing.MET: N_("Met"),
        Standing.EXEMPT: N_("Exempt"),
    }
)


class Obligation(Identified, Base):
    """What one subject owes by one rule. Written by ``services.recompute`` and nothing else.

    ``period`` is the one that is owed, ``2025-12-15/2026-12-14``, in rules that have periods.
    Late is who has not met it by the end of ``late_after``: the due day and its grace; ``due_at``
    is the moment, where hours are counted. ``by_kind`` and ``by_id`` name the very record that met
    it last. ``next_due_on`` None: met once and for all.
    """

    __tablename__ = "obligation"
    __table_args__ = (
        sa.UniqueConstraint("rule_id", "subject_id"),
        sa.Index("ix_obligation_subject", "subject_kind", "subject_id"),
        sa.Index("ix_obligation_state_due", "state", "next_due_on"),
        sa.Index("ix_obligation_by", "by_kind", "by_id"),
    )

    rule_id: Mapped[int] = fk("obligation_rule.id", ondelete="CASCADE")
    subject_kind: Mapped[SubjectKind]
    subject_id: Mapped[int]
    unit_id: Mapped[int] = fk("unit.id")
    period: Mapped[str] = mapped_column(sa.String(PERIOD_MAX), default="")
    last_met_on: Mapped[date | None]
    by_kind: Mapped[str] = mapped_column(sa.String(40), default="")
    by_id: Mapped[int | None]
    next_due_on: Mapped[date | None]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    late_after: Mapped[date | None]
    last_working_day: Mapped[date | None]
    """The last working day that is in time."""
    state: Mapped[Standing]
    updated_at: Mapped[datetime]
    """When it last became something else."""

    rule: Mapped[ObligationRule] = relationship()
    unit: Mapped[Unit] = relationship()

    @property
    def is_late(self) -> bool:
        return self.state is Standing.OVERDUE

    def days_left(self, on: date) -> int | None:
        return None if self.next_due_on is None else (self.next_due_on - on).days

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        seen: sa.ColumnElement[bool] = concerns(
            cls.subject_kind, cls.subject_id, cls.unit_id, person
        )
        return seen


class ObligationMark(Base):
    """How far the trail had come when the obligations were last computed, and on which day."""

    __tablename__ = "obligation_mark"
    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    day: Mapped[date]
    entry_id: Mapped[int]
    """The newest entry of the trail that was heeded."""
    entries: Mapped[int]
    """How many of the entries just before it were there: a transaction may end late."""
    at: Mapped[datetime]


def responsible(on: date) -> sa.Select[int, int]:
    """Who has to see to it, as (obligation_id, person_id): the one rule for all letters.

    The person; the lead of the team or of the drill; who answers for the system; and the officers
    of the unit, for the unit, the organisation and its systems.
    """
    here = Obligation
    parts = (
        _of(SubjectKind.PERSON, Person.id).join(Person, Person.id == here.subject_id),
        _of(SubjectKind.DRILL, Drill.lead_id).join(Drill, Drill.id == here.subject_id),
        _of(SubjectKind.TEAM, Member.person_id).join(
            Member,
            sa.and_(
                Member.team_id == here.subject_id,
                Member.role == TeamRole.LEAD,
                Member.current(on),
            ),
        ),
        _of(SubjectKind.SYSTEM, InformationSystem.responsible_id).join(
            InformationSystem, InformationSystem.id == here.subject_id
        ),
        _officers(),
    )
    found = sa.union(*(part for part in parts)).subquery()
    columns = found.c.obligation_id, found.c.person_id
    return sa.select(*columns).where(found.c.person_id.is_not(None))


def _of(kind: SubjectKind, person_id: Any) -> sa.Select[int, int]:
    columns = Obligation.id.label("obligation_id"), person_id.label("person_id")
    return sa.select(*columns).select_from(Obligation).where(Obligation.subject_kind == kind)


def _officers() -> sa.Select[int, int]:
    kinds = (SubjectKind.UNIT, SubjectKind.ORGANISATION, SubjectKind.SYSTEM)
    at = sa.func.coalesce(Person.scope_id, Person.unit_id) == Obligation.unit_id
    return (
        sa.select(Obligation.id.label("obligation_id"), Person.id.label("person_id"))
        .join(Person, sa.and_(at, Person.active))
        .join(Grant, sa.and_(Grant.person_id == Person.id, Grant.role == Role.UNIT_OFFICER))
        .where(Obligation.subject_kind.in_(kinds))
    )
