from datetime import date
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from drills.obligations.models import (
    Obligation,
    ObligationRule,
    RuleDetails,
    SubjectKind,
    VersionDetails,
)
from drills.obligations.services import recompute as computing
from drills.obligations.services import rules as services
from tests.conftest import NOW

HOME = ZoneInfo("Asia/Ho_Chi_Minh")
YEARLY = {"kind": "period", "months": 12, "starts": "01-01"}


@pytest.fixture
def add_rule(session):
    """A rule counted from 1 January 2026; yearly drills of units unless told otherwise."""

    def add(
        key="drill", of="unit", met_by="drill_of_unit", *, cadence=None, versions=None, **given
    ):
        scope, lead = given.pop("scope", {}), given.pop("lead_days", (30,))
        first = VersionDetails(
            date(2020, 1, 1),
            cadence or YEARLY,
            scope,
            lead_days=lead,
            grace_days=given.pop("grace_days", 0),
        )
        details = RuleDetails(
            key, f"Nghĩa vụ {key}", f"Duty {key}", SubjectKind(of), met_by, versions or (first,),
            **{"counted_from": date(2026, 1, 1)} | given,
        )  # fmt: skip
        found = services.save(session, [details], NOW.date(), by=None)[0]
        session.commit()
        return found

    return add


@pytest.fixture
def compute(session):
    def compute(at=NOW, zone=HOME):
        changes = computing.recompute(session, at, zone)
        session.commit()
        return changes

    return compute


@pytest.fixture
def refresh(session):
    def refresh(at=NOW, zone=HOME):
        changes = computing.refresh(session, at, zone)
        session.commit()
        return changes

    return refresh


@pytest.fixture
def standing(session):
    """``standing(rule, subject)``: the obligation of one subject by one rule, or None."""

    def standing(rule: ObligationRule, subject) -> Obligation | None:
        session.expire_all()
        here = Obligation.rule_id == rule.id, Obligation.subject_id == subject.id
        return session.scalars(sa.select(Obligation).where(*here)).one_or_none()

    return standing
