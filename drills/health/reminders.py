"""How the reminders do: the figures that probes, ``drills doctor`` and a monitor read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from drills.core import clock, database
from drills.reminders.models import OPEN, Delivery, ReminderState, State

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """``oldest_at``: since when the message that has waited longest could have been sent;
    ``sent`` and ``failed`` of the last 24 hours.
    """

    at: datetime
    due: int
    oldest_at: datetime | None
    failed: int
    sent: int
    ticked_at: datetime | None
    paused_at: datetime | None

    @property
    def oldest_age(self) -> timedelta:
        return self.at - self.oldest_at if self.oldest_at else timedelta()

    def is_late(self, limit: timedelta) -> bool:
        return self.oldest_age > limit


def limit(config: Mapping[str, Any]) -> timedelta:
    return timedelta(minutes=config["REMINDERS_LATE_MINUTES"])


def figures(engine: sa.Engine) -> Figures:
    """Asked of indexes only, however long the history is."""
    now = clock.now()
    due = (Delivery.among(*OPEN), Delivery.next_at <= now)
    with database.reading(), engine.connect() as connection:
        waiting, oldest = connection.execute(
            sa.select(sa.func.count(), sa.func.min(Delivery.next_at)).where(*due)
        ).one()
        of_late = dict(
            connection.execute(
                sa.select(Delivery.state, sa.func.count())
                .where(Delivery.among(State.SENT, State.FAILED), Delivery.due_at > now - DAY)
                .group_by(Delivery.state)
            ).all()
        )
        kept = sa.select(ReminderState.planned_until, ReminderState.paused_at)
        ticked, paused = connection.execute(kept).one_or_none() or (None, None)
    failed, sent = of_late.get(State.FAILED, 0), of_late.get(State.SENT, 0)
    return Figures(now, waiting, oldest, failed, sent, ticked, paused)


METRICS = (
    ("due", "Messages that could have left by now."),
    ("oldest_due_seconds", "How long the one that has waited longest could have left."),
    ("sent_last_day", "Messages due within the last 24 hours that were sent."),
    ("failed_last_day", "Messages due within the last 24 hours that were given up."),
    ("last_tick_timestamp_seconds", "When the scheduler last planned; 0 if it never did."),
    ("paused", "1 while sending is paused by hand."),
)


def exposition(found: Figures) -> str:
    """The figures in the text format of Prometheus, version 0.0.4."""
    return "".join(_lines(found))


def _lines(found: Figures) -> Iterator[str]:
    values = (
        found.due,
        int(found.oldest_age.total_seconds()),
        found.sent,
        found.failed,
        int(found.ticked_at.timestamp()) if found.ticked_at else 0,
        int(found.paused_at is not None),
    )
    for (name, meaning), value in zip(METRICS, values, strict=True):
        full = f"drills_reminders_{name}"
        yield f"# HELP {full} {meaning}\n# TYPE {full} gauge\n{full} {value}\n"
