"""What waits in the reader's own name: the next shift, an invitation, actions, what lapses."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.core import due
from drills.exercises.answering import address_of
from drills.exercises.models import Drill, Invitation, Status
from drills.findings.models import TO_DO, CorrectiveAction
from drills.obligations.lists import overdue_number
from drills.obligations.models import Obligation, Standing, SubjectKind
from drills.roster.models import Certificate, Competence, Shift, ShiftOverride
from drills.roster.services.duty import Stretch, duty_of

AHEAD = timedelta(days=60)
"""How far ahead a shift is told, and what lapses."""
_WITH_DRILL = (joinedload(Invitation.drill),)


@dataclass(frozen=True, slots=True)
class Mine:
    shift: Stretch | None
    invitation: Invitation | None
    """The nearest one that has no answer for the time the drill starts now."""
    actions: int
    actions_late: int
    lapsing: int
    """Certificates and assessed skills that end soon."""
    owed: int
    """Obligations of the person that are overdue or due soon."""
    overdue: int
    """Obligations that are overdue of whatever the reader sees; not counted as their work."""

    @property
    def is_empty(self) -> bool:
        counts = self.actions + self.lapsing + self.owed
        return not counts and self.shift is None and self.invitation is None

    @property
    def answer_at(self) -> str:
        return address_of(self.invitation, self.invitation.drill) if self.invitation else ""


def gather(session: Session, person: Person, at: datetime, today: date) -> Mine:
    """One statement says what there is; what there is is fetched."""
    shifts, invitation_id, *counts = session.execute(_counts(person, at, today)).one()
    ahead = duty_of(session, person, at, at + AHEAD) if shifts else []
    asked = session.get(Invitation, invitation_id, options=_WITH_DRILL) if invitation_id else None
    return Mine(ahead[0] if ahead else None, asked, *counts)


def _counts(person: Person, at: datetime, today: date) -> sa.Select[Any]:
    action = sa.and_(CorrectiveAction.owner_id == person.id, CorrectiveAction.state.in_(TO_DO))
    own = sa.and_(
        Obligation.subject_kind == SubjectKind.PERSON,
        Obligation.subject_id == person.id,
        Obligation.state.in_((Standing.OVERDUE, Standing.DUE_SOON)),
    )
    return sa.select(
        _number(Shift, _concerned(person, at)),
        _unanswered(person, at).scalar_subquery(),
        _number(CorrectiveAction, action),
        _number(CorrectiveAction, action & due.is_overdue(CorrectiveAction.due_on, today)),
        _lapsing(Certificate, person, today) + _lapsing(Competence, person, today),
        _number(Obligation, own),
        overdue_number(person).scalar_subquery(),
    )


def _concerned(person: Person, at: datetime) -> sa.ColumnElement[bool]:
    stands_in = sa.select(ShiftOverride.shift_id).where(ShiftOverride.person_id == person.id)
    mine = sa.or_(Shift.person_id == person.id, Shift.id.in_(stands_in))
    return sa.and_(mine, Shift.ends_at > at, Shift.starts_at < at + AHEAD)


def _unanswered(person: Person, at: datetime) -> sa.Select[Any]:
    return (
        sa.select(Invitation.id)
        .join(Invitation.drill)
        .where(Invitation.person_id == person.id, Invitation.revoked_at.is_(None))
        .where(Drill.status == Status.PLANNED, Drill.starts_at > at)
        .where(sa.or_(Invitation.answer.is_(None), Invitation.answered_for != Drill.starts_at))
        .order_by(Drill.starts_at)
        .limit(1)
    )


def _lapsing(model: Any, person: Person, today: date) -> Any:
    soon = due.is_soon(model.expires_on, today, AHEAD.days)
    return _number(model, sa.and_(model.person_id == person.id, soon))


def _number(model: Any, condition: sa.ColumnElement[bool]) -> Any:
    return sa.select(sa.func.count()).select_from(model).where(condition).scalar_subquery()
