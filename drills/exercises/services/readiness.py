"""Whether a drill may start: what has been seen to, and the decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from drills.accounts.models import Person
from drills.audit import services as audit
from drills.core.errors import DomainError, NotAllowedNow
from drills.core.text import N_
from drills.exercises.kinds import READINESS_ITEMS, ReadinessKind
from drills.exercises.models import (
    Drill,
    Go,
    GoDecision,
    Readiness,
    ReadinessItem,
    SafetyRecord,
)

OWN = "own-"


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the list. ``is_told``: the safety record says it, nobody ticks it.

    ``label`` is a msgid for a known item and somebody's own words for one the drill added.
    """

    key: str
    label: str
    state: Readiness
    is_own: bool = False
    is_told: bool = False
    note: str = ""
    done_by: str = ""
    done_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state is Readiness.OPEN


def safety_of(session: Session, drill: Drill) -> SafetyRecord | None:
    return session.scalars(
        sa.select(SafetyRecord)
        .where(SafetyRecord.drill_id == drill.id)
        .options(joinedload(SafetyRecord.authorisation_file))
    ).one_or_none()


def tasks(session: Session, drill: Drill, safety: SafetyRecord | None) -> list[Task]:
    """The whole list: what every drill of this kind needs, then what this one adds."""
    query = sa.select(ReadinessItem).where(ReadinessItem.drill_id == drill.id)
    rows = session.scalars(query.order_by(*_ORDER).options(joinedload(ReadinessItem.done_by)))
    return _list(drill, rows.all(), safety)


def whole_list(session: Session, drill: Drill) -> list[Task]:
    """As ``tasks``, in one statement with the safety record."""
    query = (
        sa.select(ReadinessItem, SafetyRecord)
        .select_from(Drill)
        .outerjoin(ReadinessItem, ReadinessItem.drill_id == Drill.id)
        .outerjoin(SafetyRecord, SafetyRecord.drill_id == Drill.id)
        .where(Drill.id == drill.id)
        .order_by(*_ORDER)
        .options(joinedload(ReadinessItem.done_by))
    )
    rows = session.execute(query).all()
    return _list(drill, [item for item, _safety in rows if item], rows[0][1])


_ORDER = (ReadinessItem.position, ReadinessItem.id)


def _list(drill: Drill, rows: Sequence[ReadinessItem], safety: SafetyRecord | None) -> list[Task]:
    stored = {row.key: row for row in rows}
    known = [
        _task(kind, stored.get(kind.key), safety)
        for kind in READINESS_ITEMS.values()
        if drill.kind.is_live or not kind.is_live
    ]
    return known + [_written(row.text, row, is_own=True) for row in rows if _is_own(row.key)]


def _task(kind: ReadinessKind, row: ReadinessItem | None, safety: SafetyRecord | None) -> Task:
    if kind.told_by:
        is_done = safety is not None and all(getattr(safety, name) for name in kind.told_by)
        return Task(
            kind.key, kind.label, Readiness.DONE if is_done else Readiness.OPEN, is_told=True
        )
    return _written(kind.label, row) if row else Task(kind.key, kind.label, Readiness.OPEN)


def _written(label: str, row: ReadinessItem, *, is_own: bool = False) -> Task:
    by = row.done_by.name if row.done_by else ""
    return Task(row.key, label, row.state, is_own, note=row.note, done_by=by, done_at=row.done_at)


def _is_own(key: str) -> bool:
    return key.startswith(OWN)


def add_task(session: Session, drill: Drill, text: str, *, by: Person | None) -> ReadinessItem:
    refuse_over(drill)
    query = sa.select(ReadinessItem.key).where(ReadinessItem.drill_id == drill.id)
    numbers = [int(key.removeprefix(OWN)) for key in session.scalars(query) if _is_own(key)]
    number = max(numbers, default=0) + 1
    row = ReadinessItem(drill=drill, key=f"{OWN}{number}", text=text, position=number)
    session.add(row)
    audit.record(session, "readiness_added", drill, by=by, changes={"text": ["", text]})
    return row


def note(
    session: Session,
    drill: Drill,
    said: Mapping[str, tuple[Readiness, str]],
    *,
    by: Person | None,
    at: datetime,
) -> int:
    """Note state and remark of tasks by their keys; how many changed."""
    refuse_over(drill)
    query = sa.select(ReadinessItem).where(ReadinessItem.drill_id == drill.id)
    stored = {row.key: row for row in session.scalars(query)}
    changes: dict[str, list[str]] = {}
    for key, (state, remark) in said.items():
        kind = READINESS_ITEMS.get(key)
        if kind is None and key not in stored:
            raise DomainError(N_("This task is not on the list any more."))
        if kind and kind.told_by:
            continue
        row = stored.get(key) or ReadinessItem(drill=drill, key=key, state=Readiness.OPEN)
        if (row.state, row.note or "") == (state, remark):
            continue
        changes[kind.label if kind else row.text] = [row.state.value, state.value]
        _write(row, state, remark, by, at)
        session.add(row)
    if changes:
        audit.record(session, "readiness_noted", drill, by=by, changes=changes)
    return len(changes)


def _write(
    row: ReadinessItem, state: Readiness, remark: str, by: Person | None, at: datetime
) -> None:
    if row.state is not state:
        is_open = state is Readiness.OPEN
        row.done_by, row.done_at = (None, None) if is_open else (by, at)
    row.state, row.note = state, remark


def decisions(session: Session, drill: Drill) -> Sequence[GoDecision]:
    """The decisions whether to start, the newest first: that one counts."""
    query = sa.select(GoDecision).where(GoDecision.drill_id == drill.id)
    newest_first = query.order_by(GoDecision.id.desc())
    return session.scalars(newest_first.options(joinedload(GoDecision.decided_by))).all()


def decide(
    session: Session, drill: Drill, answer: Go, reason: str, *, by: Person | None, at: datetime
) -> GoDecision:
    """Go or no-go. No-go needs a reason, and so does go while something is missing."""
    refuse_over(drill)
    lacking = missing(session, drill)
    if answer is Go.NO_GO and not reason:
        raise DomainError(N_("Say why the drill may not start."))
    if answer is Go.GO and lacking and not reason:
        raise DomainError(
            N_("Say why the drill may start although something is missing: %(what)s"),
            what="; ".join(lacking),
        )
    decision = GoDecision(
        drill_id=drill.id, answer=answer, reason=reason, decided_at=at, decided_by=by
    )
    session.add(decision)
    told = {"answer": ["", answer.value], "reason": ["", reason]}
    audit.record(session, "go_decided", drill, by=by, changes=told)
    return decision


def missing(session: Session, drill: Drill) -> list[str]:
    """What a live-fire drill may not start without, and lacks: msgids; none for other kinds."""
    if not drill.kind.is_live:
        return []
    safety = safety_of(session, drill)
    told = [_task(kind, None, safety) for kind in READINESS_ITEMS.values() if kind.told_by]
    return [task.label for task in told if task.is_open]


def refuse_start(session: Session, drill: Drill) -> None:
    """Stop a drill from starting on a no-go, or live-fire without what protects the systems.

    A go with a reason, decided in full view of what is missing, lets it start all the same.
    """
    decision = next(iter(decisions(session, drill)), None)
    if decision and decision.answer is Go.NO_GO:
        raise NotAllowedNow(
            N_("The decision is no-go: %(reason)s Decide anew before the drill starts."),
            reason=decision.reason,
        )
    lacking = missing(session, drill)
    if lacking and not (decision and decision.reason):
        raise NotAllowedNow(
            N_(
                "Live-fire may not start yet: %(first)s is missing, and %(more)s more. "
                "Complete the safety record, or decide go with a reason."
            )
            if len(lacking) > 1
            else N_(
                "Live-fire may not start yet. Missing: %(first)s. "
                "Complete the safety record, or decide go with a reason."
            ),
            first=lacking[0],
            more=len(lacking) - 1,
        )


def refuse_over(drill: Drill) -> None:
    if drill.is_done or drill.is_closed:
        raise NotAllowedNow(N_("The drill is over: its readiness no longer changes."))
