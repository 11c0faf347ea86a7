"""Figures on security levels: as of today they are the register's, as of a past day the past's."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from drills.accounts.models import Role
from drills.approvals.models import Act, Dossier, DossierEvent, Regime, State
from drills.audit.models import Entry
from drills.reports.models import levels, past
from drills.reports.models.levels import Narrowed
from drills.systems.models import (
    Approval,
    Decision,
    DecisionState,
    PlanState,
    SystemStatus,
    standing,
)
from drills.units.models import Ranking
from tests.browser import Browser

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = date(2026, 11, 23)
LAST_YEAR = date(2025, 12, 14)


@pytest.fixture
def reader(make):
    make.organisation()
    return make.person(role=Role.MANAGER)


def decided(make, system, signed_on, *, level=3, number="1/QĐ-UBND", **given):
    defaults = {
        "system": system,
        "level": level,
        "number": number,
        "signed_on": signed_on,
        "authority": "UBND tỉnh",
        "recorded_at": make.now,
    }
    return make.save(Decision(**defaults | given))


def approved(make, signed_on, *, level=3, **given):
    """A system as the register shows one whose decision is in force."""
    system = make.system(
        level=level,
        approval=Approval.APPROVED,
        decision_number="1/QĐ-UBND",
        decision_date=signed_on,
        **given,
    )
    decided(make, system, signed_on, level=level, review_due_on=given.get("review_due_on"))
    return system


def in_procedure(make, *acts, **given):
    """A system whose dossier went through ``acts``: (act, day, state after)."""
    regime = make.save(
        Regime(
            code=f"r{make.now:%f}{len(acts)}{make.root().id}{datetime.now(UTC).timestamp()}"[:40],
            version=1,
            name="Nghị định",
            valid_from=date(2016, 7, 1),
            legal_basis="",
            rules={},
        )
    )
    system = make.system(level=2, **given)
    dossier = make.save(
        Dossier(code=f"HS-{system.id}", system=system, regime=regime, level=2, state=acts[-1][2])
    )
    for act, on, state in acts:
        at = datetime(on.year, on.month, on.day, 3, tzinfo=UTC)
        make.save(DossierEvent(dossier=dossier, act=act, at=at, on=on, state_after=state))
    return system


def seen(session, reader, on):
    return {row.id: row for row in past.on_day(session, reader, on, ZONE)}


def test_today_every_system_stands_as_the_register_says(session, make, reader):
    systems = [
        approved(make, date(2025, 3, 1)),
        approved(make, date(2024, 3, 1), review_due_on=TODAY - timedelta(days=1)),
        make.system(approval=Approval.DRAFTING),
        make.system(approval=Approval.APPRAISED, level=4),
        make.system(
            approval=Approval.APPROVED, level=1, decision_date=date(2024, 1, 2), decision_number="9"
        ),
        make.system(),
    ]
    found = seen(session, reader, TODAY)
    assert {s.id: found[s.id].standing for s in systems} == {
        s.id: standing(s, TODAY) for s in systems
    }


def test_a_decision_counts_from_the_day_it_was_signed_until_it_ended(session, make, reader):
    system = make.system(level=3, approval=Approval.APPROVED, decision_date=date(2026, 2, 1))
    decided(
        make,
        system,
        date(2024, 5, 10),
        level=2,
        state=DecisionState.SUPERSEDED,
        ended_on=date(2026, 2, 1),
    )
    decided(make, system, date(2026, 2, 1), level=3, number="2/QĐ-UBND")
    assert system.id not in seen(session, reader, date(2024, 5, 9))
    assert seen(session, reader, date(2024, 5, 10))[system.id].level == 2
    assert seen(session, reader, date(2026, 1, 31))[system.id].level == 2
    assert seen(session, reader, date(2026, 2, 1))[system.id].level == 3


def test_a_system_whose_decision_was_withdrawn_is_no_longer_approved(session, make, reader):
    system = make.system(level=3)
    decided(
        make,
        system,
        date(2024, 5, 10),
        state=DecisionState.WITHDRAWN,
        ended_on=date(2025, 6, 1),
    )
    assert seen(session, reader, date(2025, 5, 31))[system.id].share == "approved"
    assert seen(session, reader, date(2025, 6, 1))[system.id].share == "ended"


def test_the_stage_of_a_dossier_is_that_of_its_last_event_by_the_day(session, make, reader):
    system = in_procedure(
        make,
        (Act.CREATE, date(2025, 11, 1), State.DRAFT),
        (Act.SUBMIT, date(2025, 12, 1), State.SUBMITTED),
        (Act.RECEIVE, date(2025, 12, 3), State.IN_APPRAISAL),
        (Act.APPRAISE, date(2025, 12, 20), State.APPRAISED),
        approval=Approval.APPRAISED,
    )
    stages = {
        day: seen(session, reader, day)[system.id].standing
        for day in (date(2025, 11, 1), LAST_YEAR, date(2025, 12, 20), TODAY)
    }
    assert list(stages.values()) == ["drafting", "sent", "appraised", "appraised"]


def test_a_review_that_is_late_today_was_not_late_before_it_was_due(session, make, reader):
    system = approved(make, date(2024, 3, 1), review_due_on=date(2026, 3, 1))
    assert seen(session, reader, TODAY)[system.id].share == "expired"
    assert seen(session, reader, LAST_YEAR)[system.id].share == "approved"


def test_status_and_plan_are_read_back_through_the_trail(session, make, reader):
    system = approved(make, date(2024, 3, 1))
    system.created_at = datetime(2024, 1, 1, tzinfo=UTC)
    system.status, system.plan_state = SystemStatus.DECOMMISSIONED, PlanState.FULLY
    make.save(system)
    for day, changes in (
        (datetime(2025, 3, 1, tzinfo=UTC), {"plan_state": ["not_implemented", "partly"]}),
        (datetime(2026, 3, 1, tzinfo=UTC), {"plan_state": ["partly", "fully"]}),
        (datetime(2026, 5, 1, tzinfo=UTC), {"status": ["operating", "decommissioned"]}),
    ):
        make.save(
            Entry(
                verb="revised", subject_kind="system", subject_id=system.id, at=day, changes=changes
            )
        )
    assert not seen(session, reader, TODAY)[system.id].is_in_use
    before = seen(session, reader, LAST_YEAR)[system.id]
    assert (before.is_in_use, before.plan_state) == (True, PlanState.PARTLY)
    assert seen(session, reader, date(2025, 2, 1))[system.id].plan_state is (
        PlanState.NOT_IMPLEMENTED
    )


def test_figures_add_up_in_every_cut(session, make, reader):
    other = make.unit(tier=make.tier("commune", 50))
    approved(make, date(2025, 3, 1), plan_state=PlanState.FULLY)
    approved(make, date(2026, 3, 1), level=1, operator=other)
    approved(make, date(2024, 3, 1), review_due_on=TODAY - timedelta(days=1))
    make.system(approval=Approval.SENT)
    make.system()
    make.system(status=SystemStatus.DECOMMISSIONED)
    found = levels.figures(session, reader, TODAY, ZONE)
    assert dict(found.whole.shares) == {"approved": 2, "expired": 1, "pending": 1, "never": 1}
    assert (found.total, found.approved, found.whole.fully, found.out_of_use) == (5, 3, 1, 1)
    assert (found.in_year, found.in_statutory_year) == (1, 1)
    for cut in (found.levels, found.statuses, found.operators):
        assert sum(share.total for share in cut.values()) == 5
    assert sum(found.cells.values()) == 5
    units = levels.units(session, reader)
    tiers = levels.merged(found.operators.values(), lambda share: units[share.key].tier_id)
    assert sorted(share.total for share in tiers.values()) == [1, 4]


def test_the_statutory_year_ends_on_14_december():
    assert levels.statutory_year(date(2025, 12, 14)) == (date(2024, 12, 15), date(2025, 12, 14))
    assert levels.statutory_year(date(2025, 12, 15)) == (date(2025, 12, 15), date(2026, 12, 14))


def test_a_reader_counts_only_what_they_may_see(session, make, reader):
    unit = make.unit()
    officer = make.person(role=Role.UNIT_OFFICER, unit=unit)
    approved(make, date(2025, 3, 1))
    mine = approved(make, date(2025, 3, 1), owner=unit)
    assert list(seen(session, officer, TODAY)) == [mine.id]


def test_every_number_of_the_page_leads_to_as_many_systems(app, session, make, reader):
    for _ in range(2):
        approved(make, date(2025, 3, 1))
    approved(make, date(2024, 3, 1), review_due_on=TODAY - timedelta(days=1))
    make.system(approval=Approval.SENT, level=3)
    browser = Browser(app, session, as_=reader)
    for on in ("2026-11-23", "2025-12-14"):
        page = browser.get(f"/reports/levels/?on={on}")
        links = {
            link["href"]: int(link.text)
            for link in page.select("main a[href*='/reports/levels/list/?']")
            if link.text.strip().isdecimal()
        }
        assert links
        for href, count in links.items():
            rows = browser.get(href).select("main table tbody tr")
            assert len(rows) == count, href


def test_a_day_ahead_or_no_day_at_all_means_today(app, session, make, reader):
    browser = Browser(app, session, as_=reader)
    for on in ("2030-01-01", "hôm nào đó", ""):
        assert "23/11/2026" in browser.get(f"/reports/levels/?on={on}").text


def test_ranks_stand_with_their_denominator_and_are_not_compared(app, session, make, reader):
    for rank, out_of, scope, year in ((3, 63, "63 tỉnh", 2024), (5, 34, "34 tỉnh", 2025)):
        make.save(
            Ranking(
                unit=make.root(),
                indicator="Phê duyệt cấp độ",
                rank=rank,
                out_of=out_of,
                scope=scope,
                as_of=date(year, 12, 31),
                source="Báo cáo",
            )
        )
    text = Browser(app, session, as_=reader).get("/reports/levels/").text
    assert "3 trên 63" in text
    assert "5 trên 34" in text
    assert "không so sánh được với nhau" in text


def test_the_page_takes_the_same_queries_however_long_the_register(
    app, session, make, reader, queries
):
    browser = Browser(app, session, as_=reader)
    counts = []
    for _ in range(2):
        for _ in range(3):
            approved(make, date(2025, 3, 1), owner=make.unit())
        browser.get("/reports/levels/")
        with queries() as seen_now:
            browser.get("/reports/levels/")
        counts.append(len(seen_now))
    assert counts[0] == counts[1]


def test_a_list_is_narrowed_by_everything_at_once(session, make, reader):
    fully = approved(make, date(2025, 3, 1), plan_state=PlanState.FULLY)
    approved(make, date(2025, 3, 1))
    units = levels.units(session, reader)
    wanted = Narrowed(
        level=3, share="approved", unit_id=fully.operator_id, status="operating", is_fully=True
    )
    rows = past.on_day(session, reader, TODAY, ZONE)
    assert [row.id for row in rows if wanted.holds(row, units)] == [fully.id]
