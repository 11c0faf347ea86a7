"""Views of a list that people saved: a name for a query, kept for oneself or shared."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import Base, Identified, Name, Prose, Timestamped, fk

REGISTER = "systems"


class SavedView(Identified, Timestamped, Base):
    """``query`` is the query string of the list ``page``, the number of the page left out.

    Of the views of one person at most one ``is_default``: it opens in place of the whole list.
    """

    __tablename__ = "saved_view"
    __table_args__ = (sa.UniqueConstraint("owner_id", "page", "name"),)

    owner_id: Mapped[int] = fk("person.id", ondelete="CASCADE")
    page: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[Name]
    query: Mapped[Prose]
    is_shared: Mapped[bool] = mapped_column(default=False)
    is_default: Mapped[bool] = mapped_column(default=False)

    owner: Mapped[Person] = relationship()

    @property
    def title(self) -> str:
        return self.name

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        return sa.or_(cls.owner_id == person.id, cls.is_shared)


def views_of(session: Session, person: Person, page: str = REGISTER) -> Sequence[SavedView]:
    """Those that ``person`` may open, their own first."""
    query = sa.select(SavedView).where(SavedView.page == page, SavedView.visible_to(person))
    is_other = SavedView.owner_id != person.id
    return session.scalars(query.order_by(is_other, SavedView.name, SavedView.id)).all()
