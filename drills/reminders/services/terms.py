"""How patient a worker is, and what time it is for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Terms:
    """The settings whose names begin with MAIL. ``group``: so many letters share one commit;
    ``per_minute`` and ``per_domain``: the most in any minute, 0 for no limit.
    """

    batch: int = 50
    group: int = 10
    lease: timedelta = timedelta(seconds=120)
    answer: timedelta = timedelta(seconds=20)
    attempts: int = 8
    per_minute: int = 0
    per_domain: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """``at``: what counts as due by. ``real``: the clock that leases run by."""

    at: datetime
    real: datetime

    @property
    def later(self) -> datetime:
        return max(self.at, self.real)
