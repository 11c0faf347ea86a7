"""The demonstration year is made to the figures of a year-end report."""

from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from drills.accounts.models import Person, Role
from drills.approvals.models import Condition, Dossier, Regime, State
from drills.audit.models import Entry
from drills.core.errors import NotAllowedNow
from drills.demo import services
from drills.exercises.models import Drill, Programme, SafetyRecord, Status, Vulnerability
from drills.exercises.services import participants, programmes
from drills.obligations.lists import subjects_overdue
from drills.obligations.services.recompute import recompute
from drills.roster.models import Member
from drills.systems.models import Decision, InformationSystem
from drills.units.models import Organisation, Ranking, Succession, Unit

AS_OF = date(2026, 11, 23)


@pytest.fixture
def summary(demo_year):
    return demo_year


def of_2024(session):
    """The systems whose decision in force is history: the year-end report counts them."""
    historical = sa.select(Decision.system_id).where(Decision.is_historical)
    query = sa.select(InformationSystem).where(InformationSystem.id.in_(historical))
    systems = session.scalars(query).all()
    assert {system.decision_date.year for system in systems} == {2024}
    return systems


def test_it_holds_312_systems_with_an_approved_level_in_every_tier(summary, session):
    systems = of_2024(session)
    assert len(systems) == 312
    assert all(system.is_approved and system.decision_number for system in systems)
    assert Counter(s.level for s in systems) == {5: 1, 4: 6, 3: 71, 2: 168, 1: 66}
    tiers = Counter(system.owner.tier.code for system in systems)
    assert tiers["district"] == 78
    assert tiers["commune"] == 96
    assert tiers["province"] + tiers["department"] == 138


def test_some_reviews_are_late_and_some_are_due_within_a_month(summary, session):
    left = [(s.review_due_on - AS_OF).days for s in of_2024(session)]
    assert sum(days < 0 for days in left) == 12
    assert 10 <= sum(0 <= days <= 30 for days in left) <= 20


def test_dossiers_stand_in_every_state_by_acts_of_different_people(summary, session):
    found = session.scalars(sa.select(Dossier)).all()
    assert {dossier.state for dossier in found} == set(State)
    assert len(found) == summary.dossiers == 23
    for dossier in found:
        people = {event.act: event.by_id for event in dossier.events}
        assert len({people.get(act, act) for act in ("submit", "appraise", "approve")}) == 3


def test_decisions_were_taken_under_both_laws_and_one_system_has_changed(summary, session):
    taken = session.scalars(sa.select(Decision).where(~Decision.is_historical)).all()
    codes = Counter(session.get(Regime, decision.regime_id).code for decision in taken)
    assert codes == {"nd-331-2026": 5, "nd-85-2016": 2}
    systems = session.scalars(sa.select(InformationSystem)).all()
    assert sum(system.has_changed_since for system in systems) == 1
    assert session.scalar(sa.select(sa.func.count(Condition.id))) > 3


def test_a_few_checks_are_overdue_and_most_are_not(summary, session, make):
    recompute(session, datetime(2026, 11, 23, 2, tzinfo=UTC), ZoneInfo("Asia/Ho_Chi_Minh"))
    late = session.scalar(subjects_overdue(make.person(role=Role.ADMINISTRATOR), "periodic_check"))
    assert 5 <= late <= 40


def test_the_rank_is_noted_with_its_denominator_and_source(summary, session):
    ranking = session.scalars(sa.select(Ranking)).one()
    assert (ranking.rank, ranking.out_of, ranking.as_of) == (3, 63, date(2024, 12, 31))
    assert "Báo cáo tổng kết năm 2024" in ranking.source


def test_three_live_fire_drills_and_two_international_ones_are_closed(summary, session):
    drills = session.scalars(sa.select(Drill).order_by(Drill.code)).all()
    of_2024 = [drill for drill in drills if drill.starts_at.year == 2024]
    assert [drill.kind_key for drill in of_2024].count("live_fire") == 3
    assert {drill.status for drill in of_2024} == {Status.CLOSED}
    standings = {d.participation.edition.title: d.participation for d in drills if d.participation}
    assert set(standings) == {"ACID 2024", "APCERT 2024"}
    assert all(s.rank_of == 63 and s.rank_scope and s.source for s in standings.values())
    begins = {d.participation.edition.title: d.starts_at for d in drills if d.participation}
    assert begins["APCERT 2024"] == datetime(2024, 8, 29, 3, 0, tzinfo=UTC)
    assert begins["ACID 2024"].date() == date(2024, 10, 15)


def test_live_fire_was_allowed_in_writing_and_what_was_found_is_mended(summary, session):
    records = session.scalars(sa.select(SafetyRecord)).all()
    assert [record.missing for record in records] == [[], [], []]
    found = session.scalars(sa.select(Vulnerability)).all()
    assert len(found) == 9
    assert all(one.fixed_on.year == 2024 and one.fixed_on <= one.fix_by for one in found)


def test_every_drill_stands_in_a_programme_and_the_next_follows_a_scenario(summary, session):
    programme = session.scalars(sa.select(Programme)).one()
    lines = programmes.lines(session, programme)
    drills = session.scalars(sa.select(Drill)).all()
    assert {line.drill_id for line in lines} - {None} == {drill.id for drill in drills}
    assert [drill.status for drill in drills if drill.scenario_version_id] == [Status.PLANNED]


def test_a_drill_in_eight_days_has_participants_to_remind(summary, session):
    coming = session.scalars(sa.select(Drill).where(Drill.status == Status.PLANNED)).one()
    assert coming.starts_at == datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    assert coming.code == "DT-2026-01"
    reached = participants(session, coming, AS_OF)
    assert len(reached) == 45
    assert all(person.email.endswith(".example") for person in reached)


def test_districts_have_ended_and_their_communes_took_over(summary, session):
    districts = session.scalars(sa.select(Unit).where(Unit.code.like("H__"))).all()
    assert len(districts) == 13
    assert {unit.active_to for unit in districts} == {date(2025, 6, 30)}
    query = sa.select(Succession.predecessor_id).distinct()
    assert {unit.id for unit in districts} <= set(session.scalars(query))
    names = session.scalars(sa.select(Unit.name).where(Unit.code.regexp_match("^X[0-9]"))).all()
    kinds = Counter(name.split()[1] for name in names)
    assert kinds == {"xã": 86, "phường": 9, "đặc": 1}


def test_every_unit_lies_under_the_root(summary, session):
    root = session.get(Organisation, 1).root
    under = session.scalars(Unit.ids_under(root.path)).all()
    assert len(under) == summary.units + 1


def test_nobody_of_it_can_sign_in(summary, session):
    assert summary.people == len(session.scalars(sa.select(Person)).all()) == 153
    query = sa.select(sa.func.count()).where(Person.active | Person.password.is_not(None))
    assert session.scalar(query) == 0
    core = session.scalar(sa.select(sa.func.count()).where(Member.is_core))
    assert (summary.members, core) == (40, 14)


def test_everything_loaded_is_in_the_audit_trail(summary, session):
    entries = session.scalar(sa.select(sa.func.count()).select_from(Entry))
    assert entries >= summary.units + summary.systems + summary.people + summary.drills


def test_it_is_loaded_once(summary, session):
    with pytest.raises(NotAllowedNow):
        services.load(session, as_of=AS_OF, by=None)


def test_it_does_not_mix_with_systems_that_are_there(make, session):
    make.organisation()
    make.system()
    with pytest.raises(NotAllowedNow):
        services.load(session, as_of=AS_OF, by=None)


def test_it_names_a_code_that_is_taken(make, session):
    make.organisation()
    make.unit(code="SYT")
    with pytest.raises(NotAllowedNow, match="SYT"):
        services.load(session, as_of=AS_OF, by=None)


def test_two_loads_make_the_same_people(make, session):
    make.organisation()
    services.load(session, as_of=AS_OF, by=None)
    first = session.scalars(sa.select(Person.email).order_by(Person.id)).all()
    session.rollback()
    services.load(session, as_of=AS_OF, by=None)
    assert session.scalars(sa.select(Person.email).order_by(Person.id)).all() == first
