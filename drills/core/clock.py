"""The only module that reads the clock."""

from datetime import UTC, date, datetime, tzinfo


def now() -> datetime:
    return datetime.now(UTC)


def today(zone: tzinfo) -> date:
    return now().astimezone(zone).date()
