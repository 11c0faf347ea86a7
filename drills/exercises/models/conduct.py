"""The drill while it runs: its clock, and the log that can only grow.

What came of an inject (detected after, contained after) is not stored: it is read from the log.
A drill recorded afterwards is entered the same way: clock events, releases and entries with the
times they had (``at`` in the past, ``is_afterwards``), so that one rule gives all results.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from drills.accounts.models import Person
from drills.core.orm import Base, Identified, Prose, fk
from drills.core.text import N_, named
from drills.exercises.models.drills import Drill
from drills.exercises.models.injects import Inject, InjectStatus
from drills.exercises.models.participants import Side


class ClockAct(StrEnum):
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"


CLOCK_ACTS = named(
    {
        ClockAct.START: N_("Start of the exercise (STARTEX)"),
        ClockAct.PAUSE: N_("Pause"),
        ClockAct.RESUME: N_("Going on"),
        ClockAct.END: N_("End of the exercise (ENDEX)"),
    }
)
CLOCK_NEXT: dict[ClockAct | None, frozenset[ClockAct]] = {
    None: frozenset({ClockAct.START}),
    ClockAct.START: frozenset({ClockAct.PAUSE, ClockAct.END}),
    ClockAct.PAUSE: frozenset({ClockAct.RESUME, ClockAct.END}),
    ClockAct.RESUME: frozenset({ClockAct.PAUSE, ClockAct.END}),
    ClockAct.END: frozenset(),
}
"""What may follow the last event; ``None`` before the first."""


class ClockEvent(Identified, Base):
    """Somebody started, paused, resumed or ended the exercise clock.

    ``number`` counts from 1 in each drill: the constraint lets one of two clicks have it.
    """

    __tablename__ = "clock_event"
    __table_args__ = (sa.UniqueConstraint("drill_id", "number"),)

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE")
    number: Mapped[int]
    act: Mapped[ClockAct]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = fk("person.id")

    by: Mapped[Person | None] = relationship()


@dataclass(frozen=True, slots=True)
class ExerciseClock:
    """The exercise clock: a pure function of the events, in their order.

    ``planned_start`` stands in for the start of a drill whose clock was never started.
    """

    planned_start: datetime
    events: tuple[tuple[ClockAct, datetime], ...] = ()

    @classmethod
    def of(cls, drill: Drill, events: Iterable[ClockEvent]) -> "ExerciseClock":
        ordered = sorted(events, key=lambda event: event.number)
        return cls(drill.starts_at, tuple((event.act, event.at) for event in ordered))

    @property
    def last(self) -> ClockAct | None:
        return self.events[-1][0] if self.events else None

    @property
    def is_running(self) -> bool:
        return self.last in {ClockAct.START, ClockAct.RESUME}

    @property
    def is_paused(self) -> bool:
        return self.last is ClockAct.PAUSE

    @property
    def is_over(self) -> bool:
        return self.last is ClockAct.END

    @property
    def started_at(self) -> datetime | None:
        return self.events[0][1] if self.events else None

    @property
    def ended_at(self) -> datetime | None:
        return self.events[-1][1] if self.is_over else None

    def exercise_seconds(self, at: datetime) -> int:
        """Seconds played until ``at``: negative before the start, standing still in a pause.

        After the end they stand still as well. Without a start they count from the plan.
        """
        if self.started_at is None:
            return _seconds(at - self.planned_start)
        if at < self.started_at:
            return _seconds(at - self.started_at)
        return _seconds(
            sum((min(end, at) - start for start, end in self._played(at) if start < at), _ZERO)
        )

    def wall_time_of(self, offset: int, now: datetime) -> datetime:
        """When the clock shows ``offset`` seconds, as far as is known at ``now``.

        A pause that is over moves what came after it; while one lasts, what remains is due
        that much after ``now``.
        """
        start = self.started_at or self.planned_start
        if offset <= 0 or self.started_at is None:
            return start + timedelta(seconds=offset)
        remaining = timedelta(seconds=offset)
        spans = self._played(now)
        for begin, end in spans[:-1]:
            if remaining <= end - begin:
                return begin + remaining
            remaining -= end - begin
        begin, end = spans[-1]
        if self.is_running or remaining <= end - begin:
            return begin + remaining
        return max(end, now) + remaining - (end - begin)

    def _played(self, now: datetime) -> list[tuple[datetime, datetime]]:
        """The spans in which the clock ran; one that still runs ends at ``now``."""
        spans, begin = [], None
        for act, at in self.events:
            if act in {ClockAct.START, ClockAct.RESUME}:
                begin = at
            elif begin is not None:
                spans.append((begin, at))
                begin = None
        if begin is not None:
            spans.append((begin, max(begin, now)))
        return spans


_ZERO = timedelta()


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds() // 1)


class LogKind(StrEnum):
    """``WITHDRAWN`` corrects an entry that should not have been: nothing takes its place."""

    NOTE = "note"
    RELEASED = "released"
    DETECTED = "detected"
    CONTAINED = "contained"
    REPORTED = "reported"
    DECISION = "decision"
    REQUEST = "request"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"


LOG_KINDS = named(
    {
        LogKind.NOTE: N_("Note"),
        LogKind.RELEASED: N_("Inject released"),
        LogKind.DETECTED: N_("Detected"),
        LogKind.CONTAINED: N_("Contained"),
        LogKind.REPORTED: N_("Reported"),
        LogKind.DECISION: N_("Decision taken"),
        LogKind.REQUEST: N_("Question or request"),
        LogKind.STOPPED: N_("Stop word used"),
        LogKind.WITHDRAWN: N_("Withdrawn"),
    }
)


def _client_id() -> str:
    return uuid.uuid4().hex


class LogEntry(Identified, Base):
    """One line of the log. The database refuses to change or delete one.

    A correction is a new entry with ``corrects_id``: it says whole what the old one should have
    said, and the old one no longer stands. An entry can be corrected once; then one corrects
    the correction. ``at`` is when it happened, ``recorded_at`` when the server wrote it down.
    ``client_id`` is made by whoever sends the entry: sent twice, it is written once.
    """

    __tablename__ = "log_entry"
    __table_args__ = (
        sa.UniqueConstraint("drill_id", "client_id"),
        sa.Index("ix_log_entry_drill_id_at", "drill_id", "at", "id"),
        sa.Index("ix_log_entry_drill_id_id", "drill_id", "id"),
    )

    drill_id: Mapped[int] = fk("drill.id", ondelete="CASCADE")
    inject_id: Mapped[int | None] = fk("inject.id")
    side_id: Mapped[int | None] = fk("drill_side.id")
    kind: Mapped[LogKind] = mapped_column(default=LogKind.NOTE)
    text: Mapped[Prose]
    at: Mapped[datetime]
    exercise_seconds: Mapped[int]
    is_afterwards: Mapped[bool] = mapped_column(default=False)
    recorded_at: Mapped[datetime]
    by_id: Mapped[int | None] = fk("person.id")
    client_id: Mapped[str] = mapped_column(sa.String(64), default=_client_id)
    corrects_id: Mapped[int | None] = fk("log_entry.id", unique=True)

    drill: Mapped[Drill] = relationship()
    inject: Mapped[Inject | None] = relationship()
    side: Mapped[Side | None] = relationship()
    by: Mapped[Person | None] = relationship()
    corrects: Mapped["LogEntry | None"] = relationship(remote_side="LogEntry.id")

    @property
    def kind_label(self) -> str:
        return LOG_KINDS[self.kind]

    @classmethod
    def stands(cls) -> sa.ColumnElement[bool]:
        """Whether nothing corrects the entry and it withdraws nothing."""
        later = aliased(cls)
        corrected = sa.select(later.id).where(later.corrects_id == cls.id).exists()
        return sa.and_(cls.kind != LogKind.WITHDRAWN, ~corrected)

    @classmethod
    def visible_to(cls, person: Person) -> sa.ColumnElement[bool]:
        """All for those who control the drill; for others their own lines, those of their side
        and the releases, as far as the inject has been released to them.
        """
        drill = sa.select(Drill.id).where(Drill.id == cls.drill_id)
        side = sa.select(Side.id).where(Side.id == cls.side_id, Side.played_by(person))
        inject = sa.select(Inject.id).where(
            Inject.id == cls.inject_id,
            Inject.status == InjectStatus.RELEASED,
            Inject.visible_to(person),
        )
        hers = sa.or_(
            cls.by_id == person.id,
            cls.side_id.is_not(None) & _of(cls, side),
            cls.kind == LogKind.RELEASED,
        )
        known = sa.or_(cls.inject_id.is_(None), _of(cls, inject))
        return sa.or_(
            _of(cls, drill.where(Drill.controlled_by(person))),
            sa.and_(_of(cls, drill.where(Drill.visible_to(person))), hers, known),
        )


def _of(entry: type[LogEntry], rows: sa.Select[Any]) -> sa.ColumnElement[bool]:
    """Whether there are such rows of this one entry: asked by key, however many others are."""
    return rows.correlate(entry).exists()
