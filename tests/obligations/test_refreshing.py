"""A change alters what it must and nothing else; computed anew, nothing differs."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.audit import services as audit
from drills.audit.models import Entry
from drills.core.errors import DomainError, NotAllowedNow, Refused
from drills.exercises.models import DrillSystem, DrillUnit, Status
from drills.exercises.services import move
from drills.obligations.models import (
    ExemptionDetails,
    ExemptionState,
    Obligation,
    RecordDetails,
    Standing,
)
from drills.obligations.services import exempting, noting
from drills.obligations.services import recompute as computing
from drills.obligations.services import rules as services
from drills.units.models import Merger
from drills.units.services.mergers import merge
from tests.conftest import NOW
from tests.obligations.conftest import HOME, YEARLY
from tests.obligations.test_standing import held

HALF_YEARS = {"kind": "period", "months": 6, "starts": "01-01"}


@pytest.fixture
def statements(session, queries, refresh):
    def count(at=NOW):
        with queries() as seen:
            refresh(at)
        return len(seen)

    return count


def test_computing_twice_writes_nothing(make, add_rule, compute):
    add_rule()
    make.unit()
    assert compute().added == 2
    assert compute().total == 0


def test_where_nothing_happened_nothing_is_computed(make, add_rule, compute, session, statements):
    add_rule()
    for _ in range(3):
        make.unit()
    compute()
    assert not computing.is_stale(session, NOW, HOME)
    assert statements() <= 2


def test_a_drill_that_was_held_is_seen_by_those_in_it(
    make, add_rule, compute, refresh, standing, session
):
    rule, unit, other = add_rule(), make.unit(), make.unit()
    drill = make.drill(unit=unit, kind_key="live_fire", starts_at=NOW - timedelta(days=1))
    compute()
    move(session, drill, Status.COMPLETED, "", by=None)
    session.commit()
    assert computing.is_stale(session, NOW, HOME)
    assert refresh().altered == 1
    assert standing(rule, unit).by_id == drill.id
    assert standing(rule, other).by_id is None


def test_a_unit_taken_out_of_a_drill_loses_what_the_drill_met(
    make, add_rule, compute, refresh, standing, session
):
    rule, unit = add_rule(), make.unit()
    drill = held(make)
    part = make.save(DrillUnit(drill_id=drill.id, unit_id=unit.id))
    compute()
    assert standing(rule, unit).by_id == drill.id
    session.delete(session.merge(part))
    audit.record(session, "revised", drill, by=None)
    session.commit()
    refresh()
    assert standing(rule, unit).by_id is None


def test_a_system_that_changes_hands_leaves_its_old_operator(
    make, add_rule, compute, refresh, standing, session
):
    rule = add_rule(scope={"has_systems": True})
    old, new = make.unit(), make.unit()
    system = make.system(owner=old)
    compute()
    assert standing(rule, old)
    with audit.changing(session, "revised", system, by=None):
        system.operator_id = new.id
        session.flush()
    session.commit()
    refresh()
    assert standing(rule, old) is None
    assert standing(rule, new)


def test_a_merger_moves_the_obligations_with_the_systems(
    make, add_rule, compute, refresh, standing, session
):
    rule = add_rule("s", "system", "drill_of_system")
    of_units = add_rule()
    old, new = make.unit(), make.unit()
    held(make, old)
    system = make.system(owner=old)
    compute()
    merge(session, new, Merger((old.id,), date(2026, 11, 1), "1/QĐ"), by=None)
    session.commit()
    refresh()
    assert standing(rule, system).unit_id == new.id
    assert standing(of_units, old) is None
    assert standing(of_units, new).state is Standing.MET


def test_a_new_day_and_a_moment_that_passes_are_heeded(
    make, add_rule, compute, refresh, standing, session
):
    from drills.roster.models import TeamRole

    rule, unit = add_rule(), make.unit()
    told = add_rule("told", "team", "contact_change", cadence={"kind": "after", "hours": 24})
    member = make.member(role=TeamRole.CONTACT)
    start = member.updated_at
    compute(start)
    refresh(start + timedelta(hours=24, seconds=1))
    assert standing(told, member.team).state is Standing.OVERDUE
    refresh(datetime(2027, 6, 1, tzinfo=UTC))
    assert standing(rule, unit).state is Standing.OVERDUE


def test_an_entry_of_a_transaction_that_ended_late_is_not_missed(
    make, add_rule, compute, refresh, standing, session
):
    rule, unit = add_rule(), make.unit()
    drill = make.drill(unit=unit, status=Status.COMPLETED, starts_at=NOW - timedelta(days=2))
    first = Entry(id=50, verb="moved", subject_kind="nothing", subject_id=1, origin="web")
    session.add(first)
    session.commit()
    compute()
    session.execute(sa.update(Obligation).values(by_id=None, by_kind=""))
    session.add(Entry(id=49, verb="moved", subject_kind="drill", subject_id=drill.id, origin="web"))
    session.commit()
    assert refresh().altered
    assert standing(rule, unit).by_id == drill.id


def test_the_work_for_one_change_does_not_grow_with_the_register(
    make, add_rule, compute, session, statements
):
    add_rule(), add_rule("s", "system", "drill_of_system")
    drill = held(make)
    counts = []
    for size in (2, 20):
        for _ in range(size):
            unit, system = make.unit(), make.system()
            make.save(DrillUnit(drill_id=drill.id, unit_id=unit.id))
            make.save(DrillSystem(drill_id=drill.id, system_id=system.id))
        compute()
        audit.record(session, "revised", drill, by=None)
        session.commit()
        counts.append(statements())
    assert counts[0] == counts[1] <= 30


@pytest.fixture
def owed(make, add_rule, compute, standing):
    """What one unit owes by the end of 2026, and the rule."""
    rule, unit = add_rule("hunt", "unit", "threat_hunting", cadence=YEARLY), make.unit()
    compute()
    return standing(rule, unit)


EXEMPT = ExemptionDetails(date(2026, 11, 1), date(2027, 1, 31), "Trụ sở đang sửa chữa.")


def test_an_exemption_approved_by_another_excuses_what_falls_due_within_it(
    make, owed, session, refresh
):
    asker, manager = make.person(), make.person(role=Role.MANAGER)
    exemption = exempting.ask(session, owed, EXEMPT, by=asker)
    session.commit()
    refresh()
    assert owed.state is Standing.NOT_YET or owed.state is Standing.DUE_SOON
    exempting.decide(session, exemption, is_approved=True, note="", by=manager, at=NOW)
    session.commit()
    refresh()
    session.expire_all()
    assert (owed.state, owed.next_due_on) == (Standing.EXEMPT, date(2027, 12, 31))
    refresh(datetime(2027, 2, 1, tzinfo=UTC))
    session.expire_all()
    assert (owed.state, owed.next_due_on) == (Standing.NOT_YET, date(2027, 12, 31))


def test_ending_an_exemption_asks_for_the_duty_again(make, owed, session, refresh):
    exemption = exempting.ask(session, owed, EXEMPT, by=make.person())
    exempting.decide(session, exemption, is_approved=True, note="", by=make.person(), at=NOW)
    exempting.end(session, exemption, note="Xong sớm", by=make.person())
    session.commit()
    refresh()
    session.expire_all()
    assert owed.next_due_on == date(2026, 12, 31)
    assert exemption.state is ExemptionState.ENDED


def test_nobody_decides_on_what_they_asked_for(make, owed, session):
    asker = make.person(role=Role.MANAGER)
    exemption = exempting.ask(session, owed, EXEMPT, by=asker)
    with pytest.raises(Refused):
        exempting.decide(session, exemption, is_approved=True, note="", by=asker, at=NOW)
    exemption.decided_by_id = asker.id
    with pytest.raises(sa.exc.IntegrityError):
        session.flush()


def test_an_exemption_is_decided_once_and_for_something_that_is_due(make, owed, session):
    person = make.person()
    early = ExemptionDetails(date(2026, 1, 1), date(2026, 2, 1), "x")
    with pytest.raises(DomainError, match="Nothing is due"):
        exempting.ask(session, owed, early, by=person)
    exemption = exempting.ask(session, owed, EXEMPT, by=person)
    exempting.decide(session, exemption, is_approved=False, note="Không", by=make.person(), at=NOW)
    with pytest.raises(NotAllowedNow):
        exempting.decide(session, exemption, is_approved=True, note="", by=make.person(), at=NOW)


def test_only_what_leaves_no_other_trace_is_noted_by_hand(
    make, add_rule, compute, standing, owed, session
):
    person, unit = make.person(), make.unit()
    drills = add_rule()
    compute()
    with pytest.raises(NotAllowedNow, match="met by the register itself"):
        noting.note(
            session, standing(drills, unit), RecordDetails(NOW.date()), by=person, on=NOW.date()
        )
    with pytest.raises(DomainError, match="still to come"):
        noting.note(session, owed, RecordDetails(date(2026, 12, 1)), by=person, on=NOW.date())


def test_a_noted_hunt_is_met_by_the_very_record(make, owed, session, refresh):
    record = noting.note(
        session, owed, RecordDetails(date(2026, 11, 20)), by=make.person(), on=NOW.date()
    )
    session.commit()
    refresh()
    session.expire_all()
    assert (owed.state, owed.by_kind, owed.by_id) == (Standing.MET, "obligation_record", record.id)


def test_a_preview_tells_how_many_would_be_overdue_and_writes_nothing(
    make, add_rule, compute, session
):
    rule = add_rule()
    make.unit(), make.unit()
    compute()
    stricter = (
        services.details_of(rule)
        .versions[0]
        .__class__(date(2020, 1, 1), HALF_YEARS, {}, lead_days=(30,))
    )
    details = services.details_of(rule)
    proposed = type(details)(
        details.key,
        "x",
        "x",
        details.subject_kind,
        details.met_by,
        (stricter,),
        details.counted_from,
    )
    effect = services.preview(session, proposed, NOW, HOME)
    assert effect.more_overdue == 3
    session.rollback()
    assert compute().total == 0
