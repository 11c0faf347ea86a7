"""A file as it came: its pages, what its columns are taken for, and mappings that are kept."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.core import tabular
from drills.core.errors import DomainError
from drills.core.orm import NAME_MAX
from drills.core.tabular import Page
from drills.core.text import N_
from drills.exercises.models import MselMapping
from drills.exercises.services.msel import cexf, layout
from drills.exercises.services.msel.details import InjectDetails
from drills.exercises.services.msel.known import Known
from drills.exercises.services.msel.layout import Layout
from drills.exercises.services.msel.plans import Change
from drills.exercises.services.msel.sheets import text_of
from drills.exercises.services.msel.times import write_due


@dataclass(frozen=True, slots=True)
class Received:
    filename: str
    pages: Sequence[Page]
    layout: Layout
    is_document: bool = False

    @property
    def unread(self) -> list[str]:
        """The names of the sheets that hold no list."""
        return [p.name for n, p in enumerate(self.pages) if n != self.layout.page and p.name]

    def meaning(self, meanings: Sequence[str]) -> "Received":
        """The same with other meanings of its columns. Those of a document are fixed."""
        if self.is_document:
            return self
        return replace(self, layout=layout.with_meanings(self.layout, meanings))

    def shown(self, known: Known, change: Change, key: str) -> tuple[str, str]:
        """Before and after of one field that a change changes."""
        return _text(known, change.before, key), _text(known, change.details, key)


def receive(
    known: Known,
    data: bytes,
    filename: str,
    *,
    limit: int,
    saved: Mapping[str, str] | None = None,
    **asked: Any,
) -> Received:
    """Read a sheet, or a CEXF document, whose first letter gives it away. DomainError if hopeless.

    ``asked`` may name ``page`` and ``header``, where the person knows better.
    """
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        pages, fixed = cexf.load(data, filename, known)
        return Received(filename, pages, fixed, is_document=True)
    pages = tabular.pages(io.BytesIO(data), filename, limit=limit)
    return Received(filename, pages, layout.find(pages, known.columns, saved, **asked))


def remember(session: Session, person: Person, name: str, found: Layout) -> MselMapping:
    """Keep what the columns mean under a name; the same name again replaces it."""
    if not name or len(name) > NAME_MAX:
        raise DomainError(N_("Give the meaning of the columns a name of up to 300 characters."))
    query = sa.select(MselMapping).where(
        MselMapping.owner_id == person.id, MselMapping.name == name
    )
    mapping = session.scalars(query).one_or_none() or MselMapping(name=name, owner_id=person.id)
    mapping.mapping = found.as_mapping()
    session.add(mapping)
    session.flush()
    return mapping


def _text(known: Known, details: InjectDetails, key: str) -> str:
    if key.startswith("column:"):
        return details.extra.get(key.removeprefix("column:"), "")
    if key in {"offset_seconds", "planned_at"}:
        return write_due(details.offset_seconds, details.planned_at, known.frame)
    return text_of(details, key, known.frame, "; ".join(details.sides))
