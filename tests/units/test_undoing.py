"""A merger is undone: every figure and every row is as it was, unless something was decided."""

import json
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.approvals.models import Dossier
from drills.audit.models import Entry
from drills.core import clock
from drills.core.errors import DomainError, NotAllowedNow
from drills.core.orm import Base
from drills.findings.models import TO_DO, CorrectiveAction
from drills.systems.models import Decision, InformationSystem
from drills.units import services
from drills.units.models import Merger, Succession, Unit
from tests.browser import Browser
from tests.conftest import NOW

ON = date(2026, 7, 1)
LATER = NOW + timedelta(hours=1)
PINS = {"number": "12/QĐ-UBND", "signed_on": date(2026, 11, 1), "authority": "UBND", "level": 3}
CHANGES_ANYWAY = {"version", "updated_at", "register_mark"}


def words(page):
    return " ".join(page.main.text.split())


@pytest.fixture
def merged(make, session):
    """Two units, the first merged into the second, each with one of what moves."""
    make.organisation()
    old, new = make.unit(code="OLD", name="Sở Thông tin"), make.unit(code="NEW", name="Sở Khoa học")
    for unit in (old, new):
        person = make.person(unit=unit, scope_id=unit.id)
        system = make.system(owner=unit, level=3)
        make.member(team=make.team(unit=unit), person=person)
        make.action(drill=make.drill(unit=unit), owner=person)
        regime = make.regimes()["nd-331-2026"]
        there = {"appraising_unit_id": unit.id, "approving_unit_id": unit.id}
        make.save(Dossier(code=f"HS-{unit.code}", system=system, regime=regime, level=3, **there))
        make.unit(parent=make.unit(parent=unit))
    return old, new


def merge(session, merged):
    old, new = merged
    (succession,) = services.merge(session, new, Merger((old.id,), ON, "15/NQ-HĐND"), by=None)
    session.commit()
    return succession


def everything(session):
    """Every row of every table but the trail, without what any change leaves behind."""
    session.expire_all()
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name == "audit_entry":
            continue
        kept = [c for c in table.c if c.name not in CHANGES_ANYWAY]
        found[table.name] = session.execute(sa.select(*kept).order_by(*table.primary_key)).all()
    return found


def figures(session, root):
    """What the organisation counts over its whole tree."""
    path = root.path
    below = Unit.ids_under(path)
    systems = sa.select(InformationSystem.level, sa.func.count()).where(
        InformationSystem.owner_id.in_(below)
    )
    counted = {
        "systems by level": session.execute(
            systems.group_by(InformationSystem.level).order_by(InformationSystem.level)
        ).all(),
        "open dossiers": session.scalar(
            sa.select(sa.func.count()).select_from(Dossier).where(Dossier.decided_at.is_(None))
        ),
        "open actions": session.scalar(
            sa.select(sa.func.count())
            .select_from(CorrectiveAction)
            .where(CorrectiveAction.state.in_(TO_DO), CorrectiveAction.unit_id.in_(below))
        ),
    }
    for name in ("person", "team"):
        table = Base.metadata.tables[name]
        query = sa.select(sa.func.count()).where(table.c.unit_id.in_(below))
        counted[name] = session.scalar(query)
    return counted


def test_figures_before_equal_figures_after_the_merger_and_after_undoing_it(make, session, merged):
    before, rows = figures(session, make.root()), everything(session)
    succession = merge(session, merged)
    assert set(succession.moved) >= {
        "person.unit_id",
        "person.scope_id",
        "system.owner_id",
        "team.unit_id",
        "corrective_action.unit_id",
        "dossier.appraising_unit_id",
        "unit.parent_id",
    }
    assert figures(session, make.root()) == before
    services.undo_merger(session, succession, "Nghị quyết bị huỷ", by=None)
    session.commit()
    assert figures(session, make.root()) == before
    assert everything(session) == rows


def test_history_is_readable_under_both_names(make, session, merged):
    old, new = merged
    succession = merge(session, merged)
    services.undo_merger(session, succession, "Nghị quyết bị huỷ", by=None)
    for unit, verb in ((old, "merged"), (new, "took over")):
        query = sa.select(Entry).where(Entry.subject_kind == "unit", Entry.subject_id == unit.id)
        entries = session.scalars(query.order_by(Entry.id)).all()
        assert [entry.verb for entry in entries][-2:] == [verb, "merger undone"]
        assert entries[-1].changes["reason"] == ["", "Nghị quyết bị huỷ"]
    assert session.scalar(sa.select(sa.func.count()).select_from(Succession)) == 0


def decided(make, system):
    make.save(Decision(system=system, recorded_at=LATER, is_historical=False, **PINS))


def begun(make, system):
    regime = make.regimes()["nd-331-2026"]
    make.session.execute(sa.delete(Dossier))
    make.save(Dossier(code="HS-MỚI", system=system, regime=regime, level=3, created_at=LATER))


def planned(make, system):
    make.drill(code="DT-MỚI", unit=system.owner, created_at=LATER)


def moved(make, system):
    system.owner = make.unit(name="Sở thứ ba")
    make.session.commit()


def merged_on(make, system):
    third = make.unit(name="Sở thứ ba")
    merger = Merger((system.owner_id,), date(2026, 9, 1), "2/NQ")
    services.merge(make.session, third, merger, by=None)


def dated(make, system):
    old = make.session.scalars(sa.select(Unit).where(Unit.code == "OLD")).one()
    old.active_to = date(2026, 8, 1)
    make.session.commit()


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (decided, "12/QĐ-UBND"),
        (begun, "HS-MỚI"),
        (planned, "DT-MỚI"),
        (moved, "HT-"),
        (merged_on, "Sở Khoa học"),
        (dated, "Sở Thông tin"),
    ],
)
def test_what_was_decided_since_is_named_and_nothing_goes_back(make, session, merged, since, said):
    succession = merge(session, merged)
    system = session.get_one(InformationSystem, succession.moved["system.owner_id"][0])
    since(make, system)
    with pytest.raises(NotAllowedNow, match=said):
        services.undo_merger(session, succession, "Nhầm", by=None)
    assert session.get(Succession, succession.id) is not None


def test_what_was_added_to_the_other_unit_stays_there(make, session, merged):
    succession = merge(session, merged)
    new = merged[1]
    hired = make.person(unit=new)
    services.undo_merger(session, succession, "Nhầm", by=None)
    session.refresh(hired)
    assert hired.unit_id == new.id


def test_a_succession_loaded_as_history_is_not_undone(make, session, merged):
    old, new = merged
    line = make.save(Succession(predecessor=old, successor=new, on=ON, decision="202/2025/QH15"))
    with pytest.raises(NotAllowedNow):
        services.undo_merger(session, line, "Nhầm", by=None)


def test_a_unit_brought_back_by_its_dates_is_not_merged_twice(make, session, merged):
    old, new = merged
    merge(session, merged)
    old.active_to = None
    session.commit()
    with pytest.raises(NotAllowedNow, match="was merged into"):
        services.merge(session, new, Merger((old.id,), date(2026, 9, 1), "2/NQ"), by=None)


def test_undoing_needs_a_reason(session, merged):
    with pytest.raises(DomainError):
        services.undo_merger(session, merge(session, merged), "", by=None)


def test_the_page_undoes_it_or_says_what_stands_against_it(browser, make, session, merged):
    old, new = merged
    succession = merge(session, merged)
    address = f"/units/successions/{succession.id}/undo"
    assert browser.get(f"/units/{new.id}/").select(f"a[href='{address}']")
    browser.post(address, {"reason": ""}, status=422)
    browser.post(address, {"reason": "Nghị quyết bị huỷ"})
    session.expire_all()
    assert old.is_active(clock.today(make.person().zone))
    again = merge(session, merged)
    make.drill(code="DT-MỚI", unit=new, created_at=LATER)
    address = f"/units/successions/{again.id}/undo"
    page = browser.get(address)
    assert "DT-MỚI" in words(page)
    assert not page.select("input[name=reason]")
    browser.post(address, {"reason": "Nhầm"}, status=422)


def test_who_does_not_see_both_units_finds_no_such_merger(app, make, session, merged):
    succession = merge(session, merged)
    person = make.person(role=Role.ADMINISTRATOR, unit=merged[1])
    Browser(app, session, as_=person).get(f"/units/successions/{succession.id}/undo", status=404)


def test_an_operator_undoes_it_by_the_codes_of_both(cli, make, session, merged):
    merge(session, merged)
    words = ("units", "undo-merger", "OLD", "NEW", "--reason", "Nhầm", "--json")
    looked = json.loads(cli(*words, "--dry-run").output)
    assert (looked["undone"], looked["against"]) == (False, [])
    assert json.loads(cli(*words).output)["undone"] is True
    assert cli(*words).exit_code == 1
