"""Two units of the demonstration year merge: every figure stays, and comes back when it is undone."""

from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.approvals.models import Dossier, Regime
from drills.exercises.models import DrillTeam, Status
from drills.findings.models import TO_DO, CorrectiveAction
from drills.obligations.models import Obligation, ObligationRule, SubjectKind
from drills.obligations.services.recompute import recompute, refresh
from drills.reminders.services import previewing, seed_rules
from drills.roster.models import Team, TeamRole
from drills.systems.models import InformationSystem
from drills.units.models import Merger, Unit
from drills.units.services import merge, undo_merger
from tests.conftest import NOW
from tests.obligations.conftest import HOME

ON = NOW.date() - timedelta(days=20)
OF_UNITS = {SubjectKind.UNIT, SubjectKind.ORGANISATION}


@pytest.fixture
def pair(demo_year, session, make):
    """The department with most systems, and the one that takes over from it; both have a team,
    an officer, an open dossier, an open action and a drill ahead.
    """
    seed_rules(session)
    found = _two_departments(session)
    for unit in found:
        officer = make.person(role=Role.UNIT_OFFICER, unit=unit, scope_id=unit.id)
        team = make.member(team=make.team(unit=unit), person=officer, role=TeamRole.LEAD).team
        drill = make.drill(unit=unit, lead_id=officer.id, starts_at=NOW + timedelta(days=40))
        make.save(DrillTeam(drill_id=drill.id, team_id=team.id))
        make.action(
            drill=drill,
            owner=officer,
            code=f"KP-{unit.code}",
            due_on=NOW.date() + timedelta(days=20),
        )
        code = f"HT-{unit.code}"
        system = make.system(code=code, owner=unit, level=3, responsible=officer)
        there = {"appraising_unit_id": unit.id, "approving_unit_id": unit.id}
        make.save(Dossier(code=f"HS-{unit.code}", system=system, level=3, regime=_regime(session),
                          **there))  # fmt: skip
    return found


def _regime(session):
    return session.scalars(sa.select(Regime).order_by(Regime.valid_from.desc())).first()


def _two_departments(session):
    number = sa.func.count()
    query = (
        sa.select(Unit)
        .join(InformationSystem, InformationSystem.operator_id == Unit.id)
        .where(Unit.tier.has(code="department"))
        .group_by(Unit.id)
        .order_by(number.desc(), Unit.id)
        .limit(2)
    )
    return session.scalars(query).unique().all()


def words(page):
    return " ".join(page.main.text.split())


def figures(browser, session):
    """What people read, and what is counted behind it."""
    refresh(session, NOW, HOME)
    session.commit()
    home, levels = browser.get("/"), browser.get("/reports/levels/")
    states = sa.select(ObligationRule.key, Obligation.state, sa.func.count()).join(ObligationRule)
    states = states.where(Obligation.subject_kind.not_in(OF_UNITS))
    rows = session.execute(states.group_by(ObligationRule.key, Obligation.state)).all()
    return {
        "approved": home.select_one(".figs a[href*='systems'], .figs").text.split()[:8],
        "by level and standing": [a.text for a in home.select("#standings td a")],
        "levels": levels.select_one(".figs").text.split(),
        "open dossiers": session.scalar(
            sa.select(sa.func.count()).select_from(Dossier).where(Dossier.decided_at.is_(None))
        ),
        "open actions": session.scalar(
            sa.select(sa.func.count())
            .select_from(CorrectiveAction)
            .where(CorrectiveAction.state.in_(TO_DO))
        ),
        "teams": session.scalar(sa.select(sa.func.count()).select_from(Team)),
        "obligations": Counter({(row[0], row[1]): row[2] for row in rows}),
    }


def reminders(session):
    """Who gets which letter when, for half a year."""
    ahead = previewing.preview(session, now=NOW, until=NOW + timedelta(days=180))
    return Counter((one.kind.key, one.subject.id, one.person.email, one.due_at) for one in ahead)


def test_figures_and_reminders_before_equal_those_after_and_those_after_undoing(
    pair, browser, session
):
    old, new = pair
    recompute(session, NOW, HOME)
    own = session.scalars(
        sa.select(Obligation.id).where(
            Obligation.subject_kind == SubjectKind.UNIT, Obligation.subject_id == old.id
        )
    ).all()
    before, letters = figures(browser, session), reminders(session)
    (succession,) = merge(session, new, Merger((old.id,), ON, "15/NQ-HĐND"), by=None)
    session.commit()
    assert set(succession.moved) >= {
        "system.operator_id", "person.unit_id", "team.unit_id", "corrective_action.unit_id",
        "dossier.appraising_unit_id",
    }  # fmt: skip
    assert figures(browser, session) == before
    lost = letters.keys() - reminders(session).keys()
    assert own
    assert lost
    assert {(kind, subject) for kind, subject, *_rest in lost} <= {
        ("obligation_due", one) for one in own
    }, "only what the unit itself owed is owed by its successor"
    assert set(reminders(session).values()) == {1}, "nobody is told twice"

    undo_merger(session, succession, "Nghị quyết bị huỷ", by=None)
    session.commit()
    assert figures(browser, session) == before
    assert {key[2:] for key in reminders(session)} == {key[2:] for key in letters}
    assert len(reminders(session)) == len(letters)


def test_what_happened_is_read_under_both_names(pair, browser, session, make):
    old, new = pair
    held = make.drill(unit=old, status=Status.COMPLETED, starts_at=NOW - timedelta(days=90))
    merge(session, new, Merger((old.id,), ON, "15/NQ-HĐND"), by=None)
    session.commit()
    for unit, other in ((old, new), (new, old)):
        page = browser.get(f"/units/{unit.id}/")
        assert page.select(f"main a[href='/units/{other.id}/']"), "each names the other"
        assert held.title in words(browser.get(f"/units/{unit.id}/drills/"))
    assert old.name in words(browser.get(f"/drills/{held.id}/"))
    system = session.scalars(
        sa.select(InformationSystem).where(InformationSystem.operator_id == new.id)
    ).first()
    assert new.name in words(browser.get(f"/systems/{system.id}/"))
