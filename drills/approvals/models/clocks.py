"""The statutory clocks of a dossier, read from its events and nothing else.

Three clocks run one after the other, each for the party that owes the next step:

- *validity*: from the day the dossier is sent until it is received as complete or returned;
- *appraisal*: from the day it was complete until the appraisal. It stands while the dossier is
  returned for supplement and goes on, with the days it has left, when it is complete again;
- *approval*: from the appraisal until the decision.

The day that starts a clock is not counted (Civil Code, art. 147.2). A dossier that is appraised a
second time has a whole new clock; so has one that is sent again after it was found incomplete.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from drills.approvals.kinds import Limit, Rules, Unit
from drills.approvals.models.dossiers import Act, State
from drills.core.text import N_
from drills.workdays.models import WorkingCalendar

HOURS = 24


class ClockKind(StrEnum):
    VALIDITY = "validity"
    APPRAISAL = "appraisal"
    APPROVAL = "approval"


CLOCKS = {
    ClockKind.VALIDITY: N_("Check that the dossier is complete"),
    ClockKind.APPRAISAL: N_("Appraisal"),
    ClockKind.APPROVAL: N_("Approval"),
}


class Event(Protocol):
    """What a clock needs to know of a dossier's event."""

    @property
    def act(self) -> Act: ...
    @property
    def on(self) -> date: ...
    @property
    def state_after(self) -> State: ...


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock as it stood on a day.

    ``limit`` None: the law sets none, and only the days used are counted. ``unit`` says what days
    are meant by ``limit``, ``used``, ``left``, ``late_by`` and ``paused``. ``due_on`` is the last
    day that is in time; None without a limit and while the clock stands. ``ended_on`` is the day
    it was stopped for good.
    """

    kind: ClockKind
    limit: int | None
    unit: Unit
    started_on: date
    used: int
    paused: int
    is_paused: bool
    due_on: date | None
    ended_on: date | None

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used)

    @property
    def late_by(self) -> int:
        return 0 if self.limit is None else max(0, self.used - self.limit)

    @property
    def is_late(self) -> bool:
        return self.late_by > 0

    @property
    def is_running(self) -> bool:
        return self.ended_on is None and not self.is_paused


@dataclass(slots=True)
class _Run:
    """A clock being read: the days between which it ran; the last may still be open."""

    kind: ClockKind
    spans: list[tuple[date, date | None]]
    ended_on: date | None = None

    @property
    def is_open(self) -> bool:
        return self.spans[-1][1] is None

    def stop(self, on: date) -> None:
        start, end = self.spans[-1]
        if end is None:
            self.spans[-1] = (start, max(start, on))

    def go_on(self, on: date) -> None:
        if not self.is_open:
            self.spans.append((max(on, self.spans[-1][1] or on), None))

    def finish(self, on: date) -> None:
        self.stop(on)
        self.ended_on = max(on, self.spans[-1][1] or on)


_STARTS: Mapping[State, ClockKind] = {
    State.SUBMITTED: ClockKind.VALIDITY,
    State.IN_APPRAISAL: ClockKind.APPRAISAL,
    State.APPRAISED: ClockKind.APPROVAL,
}
"""The clock that runs in a state."""


def clocks_of(
    events: Iterable[Event], rules: Rules, level: int, calendar: WorkingCalendar, on: date
) -> list[Clock]:
    """Every clock there has been by the end of ``on``, in the order they were started."""
    known = [event for event in events if event.on <= on]
    return [_clock(run, limit_of(rules, run.kind, level), calendar, on) for run in _runs(known)]


def running(clocks: Sequence[Clock]) -> Clock | None:
    """The clock that matters now: the one that runs, or stands until the dossier comes back."""
    return next((clock for clock in reversed(clocks) if clock.ended_on is None), None)


def limit_of(rules: Rules, kind: ClockKind, level: int) -> Limit:
    if kind is ClockKind.APPRAISAL:
        return rules.appraisal[level]
    return rules.validity if kind is ClockKind.VALIDITY else rules.approval


def _runs(events: Iterable[Event]) -> list[_Run]:
    runs: list[_Run] = []
    before = State.DRAFT
    for event in events:
        if event.state_after is not before:
            _leave(runs, before, event)
            _enter(runs, event)
        before = event.state_after
    return runs


def _leave(runs: list[_Run], before: State, event: Event) -> None:
    """Stop the clock of the state that is left; the appraisal's only rests on a return."""
    kind = _STARTS.get(before)
    run = _open(runs, kind) if kind else None
    if run is None:
        return
    if kind is ClockKind.APPRAISAL and event.state_after is State.RETURNED:
        run.stop(event.on)
    else:
        run.finish(event.on)


def _enter(runs: list[_Run], event: Event) -> None:
    """Start the clock of the state that is entered, or let it go on."""
    kind = _STARTS.get(event.state_after)
    if kind is not None:
        if rests := _open(runs, kind):
            rests.go_on(event.on)
        else:
            runs.append(_Run(kind, [(event.on, None)]))
    elif event.state_after not in {State.RETURNED, State.DRAFT}:
        for run in runs:
            if run.ended_on is None:
                run.finish(event.on)


def _open(runs: Iterable[_Run], kind: ClockKind) -> _Run | None:
    return next((run for run in runs if run.kind is kind and run.ended_on is None), None)


def _clock(run: _Run, limit: Limit, calendar: WorkingCalendar, on: date) -> Clock:
    days = _Days(calendar, limit.unit)
    ran = [days.between(start, end or on) for start, end in run.spans]
    gaps = zip(run.spans, run.spans[1:], strict=False)
    paused = sum(days.between(end or on, start) for (_, end), (start, _) in gaps)
    is_paused = run.ended_on is None and not run.is_open
    if is_paused:
        paused += days.between(run.spans[-1][1] or on, on)
    number = days.number(limit)
    return Clock(
        kind=run.kind,
        limit=number,
        unit=days.unit,
        started_on=run.spans[0][0],
        used=sum(ran),
        paused=paused,
        is_paused=is_paused,
        due_on=None if is_paused or number is None else _due(run, ran, number, days),
        ended_on=run.ended_on,
    )


def _due(run: _Run, ran: Sequence[int], number: int, days: "_Days") -> date:
    """The day on which the last of ``number`` days falls; in the span where they are used up."""
    left = number
    for (start, _end), used in zip(run.spans[:-1], ran, strict=False):
        if used > left:
            return days.after(start, left)
        left -= used
    return days.after(run.spans[-1][0], left)


@dataclass(frozen=True, slots=True)
class _Days:
    """Counting days as a limit means them; hours are whole days, begun ones included."""

    calendar: WorkingCalendar
    given: Unit

    @property
    def unit(self) -> Unit:
        return Unit.CALENDAR if self.given is Unit.HOUR else self.given

    def number(self, limit: Limit) -> int | None:
        if limit.number is None or self.given is not Unit.HOUR:
            return limit.number
        return -(-limit.number // HOURS)

    def between(self, after: date, until: date) -> int:
        if self.unit is Unit.WORKING:
            return self.calendar.count(after, until)
        return max(0, (until - after).days)

    def after(self, day: date, number: int) -> date:
        if self.unit is Unit.WORKING:
            return self.calendar.add(day, number)
        return day + timedelta(days=number)
