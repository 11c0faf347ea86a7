"""Where a duty stands follows from the record, the rule and the day."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.approvals.models import Check, CheckKind
from drills.approvals.services import follow_up
from drills.audit import services as audit
from drills.exercises.models import DrillSystem, DrillTeam, DrillUnit, Part, Status
from drills.obligations.kinds.satisfaction import KINDS
from drills.obligations.models import (
    Obligation,
    ObligationRecord,
    Standing,
    SubjectKind,
    responsible,
)
from drills.obligations.models.facts import FACTS
from drills.obligations.models.subjects import _EVENTS
from drills.obligations.services import rules as services
from drills.roster.models import Certificate, CertificateKind, ChannelKind, ContactChannel, TeamRole
from drills.systems.models import Approval, Decision
from drills.units.models import Succession
from tests.conftest import NOW
from tests.obligations.conftest import HOME

MARCH = datetime(2026, 3, 2, 2, tzinfo=UTC)


def held(make, unit=None, at=MARCH, **given):
    """A live-fire drill that was held."""
    defaults = {"kind_key": "live_fire", "status": Status.COMPLETED, "starts_at": at}
    return make.drill(unit=unit or make.root(), ends_at=at + timedelta(hours=3), **defaults | given)


def decided(make, system, signed_on=date(2026, 3, 1), **given):
    system.approval, system.decision_date = Approval.APPROVED, signed_on
    return make.save(
        Decision(
            system=system,
            level=system.level or 3,
            number="1/QĐ",
            signed_on=signed_on,
            authority="UBND tỉnh",
            recorded_at=NOW,
            **given,
        )
    )


def test_every_kind_has_its_query_and_every_event_its_moment():
    assert set(FACTS) == {key for key, kind in KINDS.items() if not kind.by_hand}
    assert set(_EVENTS) == {key for key, kind in KINDS.items() if kind.has_event}
    assert {subject for kind in KINDS.values() for subject in kind.subjects} <= set(SubjectKind)


def test_a_unit_that_never_drilled_has_time_until_the_year_ends(make, add_rule, compute, standing):
    rule, unit = add_rule(lead_days=(7,)), make.unit()
    compute()
    found = standing(rule, unit)
    assert (found.state, found.next_due_on) == (Standing.NOT_YET, date(2026, 12, 31))
    assert found.period == "2026-01-01/2026-12-31"
    assert found.days_left(NOW.date()) == 38


def test_it_is_due_soon_once_the_first_reminder_would_go_out(make, add_rule, compute, standing):
    rule, unit = add_rule(lead_days=(7, 38)), make.unit()
    compute(NOW - timedelta(days=1))
    assert standing(rule, unit).state is Standing.NOT_YET
    compute()
    assert standing(rule, unit).state is Standing.DUE_SOON


def test_the_very_drill_is_named_that_met_it(make, add_rule, compute, standing):
    rule, unit = add_rule(), make.unit()
    drill = held(make, unit)
    compute()
    found = standing(rule, unit)
    assert (found.by_kind, found.by_id, found.last_met_on) == ("drill", drill.id, date(2026, 3, 2))
    assert (found.state, found.next_due_on) == (Standing.MET, date(2027, 12, 31))


def test_a_drill_counts_for_units_and_teams_in_it_but_not_for_those_who_look_on(
    make, add_rule, compute, standing
):
    rule = add_rule()
    named, by_team, looking = make.unit(), make.unit(), make.unit()
    drill, team = held(make), make.team(unit=by_team)
    make.save(DrillUnit(drill_id=drill.id, unit_id=named.id, part=Part.BLUE))
    make.save(DrillUnit(drill_id=drill.id, unit_id=looking.id, part=Part.OBSERVER))
    make.save(DrillTeam(drill_id=drill.id, team_id=team.id))
    compute()
    assert standing(rule, named).by_id == drill.id
    assert standing(rule, by_team).by_id == drill.id
    assert standing(rule, looking).by_id is None


@pytest.mark.parametrize("status", [Status.PLANNED, Status.CANCELLED, Status.POSTPONED])
def test_a_drill_that_was_not_held_meets_nothing(make, add_rule, compute, standing, status):
    rule, unit = add_rule(), make.unit()
    held(make, unit, status=status)
    compute()
    assert standing(rule, unit).last_met_on is None


def test_a_live_fire_drill_is_no_tabletop(make, add_rule, compute, standing):
    rule, unit = add_rule(met_by="live_fire_drill_of_unit"), make.unit()
    held(make, unit, kind_key="tabletop")
    compute()
    assert standing(rule, unit).last_met_on is None


def test_a_drill_on_new_years_eve_counts_for_the_year_where_it_was_held(
    make, add_rule, compute, standing
):
    rule, unit = add_rule(), make.unit()
    late = datetime(2025, 12, 31, 15, 0, tzinfo=UTC)
    held(make, unit, at=late, time_zone="Asia/Ho_Chi_Minh")
    compute()
    assert standing(rule, unit).last_met_on == date(2026, 1, 1)
    assert standing(rule, unit).next_due_on == date(2027, 12, 31)


def test_only_systems_from_a_level_on_owe_a_drill(make, add_rule, compute, standing):
    rule = add_rule("l3", "system", "live_fire_drill_of_system", scope={"level_from": 3})
    low, high = make.system(level=2), make.system(level=3)
    drill = held(make)
    make.save(DrillSystem(drill_id=drill.id, system_id=high.id))
    compute()
    assert standing(rule, low) is None
    assert standing(rule, high).by_id == drill.id


def test_a_decision_recorded_later_asks_from_the_day_it_was_signed(
    make, add_rule, compute, standing
):
    rule = add_rule("l3", "system", "live_fire_drill_of_system", scope={"level_from": 3})
    old, new = (make.system(level=3, decision_date=day, decided_at=NOW, created_at=NOW)
                for day in (date(2024, 5, 1), date(2026, 11, 2)))  # fmt: skip
    compute()
    assert standing(rule, old).next_due_on == date(2026, 12, 31)
    assert standing(rule, new).next_due_on == date(2027, 12, 31)


def test_only_the_tiers_named_and_units_still_there_are_asked(make, add_rule, compute, standing):
    rule = add_rule(scope={"tiers": ["commune"]})
    commune = make.unit(tier=make.tier("commune", 50))
    ended = make.unit(tier=make.tier("commune", 50), active_to=date(2026, 6, 30))
    department = make.unit()
    compute()
    assert standing(rule, commune)
    assert standing(rule, ended) is None
    assert standing(rule, department) is None


def test_a_rule_may_be_for_a_few_units_and_what_is_theirs(make, add_rule, compute, standing):
    asked, other = make.unit(code="STTTT"), make.unit()
    of_units = add_rule(scope={"units": ["STTTT"]})
    of_systems = add_rule("s", "system", "drill_of_system", scope={"units": ["STTTT"]})
    system, not_theirs = make.system(owner=asked), make.system(owner=other)
    compute()
    assert standing(of_units, asked)
    assert standing(of_units, other) is None
    assert standing(of_systems, system)
    assert standing(of_systems, not_theirs) is None


def test_a_unit_set_up_late_in_the_year_owes_the_next_one(make, add_rule, compute, standing):
    rule = add_rule()
    early, late = make.unit(active_from=date(2026, 7, 1)), make.unit(active_from=date(2026, 10, 1))
    compute()
    assert standing(rule, early).next_due_on == date(2026, 12, 31)
    assert standing(rule, late).next_due_on == date(2027, 12, 31)


def test_what_a_merged_unit_did_counts_for_the_one_that_took_over(
    make, add_rule, compute, standing
):
    rule = add_rule()
    old, between = make.unit(active_to=date(2026, 6, 30)), make.unit(active_to=date(2026, 7, 30))
    new = make.unit(active_from=date(2026, 7, 1))
    drill = held(make, old)
    make.save(
        Succession(predecessor_id=old.id, successor_id=between.id, on=date(2026, 7, 1), decision="")
    )
    make.save(
        Succession(
            predecessor_id=between.id, successor_id=new.id, on=date(2026, 7, 31), decision=""
        )
    )
    compute()
    assert standing(rule, old) is None
    assert standing(rule, new).by_id == drill.id
    assert standing(rule, new).next_due_on == date(2027, 12, 31)


def test_grace_lets_the_day_pass_but_not_its_end(make, add_rule, compute, standing):
    rule, unit = add_rule(grace_days=5), make.unit()
    compute(datetime(2027, 1, 5, 2, tzinfo=UTC))
    assert standing(rule, unit).state is Standing.DUE_SOON
    compute(datetime(2027, 1, 6, 2, tzinfo=UTC))
    assert standing(rule, unit).state is Standing.OVERDUE
    assert standing(rule, unit).next_due_on == date(2026, 12, 31)


def test_the_day_ends_in_the_zone_of_the_organisation(make, add_rule, compute, standing):
    rule, unit = add_rule(), make.unit()
    compute(datetime(2026, 12, 31, 16, 59, tzinfo=UTC))
    assert standing(rule, unit).state is Standing.DUE_SOON
    compute(datetime(2026, 12, 31, 17, 0, tzinfo=UTC))
    assert standing(rule, unit).state is Standing.OVERDUE


def test_before_20_december_2026_means_friday_the_18th_in_practice(
    make, add_rule, compute, standing
):
    cadence = {"kind": "period", "months": 12, "starts": "12-15", "before": "12-20"}
    rule = add_rule("report", "organisation", "report_sent", cadence=cadence)
    root = make.organisation().root
    compute()
    found = standing(rule, root)
    assert (found.next_due_on, found.last_working_day) == (date(2026, 12, 19), date(2026, 12, 18))
    assert found.state is Standing.DUE_SOON


def test_a_report_handed_in_late_still_counts_for_its_period(make, add_rule, compute, standing):
    cadence = {"kind": "period", "months": 12, "starts": "12-15", "before": "12-20"}
    rule = add_rule("report", "organisation", "report_sent", cadence=cadence)
    root = make.organisation().root
    late = datetime(2026, 12, 22, 2, tzinfo=UTC)
    compute(late)
    assert standing(rule, root).state is Standing.OVERDUE
    make.save(
        ObligationRecord(
            rule_id=rule.id,
            subject_kind="organisation",
            subject_id=root.id,
            unit_id=root.id,
            done_on=date(2026, 12, 22),
            period="2025-12-15/2026-12-14",
        )
    )
    compute(late)
    found = standing(rule, root)
    assert (found.state, found.next_due_on) == (Standing.MET, date(2027, 12, 19))


def test_checks_are_due_as_the_approvals_say(make, add_rule, compute, standing, session):
    make.regimes()
    rule = add_rule("check", "system", "periodic_check", cadence={"kind": "given"})
    late, fine = make.system(level=3), make.system(level=3)
    decided(make, late, date(2025, 3, 1))
    decided(make, fine, date(2025, 3, 1))
    check = make.save(
        Check(
            system=fine,
            kind=CheckKind.COMPLIANCE,
            done_on=date(2026, 5, 5),
            done_by="A",
            is_independent=True,
            version=1,
        )
    )
    compute()
    assert standing(rule, late).state is Standing.OVERDUE
    assert standing(rule, late).by_kind == "decision"
    assert (standing(rule, fine).by_kind, standing(rule, fine).by_id) == ("check_record", check.id)
    basis = follow_up.basis(session, late, NOW.date())
    assert standing(rule, late).next_due_on == follow_up.dues(basis, [])[0].due_on


def test_a_decision_is_good_until_its_review_or_its_end(make, add_rule, compute, standing):
    rule = add_rule("level", "system", "reappraisal", cadence={"kind": "given"})
    system, without = make.system(level=3), make.system(level=3)
    system.review_due_on, system.valid_until = date(2027, 3, 1), date(2026, 12, 1)
    decided(make, system), decided(make, without)
    compute()
    assert standing(rule, system).next_due_on == date(2026, 12, 1)
    assert standing(rule, without) is None


def test_an_operator_owes_the_certificate_by_the_day_of_the_law(make, add_rule, compute, standing):
    cadence = {"kind": "given", "first_due": "2029-08-19"}
    rule = add_rule(
        "cert", "person", "certificate", cadence=cadence, scope={"operates_from_level": 3}
    )
    without, with_one, of_low = make.person(), make.person(), make.person()
    make.system(level=3, responsible=without)
    make.system(level=4, responsible=with_one)
    make.system(level=1, responsible=of_low)
    make.save(
        Certificate(
            person=with_one,
            name="CC",
            kind=CertificateKind.STATUTORY,
            issued_on=date(2026, 9, 1),
            expires_on=date(2026, 12, 1),
        )
    )
    compute()
    assert standing(rule, without).next_due_on == date(2029, 8, 19)
    assert standing(rule, with_one).state is Standing.DUE_SOON
    assert standing(rule, of_low) is None


def test_a_certificate_for_good_is_met_for_good(make, add_rule, compute, standing):
    cadence = {"kind": "given", "first_due": "2029-08-19"}
    rule = add_rule(
        "cert", "person", "certificate", cadence=cadence, scope={"operates_from_level": 3}
    )
    person = make.person()
    make.system(level=3, responsible=person)
    make.save(
        Certificate(
            person=person, name="CC", kind=CertificateKind.STATUTORY, issued_on=date(2026, 9, 1)
        )
    )
    compute()
    assert (standing(rule, person).state, standing(rule, person).next_due_on) == (
        Standing.MET,
        None,
    )


def test_members_confirm_their_numbers_as_often_as_their_team_asks(
    make, add_rule, compute, standing
):
    rule = add_rule(
        "contacts", "person", "contact_check", cadence={"kind": "rolling", "months": 12}
    )
    usual, often = make.member(), make.member(team=make.team(contact_check_months=3))
    for member in (usual, often):
        channel = ContactChannel(
            person=member.person, kind=ChannelKind.MOBILE, value="0900", verified_at=MARCH
        )
        make.save(channel)
    compute()
    assert standing(rule, usual.person).next_due_on == date(2027, 3, 2)
    assert standing(rule, often.person).next_due_on == date(2026, 6, 2)
    assert standing(rule, often.person).state is Standing.OVERDUE


def test_a_report_is_due_after_a_drill_ended_until_it_is_evaluated(
    make, add_rule, compute, standing, session
):
    rule = add_rule("aar", "drill", "aar", cadence={"kind": "after", "days": 30})
    drill = held(make, at=NOW - timedelta(days=40))
    planned = make.drill()
    compute()
    assert standing(rule, planned) is None
    assert standing(rule, drill).state is Standing.OVERDUE
    with audit.changing(session, "moved", drill, by=None):
        drill.move_to(Status.EVALUATED)
    session.commit()
    compute()
    assert standing(rule, drill).state is Standing.MET
    assert standing(rule, drill).next_due_on is None


def test_a_change_of_the_contact_point_is_told_within_hours(make, add_rule, compute, standing):
    rule = add_rule("told", "team", "contact_change", cadence={"kind": "after", "hours": 24})
    member = make.member(role=TeamRole.CONTACT)
    changed = member.updated_at
    compute(changed + timedelta(hours=23, minutes=59))
    found = standing(rule, member.team)
    assert (found.state, found.due_at) == (Standing.DUE_SOON, changed + timedelta(hours=24))
    compute(changed + timedelta(hours=24, seconds=1))
    assert standing(rule, member.team).state is Standing.OVERDUE
    make.save(
        ObligationRecord(
            rule_id=rule.id,
            subject_kind="team",
            subject_id=member.team.id,
            unit_id=member.team.unit_id,
            done_on=changed.astimezone(HOME).date(),
        )
    )
    compute(changed + timedelta(hours=25))
    assert standing(rule, member.team).state is Standing.MET


def test_another_number_of_a_contact_point_is_a_change_to_tell(
    make, add_rule, compute, refresh, standing
):
    rule = add_rule("told", "team", "contact_change", cadence={"kind": "after", "hours": 24})
    member, other = make.member(role=TeamRole.CONTACT), make.member()
    compute()
    first = standing(rule, member.team).due_at
    for person in (member.person, other.person):
        entry = audit.entry("revised", person, by=None, changes={"mobile": ["", "0987 111 222"]})
        entry.at = NOW + timedelta(days=3)
        make.save(entry)
    refresh(NOW + timedelta(days=3, hours=1))
    assert first == NOW + timedelta(hours=24)
    assert standing(rule, member.team).due_at == NOW + timedelta(days=4)
    assert standing(rule, other.team) is None


def test_a_record_taken_back_counts_no_more(make, add_rule, compute, standing):
    rule = add_rule("hunt", "unit", "threat_hunting", cadence={"kind": "rolling", "months": 6})
    unit = make.unit()
    given = {"rule_id": rule.id, "subject_kind": "unit", "subject_id": unit.id, "unit_id": unit.id}
    record = make.save(ObligationRecord(**given, done_on=date(2026, 10, 1)))
    compute()
    assert standing(rule, unit).by_id == record.id
    record.withdrawn_at = NOW
    make.save(record)
    compute()
    assert standing(rule, unit).by_id is None


def test_an_ended_or_switched_off_rule_asks_for_nothing(make, add_rule, compute, standing):
    ended = add_rule("ended", ends_on=date(2026, 11, 22))
    off = add_rule("off", is_active=False)
    unit = make.unit()
    compute()
    assert standing(ended, unit) is None
    assert standing(off, unit) is None


@pytest.mark.parametrize("details", services.shipped(), ids=lambda rule: rule.key)
def test_every_shipped_rule_has_its_basis_in_both_languages_and_can_be_computed(
    details, make, compute, session
):
    assert details.title_vi
    assert details.title_en
    assert all(one.legal_basis and one.source for one in details.versions)
    assert all(one.lead_days for one in details.versions)
    make.organisation()
    make.regimes()
    services.save(session, [details], NOW.date(), by=None)
    system = make.system(level=3, responsible=make.person())
    system.review_due_on = date(2027, 1, 1)
    decided(make, system)
    make.member(role=TeamRole.CONTACT)
    held(make)
    compute()
    found = session.scalars(sa.select(Obligation)).all()
    if details.key != "technical-check":
        assert found
    assert {one.subject_kind for one in found} <= {details.subject_kind}


def test_the_people_who_have_to_see_to_it_are_named_by_one_question(
    make, add_rule, compute, session
):
    unit = make.unit()
    officer = make.person(role=Role.UNIT_OFFICER, unit=unit)
    make.person(role=Role.UNIT_OFFICER, unit=unit, active=False)
    make.person(role=Role.IR_MEMBER, unit=unit)
    answering, lead, drill_lead = make.person(), make.person(), make.person()
    system = make.system(owner=unit, level=3, responsible=answering)
    team = make.member(team=make.team(unit=unit), person=lead, role=TeamRole.LEAD).team
    drill = held(make, unit, lead_id=drill_lead.id)
    add_rule("u"), add_rule("s", "system", "drill_of_system")
    add_rule("t", "team", "profile_review"), add_rule("p", "person", "contact_check")
    add_rule("d", "drill", "aar", cadence={"kind": "after", "days": 30})
    compute()
    who = responsible(NOW.date()).subquery()
    rows = session.execute(
        sa.select(Obligation.subject_kind, Obligation.subject_id, who.c.person_id).join(
            who, who.c.obligation_id == Obligation.id
        )
    )
    assert {tuple(row) for row in rows} == {
        ("unit", unit.id, officer.id),
        ("system", system.id, officer.id),
        ("system", system.id, answering.id),
        ("team", team.id, lead.id),
        ("person", lead.id, lead.id),
        ("drill", drill.id, drill_lead.id),
    }
