"""When reminders fall due and are caught up with, whatever clocks, schedulers and people do."""

import threading
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.exercises.models import Status
from drills.extensions import db
from drills.reminders.models import (
    Delivery,
    Direction,
    Hours,
    LeadTime,
    LeadUnit,
    ReminderRule,
    ReminderSetting,
    ReminderState,
    RulePerson,
    State,
    Unsubscription,
)
from drills.reminders.services import plan, preview
from drills.reminders.services.slots import out_of
from drills.workdays.models import Holiday, WorkingCalendar
from tests.conftest import NOW, POSTGRESQL
from tests.reminders.cases import sent

DAY = timedelta(days=1)
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture
def planned(session):
    """Plan at a moment; what is new since the last time, as (kind, person's id)."""
    seen = set()

    def run(at):
        session.commit()
        plan(session, now=at)
        session.commit()
        session.expire_all()
        rows = session.scalars(sa.select(Delivery).order_by(Delivery.id)).all()
        fresh = [row for row in rows if row.id not in seen]
        seen.update(row.id for row in fresh)
        return fresh

    return run


@pytest.fixture
def only(session, rules):
    """Switch off every rule but those of one kind."""

    def run(kind):
        off = sa.update(ReminderRule).where(ReminderRule.kind != kind)
        session.execute(off.values(is_active=False))

    return run


def test_what_falls_due_in_another_zone_keeps_its_local_hour_through_the_change_of_clocks(
    make, only, planned
):
    only("drill")
    start = datetime(2027, 3, 28, 7, 0, tzinfo=UTC)  # 09:00 in Berlin on the day of the change
    make.drill(starts_at=start, time_zone="Europe/Berlin", lead=make.person())
    planned(start - timedelta(days=2))
    assert planned(start - timedelta(hours=23, minutes=1)) == []
    (reminder,) = planned(start - timedelta(hours=23))
    assert reminder.due_at == datetime(2027, 3, 27, 8, 0, tzinfo=UTC)


def test_a_clock_that_jumps_ahead_and_back_tells_nobody_twice(make, only, planned):
    only("drill")
    make.drill(starts_at=NOW + 7 * DAY, lead=make.person())
    assert len(planned(NOW)) == 1
    assert len(planned(NOW + 6 * DAY)) == 1, "a day before, by a clock that is six days ahead"
    assert planned(NOW + timedelta(minutes=5)) == []
    assert planned(NOW + 6 * DAY + timedelta(minutes=1)) == []
    assert len(planned(NOW + 7 * DAY - timedelta(hours=1))) == 1


def test_after_ten_days_away_each_is_reminded_once_and_of_nothing_that_is_over(
    make, only, planned, session
):
    only("drill")
    lead = make.person()
    over, near, far = (
        make.drill(starts_at=NOW + timedelta(days=days, hours=1), lead=lead) for days in (9, 12, 40)
    )
    planned(NOW)
    back = NOW + 10 * DAY + timedelta(hours=2)
    fresh = planned(back)
    told = {row.subject_id: row for row in fresh if row.state is State.PENDING}
    assert over.id not in told, "it is over"
    assert told[near.id].is_late, "7 days before was missed"
    assert told[near.id].due_at == near.starts_at - 7 * DAY
    assert told[far.id].due_at == far.starts_at - 30 * DAY
    assert len(fresh) == 2
    assert planned(back + timedelta(minutes=30)) == []


def test_nothing_is_looked_at_while_nothing_changes_and_nothing_is_due(
    make, only, planned, queries, session
):
    only("drill")
    make.drill(starts_at=NOW + 5 * DAY, lead=make.person())
    planned(NOW + timedelta(minutes=5))
    session.commit()
    with queries() as seen:
        plan(session, now=NOW + timedelta(minutes=6))
    assert len(seen) <= 3


def test_a_reminder_due_between_two_looks_back_is_not_late(make, only, planned):
    only("drill")
    make.drill(starts_at=NOW + 7 * DAY + timedelta(minutes=4), lead=make.person())
    assert planned(NOW) == []
    (reminder,) = planned(NOW + timedelta(minutes=4, seconds=20))
    assert not reminder.is_late


def test_two_planners_at_once_store_each_message_once(make, app, rules, session):
    make.drill(starts_at=NOW + DAY, people=[make.person() for _ in range(40)])
    session.commit()
    with app.app_context():
        factory = db.sessionmaker
    stored, gate = [], threading.Barrier(2)

    def act():
        with factory() as own:
            gate.wait(10)
            stored.append(plan(own, now=NOW))
            own.commit()

    both = [threading.Thread(target=act) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(30)
    assert sorted(stored) == [0, 40]
    session.expire_all()
    assert session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == 40


def test_those_reminded_are_told_once_of_each_new_date(make, rules, planned, session):
    lead = make.person()
    drill = make.drill(starts_at=NOW + 3 * DAY, lead=lead)
    sent(make, drill, lead)

    def moved(to, at):
        drill.starts_at, drill.ends_at = to, to + timedelta(hours=3)
        fresh = [row for row in planned(at) if row.state is State.PENDING]
        for row in fresh:
            row.state, row.sent_at = State.SENT, at
        return [(row.kind, row.anchor_at) for row in fresh]

    first, second = NOW + 5 * DAY, NOW + 6 * DAY
    assert moved(first, NOW + timedelta(minutes=20)) == [("drill_changed", first)]
    assert moved(first, NOW + timedelta(minutes=40)) == []
    assert moved(second, NOW + timedelta(minutes=60)) == [("drill_changed", second)]
    assert moved(first, NOW + timedelta(minutes=80)) == [("drill_changed", first)], "moved back"


def test_calling_off_is_told_once_and_so_is_that_it_is_on_again(make, rules, planned):
    lead = make.person()
    drill = make.drill(starts_at=NOW + 5 * DAY, lead=lead)
    sent(make, drill, lead)

    def told(status, at):
        drill.status = status
        fresh = [row for row in planned(at) if row.state is State.PENDING]
        for row in fresh:
            row.state, row.sent_at = State.SENT, at
        return [row.kind for row in fresh]

    times = [NOW + timedelta(minutes=20 * n) for n in range(1, 6)]
    assert told(Status.POSTPONED, times[0]) == ["drill_off"]
    assert told(Status.POSTPONED, times[1]) == []
    assert told(Status.PLANNED, times[2]) == ["drill_changed"]
    assert told(Status.PLANNED, times[3]) == []
    assert told(Status.CANCELLED, times[4]) == ["drill_off"]


def test_nobody_is_told_of_a_change_of_what_they_never_heard_of(make, rules, planned):
    drill = make.drill(starts_at=NOW + 50 * DAY, lead=make.person())
    planned(NOW)
    drill.starts_at = NOW + 51 * DAY
    drill.ends_at = NOW + 52 * DAY
    assert planned(NOW + timedelta(minutes=20)) == []


def test_an_overdue_action_goes_up_step_by_step(make, only, planned):
    only("action_due")
    unit = make.unit()
    owner, officer, manager = (
        make.person(unit=unit),
        make.person(unit=unit, role=Role.UNIT_OFFICER),
        make.person(unit=unit, role=Role.MANAGER),
    )
    make.person(unit=make.unit(), role=Role.UNIT_OFFICER)
    make.action(owner=owner, unit=unit, due_on=NOW.date())
    assert {row.person_id for row in planned(NOW)} == {owner.id}
    assert {row.person_id for row in planned(NOW + DAY)} == {owner.id, officer.id}
    rows = planned(NOW + 7 * DAY)
    assert {row.person_id for row in rows} == {owner.id, officer.id, manager.id}
    assert {row.reason for row in rows} == {"owner", "unit_officers", "manager"}


def test_what_is_overdue_goes_to_the_deputy_of_the_owner_as_well(make, only, planned, session):
    """One who may see the unit, whether or not the owner is away."""
    only("action_due")
    unit = make.unit()
    owner, deputy = make.person(unit=unit), make.person(unit=unit, role=Role.AUDITOR)
    stranger = make.person(unit=make.unit(), role=Role.AUDITOR)
    setting = make.save(ReminderSetting(person=owner, deputy=deputy))
    make.action(owner=owner, unit=unit, due_on=NOW.date())
    assert {row.person_id for row in planned(NOW)} == {owner.id}
    found = {row.person_id: row.reason for row in planned(NOW + DAY)}
    assert found == {owner.id: "owner", deputy.id: "owner_deputy"}
    setting.deputy = stranger
    assert {row.person_id for row in planned(NOW + 7 * DAY)} == {owner.id}


def test_a_person_named_in_a_rule_gets_it_for_what_they_may_see(make, only, planned, session):
    only("action_due")
    here, there = make.unit(), make.unit()
    named = make.person(unit=here, role=Role.MANAGER)
    rule = session.scalars(
        sa.select(ReminderRule).filter_by(kind="action_due", direction="before", amount=7)
    ).one()
    rule.named = [RulePerson(person_id=named.id)]
    seen = make.action(unit=here, due_on=NOW.date() + 7 * DAY)
    make.action(unit=there, due_on=NOW.date() + 7 * DAY)
    rows = [row for row in planned(NOW) if row.person_id == named.id]
    assert [(row.subject_id, row.reason) for row in rows] == [(seen.id, "named")]
    rule.named = []
    planned(NOW + timedelta(minutes=20))
    assert rows[0].state is State.CANCELLED


def test_who_is_away_and_their_deputy_both_get_it(make, only, planned, session):
    only("action_due")
    owner, deputy = make.person(), make.person(role=Role.UNIT_OFFICER)
    setting = make.save(
        ReminderSetting(
            person=owner, away_from=NOW.date(), away_to=NOW.date() + 3 * DAY, deputy=deputy
        )
    )
    make.action(owner=owner, due_on=NOW.date() + 7 * DAY)
    rows = {row.person_id: row for row in planned(NOW)}
    assert set(rows) == {owner.id, deputy.id}
    assert rows[deputy.id].reason == "deputy"
    assert rows[deputy.id].stands_in_for_id == owner.id
    setting.away_to = NOW.date()
    planned(NOW + DAY)
    assert rows[deputy.id].state is State.CANCELLED, "the absence is over"
    assert rows[owner.id].state is State.PENDING


def test_an_optional_kind_that_somebody_stopped_is_not_sent_to_them(make, session, rules, planned):
    from tests.reminders.cases import CASES

    case = CASES["survey"](make)
    make.save(Unsubscription(person_id=case.person.id, kind="survey"))
    assert planned(NOW) == []


def test_an_edited_lead_time_is_not_sent_again_to_who_had_it(make, only, planned, session):
    only("drill")
    make.drill(starts_at=NOW + 7 * DAY, lead=make.person())
    (first,) = planned(NOW)
    first.state, first.sent_at = State.SENT, NOW
    rule = session.get_one(ReminderRule, first.rule_id)
    rule.amount = 6
    assert planned(NOW + DAY) == []


@pytest.mark.parametrize(
    ("given", "anchor", "due"),
    [
        ({"amount": 0}, date(2026, 12, 4), "2026-12-04 08:00"),
        ({"amount": 3, "at_time": time(7, 30)}, date(2026, 12, 4), "2026-12-01 07:30"),
        ({"amount": 2, "direction": Direction.AFTER}, date(2026, 12, 4), "2026-12-06 08:00"),
        ({"amount": 2, "unit": LeadUnit.WORKING_DAYS}, date(2026, 12, 7), "2026-12-03 08:00"),
        ({"amount": 1, "unit": LeadUnit.WORKING_DAYS, "direction": Direction.AFTER},
         date(2026, 12, 4), "2026-12-08 08:00"),
        ({"amount": 1, "hours": Hours.WORKING, "direction": Direction.AFTER},
         date(2026, 12, 4), "2026-12-08 08:00"),
        ({"amount": 1, "hours": Hours.WORKING}, date(2026, 12, 7), "2026-12-04 08:00"),
        ({"amount": 10, "unit": LeadUnit.HOURS, "hours": Hours.WORKING},
         datetime(2026, 12, 3, 3, 0, tzinfo=UTC), "2026-12-03 08:00"),
        ({"amount": 1, "unit": LeadUnit.HOURS, "hours": Hours.WORKING},
         datetime(2026, 12, 3, 0, 30, tzinfo=UTC), "2026-12-02 08:00"),
    ],
)  # fmt: skip
def test_the_moment_by_working_days_and_hours(given, anchor, due):
    """Monday 7 December is a day off here."""
    days_off = WorkingCalendar({date(2026, 12, 7): False})
    found = LeadTime(**given).due_at(anchor, HANOI, days_off)
    assert f"{found.astimezone(HANOI):%Y-%m-%d %H:%M}" == due


@pytest.mark.parametrize(
    ("quiet", "local", "after"),
    [
        ((time(22), time(6)), "2026-11-23 23:00", "2026-11-24 06:00"),
        ((time(22), time(6)), "2026-11-23 05:00", "2026-11-23 06:00"),
        ((time(22), time(6)), "2026-11-23 06:00", "2026-11-23 06:00"),
        ((time(12), time(13)), "2026-11-23 12:30", "2026-11-23 13:00"),
    ],
)
def test_quiet_hours_end_first(quiet, local, after):
    at = datetime.fromisoformat(local).replace(tzinfo=HANOI)
    assert f"{out_of(quiet, at, HANOI).astimezone(HANOI):%Y-%m-%d %H:%M}" == after


def test_days_off_of_the_installation_count(make, only, planned, session):
    only("action_due")
    rule = session.scalars(
        sa.select(ReminderRule).filter_by(kind="action_due", direction="before", amount=1)
    ).one()
    rule.unit = LeadUnit.WORKING_DAYS
    make.save(Holiday(day=date(2026, 11, 24), name="Nghỉ"))
    owner = make.person()
    make.action(owner=owner, due_on=date(2026, 11, 25))
    assert [row.person_id for row in planned(NOW)] == [owner.id]


def test_the_preview_says_to_whom_and_why_for_thirty_days(make, only, session):
    only("action_due")
    owner = make.person()
    action = make.action(owner=owner, due_on=NOW.date() + 20 * DAY)
    session.commit()
    rows = preview(session, now=NOW, until=NOW + 30 * DAY)
    assert [(row.subject, row.person, row.reason) for row in rows[:2]] == [
        (action, owner, "owner")
    ] * 2
    assert [row.rule.amount for row in rows] == [7, 1, 1, 7]
    assert session.get(ReminderState, 1).planned_until is None, "looking plans nothing"


@pytest.mark.skipif(not POSTGRESQL, reason="SQLite lets one planner in at a time")
def test_a_planner_waits_for_the_other(app, rules, make, session):
    session.commit()
    with app.app_context():
        factory = db.sessionmaker
    with factory() as first, factory() as second:
        plan(first, now=NOW)
        second.execute(sa.text("SET lock_timeout = '200ms'"))
        with pytest.raises(sa.exc.OperationalError):
            plan(second, now=NOW)
