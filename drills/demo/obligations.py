"""What is required of the province by when: mostly derived; some of it noted, one exemption."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.accounts.models import Person
from drills.demo.people import Roster
from drills.obligations.models import (
    ExemptionDetails,
    Obligation,
    ObligationRule,
    RecordDetails,
)
from drills.obligations.services import exempting, noting, recompute
from drills.obligations.services import rules as services

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FROM_LAST_YEAR = frozenset({"live-fire-system", "threat-hunting"})
"""Counted from the beginning of last year, so that there is something overdue to look at."""
NOTED = {
    "threat-hunting": 3,
    "level-report-unit": 4,
    "profile-review": 1,
    "response-report-half": 1,
}
"""Of every so many subjects one has it noted."""


def build(session: Session, roster: Roster, as_of: date) -> None:
    services.load_shipped(session, as_of)
    for rule in services.all_rules(session):
        if rule.key in FROM_LAST_YEAR:
            rule.counted_from = date(as_of.year - 1, 1, 1)
    at = datetime.combine(as_of, time(9), ZONE).astimezone(UTC)
    recompute.recompute(session, at, ZONE)
    for key, every in NOTED.items():
        for number, one in enumerate(_of(session, key)):
            if number % every == 0:
                _note(session, one, roster.lead, as_of, number)
    _exempt(session, roster, as_of, at)
    recompute.recompute(session, at, ZONE)


def _of(session: Session, key: str) -> list[Obligation]:
    query = sa.select(Obligation).join(ObligationRule).where(ObligationRule.key == key)
    return list(session.scalars(query.order_by(Obligation.id)))


def _note(session: Session, one: Obligation, by: Person, as_of: date, number: int) -> None:
    day = as_of - timedelta(days=20 + number % 60)
    details = RecordDetails(
        done_on=day,
        document=f"{40 + number}/BC-CNTT ngày {day:%d/%m/%Y}",
        note="Số liệu minh họa.",
        period=one.period if one.rule.met_by == "report_sent" else "",
    )
    noting.note(session, one, details, by=by, on=as_of)


def _exempt(session: Session, roster: Roster, as_of: date, at: datetime) -> None:
    """One that is approved, one that waits for somebody to decide."""
    end = date(as_of.year, 12, 31)
    first, second = _of(session, "live-fire-system")[:2]
    reason = "Hệ thống đang chuyển sang trung tâm dữ liệu mới; diễn tập sau khi chuyển xong."
    members = [member.person for member in roster.members]
    for one in (first, second):
        due = one.next_due_on or end
        details = ExemptionDetails(min(due, as_of), max(due, end), reason, "Tờ trình 15/TTr-CNTT")
        exemption = exempting.ask(session, one, details, by=members[1])
        if one is first:
            note = "Đồng ý, tổ chức trong quý I năm sau."
            exempting.decide(session, exemption, is_approved=True, note=note, by=roster.lead, at=at)
