"""Asking by a link those whose numbers are soon to be confirmed again, without being told to."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.obligations.kinds.satisfaction import BY_LINK
from drills.obligations.models import Obligation, ObligationRule, Standing
from drills.roster.models import CheckDetails, ContactAsk, ContactCheck
from drills.roster.services import contact_checks
from drills.units.models import Organisation

NAMES = {"vi": "Kiểm tra liên lạc định kỳ, %s", "en": "Contact check of %s"}
OPEN_FOR = timedelta(days=14)
RETRY_DAYS, ROUNDS = 3, 3
LEFT_ALONE_FOR = timedelta(days=30)
"""Who was asked lately, and has not answered, is for somebody to telephone."""


def ask_who_is_due(session: Session, home: Organisation, at: datetime) -> int:
    """Open one check for them all; how many are asked. The obligations are up to date."""
    people = session.scalars(_due(at)).all()
    if people:
        contact_checks.ask(session, _details(home, at), people, by=None, at=at)
    return len(people)


def _due(at: datetime) -> sa.Select[int]:
    lately = (
        sa.select(ContactAsk.person_id)
        .join(ContactCheck, ContactCheck.id == ContactAsk.check_id)
        .where(ContactCheck.opened_at > at - LEFT_ALONE_FOR)
    )
    return (
        sa.select(Obligation.subject_id)
        .distinct()
        .join(ObligationRule, ObligationRule.id == Obligation.rule_id)
        .where(ObligationRule.met_by.in_(BY_LINK), ObligationRule.reminds)
        .where(Obligation.state.in_((Standing.DUE_SOON, Standing.OVERDUE)))
        .where(Obligation.subject_id.not_in(lately))
        .order_by(Obligation.subject_id)
    )


def _details(home: Organisation, at: datetime) -> CheckDetails:
    return CheckDetails(
        name=NAMES[home.language] % f"{at:%m/%Y}",
        purpose="",
        unit_id=home.root_id,
        team_ids=(),
        closes_at=at + OPEN_FOR,
        retry_days=RETRY_DAYS,
        rounds=ROUNDS,
    )
