"""Writing the trail. ``origin`` says by which road: web, command, import, job."""

import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.audit.models import Entry, Withheld
from drills.core.orm import NAME_MAX, Base, Identified

origin: ContextVar[str] = ContextVar("origin", default="command")

_SILENT = {
    "created_at",
    "updated_at",
    "version",
    "search",
    "sort",
    "path",
    "password",
    "fs_uniquifier",
    "tf_totp_secret",
    "totp_counter",
    "mf_recovery_codes",
    "last_sign_in_at",
    "register_mark",
    "facts_changed_at",
}


def record(
    session: Session,
    verb: str,
    subject: Identified,
    *,
    by: Person | None,
    changes: dict[str, Any] | None = None,
) -> None:
    """Note that ``by`` (nobody: the program itself) did ``verb`` to ``subject``."""
    session.flush()
    session.add(entry(verb, subject, by=by, changes=changes))
    session.flush()


def entry(
    verb: str, subject: Any, *, by: Person | None, changes: dict[str, Any] | None = None
) -> Entry:
    """The entry itself, for those who write many at once with ``session.add_all``."""
    return Entry(
        actor_id=by.id if by else None,
        actor_name=by.name if by else "",
        verb=verb,
        subject_kind=type(subject).__tablename__,
        subject_id=subject.id,
        subject_name=label(subject)[:NAME_MAX],
        origin=origin.get(),
        changes=changes or {},
    )


def label(subject: Any) -> str:
    parts = (getattr(subject, name, None) for name in ("code", "title", "name"))
    return " ".join(part for part in parts if isinstance(part, str))


@contextmanager
def changing(session: Session, verb: str, subject: Any, *, by: Person | None) -> Iterator[None]:
    """Note what the body of the ``with`` changes; no change, no note; an error, no note.

    Compares before with after, so it does not matter whether a query inside the body
    flushed half of the work.
    """
    before = columns(subject)
    yield
    after = columns(subject)
    changes = {k: [before[k], after[k]] for k in after if before[k] != after[k]}
    if changes:
        record(session, verb, subject, by=by, changes=changes)


def columns(subject: Any) -> dict[str, str]:
    """The audited columns of ``subject`` as text."""
    assert isinstance(subject, Base)
    names = (c.key for c in sa.inspect(type(subject)).column_attrs)
    return {name: _text(getattr(subject, name)) for name in names if name not in _SILENT}


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    return "" if value is None else str(value)


def withhold(session: Session, person: Person, texts: Collection[str]) -> int:
    """Show no longer what was written about ``person`` or with one of ``texts`` in it; how much.

    ``texts`` are the person's name, addresses and numbers as they were.
    """
    about = sa.and_(Entry.subject_kind == Person.__tablename__, Entry.subject_id == person.id)
    written = sa.cast(Entry.changes, sa.Text)
    in_it = (written.contains(json.dumps(text)[1:-1], autoescape=True) for text in texts)
    named = (Entry.subject_name.contains(text, autoescape=True) for text in texts)
    query = sa.select(Entry.id).where(sa.or_(about, *in_it, *named), Entry.is_shown())
    ids = list(session.scalars(query))
    session.add_all(Withheld(entry_id=one) for one in ids)
    session.flush()
    return len(ids)


def history(session: Session, subject: Identified, limit: int = 50) -> Iterable[Entry]:
    """The newest entries on ``subject``, newest first."""
    kind: Any = type(subject)
    return session.scalars(
        sa.select(Entry)
        .where(Entry.subject_kind == kind.__tablename__, Entry.subject_id == subject.id)
        .where(Entry.is_shown())
        .order_by(Entry.id.desc())
        .limit(limit)
    ).all()
