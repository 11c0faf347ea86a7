"""The duty of the provincial team around the day of loading, and a contact check under way."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.demo.people import Roster
from drills.roster.models import CheckDetails, ContactAsk, CorrectedNumbers, RotaDetails
from drills.roster.services import contact_checks, shifts
from drills.roster.services.confirming import mark_bounced

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
WEEKLY = RotaDetails(time_zone=str(ZONE), hand_over=time(8), every_days=7, has_backup=True)
WEEKS_BACK, WEEKS_AHEAD = 3, 5
TAKE_TURNS = slice(3, 9)
DAY = timedelta(days=1)


def build(session: Session, roster: Roster, as_of: date) -> None:
    for number, member in enumerate(roster.members):
        member.person.mobile = member.person.mobile or f"0912 000 {number:03}"
    _keep_duty(session, roster, as_of)
    _check_contacts(session, roster, as_of)


def _keep_duty(session: Session, roster: Roster, as_of: date) -> None:
    """Turns of a week from Monday to Monday; somebody stands in the day after tomorrow."""
    monday = as_of - timedelta(days=as_of.weekday())
    first_on, last_on = monday - WEEKS_BACK * 7 * DAY, monday + WEEKS_AHEAD * 7 * DAY
    people = [member.person for member in roster.members[TAKE_TURNS]]
    shifts.keep_rota(session, roster.team, WEEKLY, by=None)
    drafts = shifts.drafted(WEEKLY, shifts.Rotation(people, first_on, last_on))
    planned = shifts.plan_duty(session, roster.team, drafts, by=None)
    starts_at = _at(as_of + 2 * DAY, 13)
    [shift] = [
        s for s in planned[::2] if s.starts_at <= starts_at and s.ends_at > starts_at + DAY / 6
    ]
    between = (starts_at, starts_at + DAY / 6)
    reason = "Họp giao ban khối tại UBND tỉnh"
    shifts.stand_in(session, shift, roster.members[2].person, between, reason, by=None)


def _check_contacts(session: Session, roster: Roster, as_of: date) -> None:
    """Opened five days ago: most have answered, some in other ways than by the link."""
    opened_at = _at(as_of - 5 * DAY, 9)
    details = CheckDetails(
        name="Kiểm tra liên lạc trước diễn tập",
        purpose="Xác nhận số liên lạc của Đội ứng cứu trước cuộc diễn tập sắp tới.",
        unit_id=roster.team.unit_id,
        team_ids=(roster.team.id,),
        closes_at=_at(as_of + 8 * DAY, 0),
        retry_days=3,
        rounds=3,
    )
    check = contact_checks.open_check(session, details, by=roster.lead, at=opened_at)
    query = sa.select(ContactAsk).where(ContactAsk.check_id == check.id)
    *confirming, corrects, called, bounced = session.scalars(
        query.order_by(ContactAsk.id).limit(27)
    ).all()
    for number, ask in enumerate(confirming):
        contact_checks.confirm(session, ask, at=opened_at + timedelta(hours=number))
    changed = CorrectedNumbers(mobile="0987 000 127", phone="", note="")
    contact_checks.correct(session, corrects, changed, at=opened_at + DAY)
    contact_checks.tick_off(session, called, by=roster.lead, at=opened_at + 2 * DAY)
    reason = "550 5.1.1 User unknown"
    mark_bounced(session, bounced.person.email or "", reason, opened_at + timedelta(minutes=2))


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), ZONE)
