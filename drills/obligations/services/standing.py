"""Where one duty stands on a day: from the record, the rule and the exemptions, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any

from drills.core.due import is_overdue, is_soon
from drills.obligations.kinds.cadence import (
    DAY,
    AfterEvent,
    Calendar,
    Due,
    Given,
    Periodic,
    Rolling,
    Version,
    end_of,
)
from drills.obligations.kinds.reading import Scope, cadence_of, scope_of
from drills.obligations.models import Obligation, ObligationRule, RuleVersion, Standing
from drills.obligations.models.facts import Fact
from drills.obligations.models.subjects import Subject
from drills.workdays.models import WorkingCalendar

COLUMNS = (
    "unit_id",
    "period",
    "last_met_on",
    "by_kind",
    "by_id",
    "next_due_on",
    "due_at",
    "late_after",
    "last_working_day",
    "state",
)
"""The columns of ``Obligation`` that are derived, in the order of ``Terms.row``."""
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Excuse:
    """An approved exemption: what falls due between the two days is not asked for."""

    from_on: date
    to_on: date

    def covers(self, day: date) -> bool:
        return self.from_on <= day <= self.to_on


@dataclass(slots=True)
class Terms:
    """A rule as it reads at one moment, ready to be asked of many subjects."""

    rule: ObligationRule
    calendar: Calendar
    version: RuleVersion
    scope: Scope
    at: datetime
    on: date
    working: WorkingCalendar
    _working_days: dict[date, date] = field(default_factory=dict)

    @classmethod
    def of(
        cls, rule: ObligationRule, at: datetime, zone: tzinfo, working: WorkingCalendar
    ) -> "Terms":
        on = at.astimezone(zone).date()
        versions = [Version(one.valid_from, cadence_of(one.cadence)) for one in rule.versions]
        version = rule.version_on(on)
        scope = scope_of(version.scope, rule.subject_kind)
        return cls(rule, Calendar(versions, zone), version, scope, at, on, working)

    def row(
        self, subject: Subject, fact: Fact | None, excuses: Sequence[Excuse] = ()
    ) -> Row | None:
        """The derived columns for one subject; None where it owes nothing and never did."""
        since = max(subject.since or self.rule.counted_from, self.rule.counted_from)
        first = self._due(subject, fact, since)
        if first is None and fact is None:
            return None
        due, used = self._excused(first, excuses, since)
        is_exempt = any(one.covers(self.on) for one in used)
        state = Standing.EXEMPT if is_exempt else self._state(due, fact)
        return (
            subject.unit_id,
            due.period if due else "",
            fact.on if fact else None,
            fact.kind if fact else "",
            fact.id if fact else None,
            due.on if due else None,
            due.at if due else None,
            self._late_after(due) if due else None,
            self._last_working_day(due.on) if due else None,
            state,
        )

    def _due(self, subject: Subject, fact: Fact | None, since: date) -> Due | None:
        """What is owed next; None where nothing is, or it is met for good."""
        cadence = self.calendar.on(self.on).cadence
        if isinstance(cadence, AfterEvent):
            return self._after_event(subject.event_at, fact)
        if fact and fact.due_on:
            return Due(fact.due_on) if fact.due_on < date.max else None
        if isinstance(cadence, Given):
            return Due(cadence.first_due) if cadence.first_due else None
        return self.calendar.due((fact.counts_for or fact.on) if fact else None, since)

    def _after_event(self, event_at: datetime | None, fact: Fact | None) -> Due | None:
        if event_at is None:
            return None
        day = event_at.astimezone(self.calendar.zone).date()
        is_met = fact is not None and fact.on >= day
        return (
            None if is_met or day < self.rule.counted_from else self.calendar.after_event(event_at)
        )

    def _excused(
        self, due: Due | None, excuses: Sequence[Excuse], since: date
    ) -> tuple[Due | None, list[Excuse]]:
        """What is owed once the exemptions are heeded, and those that were needed for it."""
        used: list[Excuse] = []
        while due and (excuse := next((one for one in excuses if one.covers(due.on)), None)):
            used.append(excuse)
            due = (
                self.calendar.due(end_of(due.period), since)
                if due.period
                else Due(excuse.to_on + DAY)
            )
        return due, used

    def _late_after(self, due: Due) -> date:
        return due.on + self.version.grace_days * DAY

    def _state(self, due: Due | None, fact: Fact | None) -> Standing:
        if due is None:
            return Standing.MET
        if self.at > due.at if due.at else is_overdue(self._late_after(due), self.on):
            return Standing.OVERDUE
        notice = max(self.version.lead_days, default=0)
        if is_overdue(due.on, self.on) or is_soon(due.on, self.on, notice):
            return Standing.DUE_SOON
        return Standing.MET if fact else Standing.NOT_YET

    def _last_working_day(self, day: date) -> date:
        found = self._working_days.get(day)
        if found is None:
            found = self._working_days[day] = self.working.last_before(day + DAY)
        return found


def values(row: Row) -> dict[str, Any]:
    return dict(zip(COLUMNS, row, strict=True))


def is_recurring(rule: ObligationRule) -> bool:
    """Whether a rule goes by the calendar, so that what is noted belongs to a period or a day."""
    return isinstance(cadence_of(rule.versions[-1].cadence), Periodic | Rolling)


def row_of(obligation: Obligation) -> Row:
    return tuple(getattr(obligation, name) for name in COLUMNS)
