"""Saving the list at hand as a view, and taking a view away."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError, Refused
from drills.core.text import N_
from drills.systems.models.saved import REGISTER, SavedView

QUERY_MAX = 2000


def save_view(
    session: Session,
    name: str,
    query: str,
    *,
    by: Person,
    is_shared: bool = False,
    is_default: bool = False,
) -> SavedView:
    """Save ``query`` as a view of the register; one of the same name is replaced."""
    if not name:
        raise DomainError(N_("Give the view a name."))
    if len(query) > QUERY_MAX:
        raise DomainError(N_("This list is narrowed in too many ways to be saved."))
    same = sa.select(SavedView).where(
        SavedView.owner_id == by.id, SavedView.page == REGISTER, SavedView.name == name
    )
    if is_default:
        _unset_default(session, by)
    view = session.scalars(same).one_or_none()
    verb = "revised" if view else "created"
    view = view or SavedView(owner_id=by.id, page=REGISTER, name=name)
    view.query, view.is_shared, view.is_default = query, is_shared, is_default
    session.add(view)
    session.flush()
    audit.record(session, verb, view, by=by)
    return view


def _unset_default(session: Session, person: Person) -> None:
    session.execute(
        sa.update(SavedView)
        .where(SavedView.owner_id == person.id, SavedView.page == REGISTER)
        .values(is_default=False)
    )


def delete_view(session: Session, view: SavedView, *, by: Person) -> None:
    """Refused unless it is one's own."""
    if view.owner_id != by.id:
        raise Refused(N_("This view belongs to somebody else."))
    audit.record(session, "deleted", view, by=by)
    session.delete(view)
    session.flush()
