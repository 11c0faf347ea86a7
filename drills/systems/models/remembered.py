"""What has been counted once and holds until the register changes.

Whoever changes a system, a unit or a decision writes a new mark beside the organisation, as the
last act of their transaction; whoever counts looks at the mark first. Answers are kept in this
process only.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.orm.util import identity_key

from drills.systems.models.decisions import Decision
from drills.systems.models.record import InformationSystem
from drills.units.models import Organisation, Tier, Unit

T = TypeVar("T")
WEIGHT_MAX = 2_000_000
"""So many ids or counts are kept for one database, the last used; some 16 MB."""
_WATCHED = (InformationSystem, Decision, Unit, Tier, Organisation)
_CHANGED = "register_changed"


class _Memory:
    def __init__(self) -> None:
        self.lock = Lock()
        self.found: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self.weight = 0

    def get(self, key: Hashable) -> tuple[Any, int] | None:
        with self.lock:
            if key in self.found:
                self.found.move_to_end(key)
            return self.found.get(key)

    def put(self, key: Hashable, value: Any, weight: int) -> None:
        with self.lock:
            if key in self.found:
                return
            self.found[key] = value, weight
            self.weight += weight
            while self.weight > WEIGHT_MAX and len(self.found) > 1:
                _key, (_value, lost) = self.found.popitem(last=False)
                self.weight -= lost


_memories: WeakKeyDictionary[Any, _Memory] = WeakKeyDictionary()


def _little(_answer: object) -> int:
    return 50


def remembered(
    session: Session,
    key: Hashable,
    count: Callable[[], T],
    weigh: Callable[[T], int] = _little,
) -> T:
    """What ``count`` answers, asked again only after the register has changed.

    ``key`` holds all that the answer depends on; nobody may change the answer. ``weigh`` says how
    much of WEIGHT_MAX it takes.
    """
    home = session.get(Organisation, 1)
    if home is None or session.info.get(_CHANGED):
        return count()
    memory = _memories.setdefault(session.get_bind().engine, _Memory())
    whole = (home.register_mark, key)
    known = memory.get(whole)
    if known is not None:
        answer: T = known[0]
        return answer
    answer = count()
    if not session.info.get(_CHANGED):
        memory.put(whole, answer, weigh(answer))
    return answer


def was_asked(session: Session, key: Hashable) -> bool:
    """Whether somebody has asked this since the register changed; from now on somebody has."""
    seen: list[bool] = []
    remembered(session, ("asked", key), lambda: seen.append(True))
    return not seen


@event.listens_for(Session, "after_flush")
def _notice(session: Session, _context: object) -> None:
    touched = (*session.new, *session.dirty, *session.deleted)
    if any(isinstance(thing, _WATCHED) for thing in touched):
        session.info[_CHANGED] = True


@event.listens_for(Session, "do_orm_execute")
def _notice_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        target = state.bind_mapper.class_ if state.bind_mapper else None
        if target is None or issubclass(target, _WATCHED):
            state.session.info[_CHANGED] = True


@event.listens_for(Session, "before_commit")
def _write_mark(session: Session) -> None:
    """Last of all, so that nobody who waits for this row holds another that we want."""
    if session.in_nested_transaction():
        return
    session.flush()
    if session.info.get(_CHANGED):
        table = sa.inspect(Organisation).local_table
        mark = {"register_mark": secrets.token_hex(16)}
        session.connection().execute(sa.update(table).values(mark))  # type: ignore[arg-type]
        _look_again(session)


def _look_again(session: Session) -> None:
    """Let the mark be read anew, by sessions too that go on after they have committed."""
    home = session.identity_map.get(identity_key(Organisation, 1))
    if home is not None:
        session.expire(home, ["register_mark"])


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(_CHANGED, None)
        _look_again(session)
