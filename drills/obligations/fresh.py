"""Today here, and obligations that heed everything that has happened."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from drills.core import clock, database
from drills.extensions import db
from drills.obligations.services import recompute
from drills.web.language import organisation


def zone() -> ZoneInfo:
    """The zone of the organisation: a day that is due ends for all at the same moment."""
    home = organisation()
    return ZoneInfo(home.time_zone if home else "Asia/Ho_Chi_Minh")


def now() -> datetime:
    return clock.now()


def today() -> date:
    return now().astimezone(zone()).date()


def refresh() -> None:
    """Bring the obligations up to date, in a transaction of its own, before a page reads them."""
    here, at = zone(), now()
    if not recompute.is_stale(db.session, at, here):
        return
    db.session.rollback()
    database.begin_writing()
    recompute.refresh(db.session, at, here)
    db.session.commit()
    database.begin_reading()
