"""Slots: one rule applied to one subject, and the moment that makes it due."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.core.orm import UtcDateTime
from drills.reminders.kinds import KINDS, At, Kind, Until
from drills.reminders.models import Delivery, Direction, LeadTime, LeadUnit, ReminderRule, State
from drills.units.models import Organisation
from drills.workdays import services as workdays
from drills.workdays.models import WorkingCalendar

HOME_ZONE = "Asia/Ho_Chi_Minh"
_DAY = timedelta(days=1)


Ids = sa.Select[Any]


class Span(NamedTuple):
    """After ``since``, and by ``until``."""

    since: datetime
    until: datetime


class Slot(NamedTuple):
    """``head`` and ``tail`` of the key go before and after the person's id."""

    subject_id: int
    rule_id: int
    anchor_at: datetime | None
    anchor_on: date | None
    due_at: datetime
    useful_until: datetime | None
    head: str
    tail: str
    unit_id: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """When, where and by which calendar is reckoned; ``quiet``: hours nothing starts in."""

    now: At
    zone: ZoneInfo
    calendar: WorkingCalendar
    quiet: tuple[time, time] | None = None


ASKED = At(
    sa.bindparam("now", type_=UtcDateTime()),  # type: ignore[arg-type]
    sa.bindparam("today", type_=sa.Date()),  # type: ignore[arg-type]
    sa.bindparam("settled", type_=UtcDateTime()),  # type: ignore[arg-type]
)
"""The moment as parameters: what is built with it is built once."""


def home_zone(session: Session) -> ZoneInfo:
    home = session.get(Organisation, 1)
    return _zone(home.time_zone if home else HOME_ZONE)


def at(session: Session, now: datetime) -> At:
    return At.of(now, now.astimezone(home_zone(session)).date())


def place(session: Session, now: datetime, quiet: tuple[time, time] | None) -> Place:
    first, last = (now.date() + sign * timedelta(days=800) for sign in (-1, 1))
    return Place(
        at(session, now), home_zone(session), workdays.calendar(session, first, last), quiet
    )


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def rows_of(kind: Kind, when: At) -> sa.Subquery:
    """(id, anchor_at, anchor_on, zone, unit_id, since) of the subjects that stand."""
    query = kind.subjects(when)
    given = query.selected_columns
    missing = [
        sa.literal(None, type_).label(name)
        for name, type_ in (
            ("anchor_at", UtcDateTime()),
            ("anchor_on", sa.Date()),
            ("zone", sa.String()),
            ("since", UtcDateTime()),
        )
        if name not in given
    ]
    return query.add_columns(*missing).subquery()


@lru_cache
def counts_days(key: str) -> bool:
    """Whether a kind counts from days and not from moments."""
    return "anchor_on" in KINDS[key].subjects(ASKED).selected_columns


def slots(
    session: Session,
    kind: Kind,
    rules: Sequence[ReminderRule],
    where: Place,
    span: Span,
    only: Ids | None = None,
) -> Iterator[Slot]:
    """What falls due in ``span`` and still makes sense now; ``only``: the ids of subjects."""
    since, until = span
    spans = [span_of(kind, rule.lead_time, since, until) for rule in rules]
    given = {f"first{n}": first for n, (first, _last) in enumerate(spans)}
    given |= {f"last{n}": last for n, (_first, last) in enumerate(spans)}
    leads = [(rule.id, rule.lead_time, *span) for rule, span in zip(rules, spans, strict=True)]
    query = _of(_inside(kind.key, len(spans)), only)
    for row in session.execute(query, given | _moments(where.now)).all():
        anchor, zone = row.anchor_at or row.anchor_on, _zone(row.zone) if row.zone else where.zone
        for rule_id, lead, first, last in leads:
            if not first <= anchor <= last:
                continue
            due = _due_at(lead, anchor, zone, where)
            ends = _end(kind, lead, anchor, zone)
            if since < due <= until and (ends is None or ends > where.now.now):
                yield _slot(kind, rule_id, row, due, ends)


def at_once(
    session: Session,
    kind: Kind,
    rules: Sequence[ReminderRule],
    where: Place,
    only: Ids | None = None,
) -> Iterator[Slot]:
    """What is to be told now, because it is so."""
    moments = _moments(where.now)
    if session.execute(_any(kind.key), moments).first() is None:
        return
    audiences = frozenset().union(*(rule.audiences for rule in rules))
    query = _of(_to_tell(kind.key, frozenset(audiences & kind.audiences.keys())), only)
    for row in session.execute(query, moments).all():
        for rule in rules:
            yield _slot_at_once(kind, rule, row, where)


def _of(query: sa.Select[Any], only: Ids | None) -> sa.Select[Any]:
    return query if only is None else query.where(query.selected_columns.id.in_(only))


@lru_cache
def _inside(key: str, spans: int) -> sa.Select[Any]:
    """The subjects of a kind whose anchor lies in one of so many spans."""
    rows = rows_of(KINDS[key], ASKED)
    is_day = counts_days(key)
    column = rows.c.anchor_on if is_day else rows.c.anchor_at
    type_: Any = sa.Date() if is_day else UtcDateTime()
    inside = (
        column.between(
            sa.bindparam(f"first{n}", type_=type_), sa.bindparam(f"last{n}", type_=type_)
        )
        for n in range(spans)
    )
    return sa.select(rows).where(sa.or_(*inside)).order_by(rows.c.id)


@lru_cache
def _any(key: str) -> sa.Select[Any]:
    return sa.select(rows_of(KINDS[key], ASKED).c.id).limit(1)


@lru_cache
def _to_tell(key: str, audiences: frozenset[str]) -> sa.Select[Any]:
    """The subjects of a kind that anybody of these audiences is to be told of."""
    kind = KINDS[key]
    rows = rows_of(kind, ASKED)
    concerned = [
        rows.c.id.in_(sa.select(query.subquery().c.subject_id))
        for audience in sorted(audiences)
        for query in kind.audiences[audience](ASKED)
    ]
    query = sa.select(rows).where(sa.or_(sa.false(), *concerned)).order_by(rows.c.id)
    return query.where(~_told(kind, rows)) if kind.is_personal else query


def _moments(when: At) -> dict[str, Any]:
    return {"now": when.now, "today": when.today, "settled": when.settled}


def _told(kind: Kind, rows: sa.Subquery) -> sa.ColumnElement[bool]:
    since = sa.func.coalesce(rows.c.since, Delivery.due_at)
    told = sa.select(1).where(
        Delivery.kind == kind.key,
        Delivery.subject_id == rows.c.id,
        Delivery.state != State.CANCELLED,
        sa.func.coalesce(rows.c.anchor_at, Delivery.anchor_at) == Delivery.anchor_at,
        Delivery.due_at >= since,
    )
    return told.correlate(rows).exists()


def _slot_at_once(kind: Kind, rule: ReminderRule, row: Any, where: Place) -> Slot:
    anchor = row.anchor_at or row.anchor_on
    zone = _zone(row.zone) if row.zone else where.zone
    ends = end_of(anchor, zone) if kind.until is Until.AT_ANCHOR else None
    tail = f":{stamp(anchor)}" + (f".{stamp(row.since)}" if row.since else "")
    head = f"{kind.key}:{row.id}:0:"
    anchors = (row.anchor_at, row.anchor_on)
    return Slot(row.id, rule.id, *anchors, where.now.now, ends, head, tail, row.unit_id)


def span_of(kind: Kind, lead: LeadTime, since: datetime, until: datetime) -> tuple[Any, Any]:
    """Between which anchors one must lie for the rule to fall due in the window.

    A day more on both sides: quiet hours put off, and days are days of their zone.
    """
    if lead.direction is Direction.AFTER:
        first, last = since - lead.longest, until - lead.shortest
    else:
        first, last = since + lead.shortest, until + lead.longest
    first, last = first - _DAY, last + _DAY
    if counts_days(kind.key):
        return first.date() - _DAY, last.date() + _DAY
    return first, last


def _due_at(lead: LeadTime, anchor: datetime | date, zone: ZoneInfo, where: Place) -> datetime:
    due = lead.due_at(anchor, zone, where.calendar)
    if where.quiet and lead.unit is not LeadUnit.HOURS:
        return out_of(where.quiet, due, where.zone)
    return due


def _slot(kind: Kind, rule_id: int, row: Any, due: datetime, ends: datetime | None) -> Slot:
    head = f"{kind.key}:{row.id}:{rule_id}:"
    tail = f":{stamp(row.anchor_at or row.anchor_on)}"
    return Slot(row.id, rule_id, row.anchor_at, row.anchor_on, due, ends, head, tail, row.unit_id)


def _end(kind: Kind, lead: LeadTime, anchor: datetime | date, zone: ZoneInfo) -> datetime | None:
    if kind.until is Until.FOREVER or lead.direction is Direction.AFTER:
        return None
    return end_of(anchor, zone)


def end_of(anchor: datetime | date, zone: ZoneInfo) -> datetime:
    """The moment itself, or the end of the day."""
    if isinstance(anchor, datetime):
        return anchor
    return datetime.combine(anchor + _DAY, time(), zone).astimezone(UTC)


def stamp(anchor: datetime | date) -> str:
    """How a key names what is counted from."""
    return str(int(anchor.timestamp())) if isinstance(anchor, datetime) else anchor.isoformat()


def out_of(quiet: tuple[time, time], due: datetime, zone: ZoneInfo) -> datetime:
    """``due``, or the end of the quiet hours it would fall into."""
    first, last = quiet
    local = due.astimezone(zone)
    clock = local.time()
    inside = first <= clock < last if first <= last else clock >= first or clock < last
    if not inside:
        return due
    day = local.date() + _DAY if first > last and clock >= first else local.date()
    return datetime.combine(day, last, zone).astimezone(UTC)
