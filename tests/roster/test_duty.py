"""Who is on duty: one answer for pages, files and the command line; no gap unseen, none double."""

import io
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import icalendar
import openpyxl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drills.accounts.models import Grant, Person, Role
from drills.audit.models import Entry
from drills.core.errors import DomainError, NotAllowedNow
from drills.roster.models import DutyRole, Rota, RotaDetails, Shift, ShiftDetails, ShiftOverride
from drills.roster.services import duty, shifts
from drills.roster.services.shifts import Rotation
from tests.browser import Browser
from tests.conftest import NOW

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
WEEKLY = RotaDetails("Asia/Ho_Chi_Minh", time(8), 7, has_backup=False)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def team(make):
    make.organisation()
    return make.team()


@pytest.fixture
def people(make, team):
    return [make.member(team=team, person=make.person(name=name)).person
            for name in ("Lò Thị An", "Vàng A Bình", "Y Chi")]  # fmt: skip


def kept(session, team, start, end):
    found = duty.duty_between(session, [team], start, end)
    return [(part.person.name, part.starts_at, part.ends_at) for part in found]


def now_on(session, team, at=NOW):
    return [(one.person.name, one.role, one.is_override) for one in duty.on_duty(session, team, at)]


def words(page):
    return " ".join(page.main.text.split())


def test_whoever_has_the_shift_is_on_duty_until_just_before_it_ends(make, session, team):
    shift = make.shift(team=team)
    assert now_on(session, team) == [(shift.person.name, DutyRole.PRIMARY, False)]
    assert now_on(session, team, shift.starts_at)
    assert now_on(session, team, shift.ends_at) == []
    assert now_on(session, team, shift.starts_at - timedelta(seconds=1)) == []


def test_the_primary_is_named_before_the_backup(make, session, team):
    make.shift(team=team, role=DutyRole.BACKUP, starts_at=NOW - DAY)
    make.shift(team=team)
    roles = [role for _name, role, _stands_in in now_on(session, team)]
    assert roles == [DutyRole.PRIMARY, DutyRole.BACKUP]


def test_who_stands_in_is_on_duty_for_that_part_and_the_shift_is_kept(make, session, team, people):
    shift = make.shift(team=team, person=people[0], starts_at=NOW - DAY, ends_at=NOW + DAY)
    between = (NOW - HOUR, NOW + HOUR)
    override = shifts.stand_in(session, shift, people[1], between, "Đi công tác", by=None)
    first, second = people[0].name, people[1].name
    assert now_on(session, team) == [(second, DutyRole.PRIMARY, True)]
    assert kept(session, team, NOW - DAY, NOW + DAY) == [
        (first, shift.starts_at, NOW - HOUR),
        (second, *between),
        (first, NOW + HOUR, shift.ends_at),
    ]
    assert duty.on_duty(session, team, NOW - 2 * HOUR)[0].until == NOW - HOUR
    for at in (shift.starts_at, between[0], NOW, between[1], shift.ends_at - timedelta(seconds=1)):
        (keeper,) = session.scalars(sa.select(duty.keeper_at(at)).select_from(Shift))
        assert keeper == duty.on_duty(session, team, at)[0].person.id
    assert shift.person is people[0]
    shifts.take_back(session, override, by=None)
    assert now_on(session, team) == [(first, DutyRole.PRIMARY, False)]


def test_ones_own_duty_has_what_one_stands_in_for_and_not_what_others_keep(make, session, people):
    lent = make.shift(person=people[0], ends_at=NOW + 4 * HOUR)
    shifts.stand_in(session, lent, people[1], (NOW, NOW + HOUR), "Họp", by=None)
    own = make.shift(person=people[1], starts_at=NOW + DAY, ends_at=NOW + 2 * DAY)
    found = duty.duty_of(session, people[1], NOW - DAY, NOW + 9 * DAY)
    assert [(part.starts_at, part.is_override) for part in found] == [
        (NOW, True), (own.starts_at, False),
    ]  # fmt: skip


def test_nobody_stands_in_outside_the_shift_or_at_the_same_time_as_another(make, session, people):
    shift = make.shift(person=people[0], starts_at=NOW, ends_at=NOW + 8 * HOUR)
    with pytest.raises(DomainError, match="outside"):
        shifts.stand_in(session, shift, people[1], (NOW - HOUR, NOW + HOUR), "x", by=None)
    shifts.stand_in(session, shift, people[1], (NOW + HOUR, NOW + 3 * HOUR), "x", by=None)
    with pytest.raises(NotAllowedNow, match=people[1].name):
        shifts.stand_in(session, shift, people[2], (NOW + 2 * HOUR, NOW + 4 * HOUR), "x", by=None)
    shifts.stand_in(session, shift, people[2], (NOW + 3 * HOUR, NOW + 4 * HOUR), "x", by=None)


def test_two_of_a_role_at_once_are_refused_and_the_reason_names_the_other(make, session, people):
    there = make.shift(person=people[0], starts_at=NOW, ends_at=NOW + 8 * HOUR)
    team, late = there.team, ShiftDetails(people[1].id, DutyRole.PRIMARY, NOW + HOUR, NOW + DAY)
    with pytest.raises(NotAllowedNow, match=people[0].name):
        shifts.add_shift(session, team, late, by=None)
    shifts.add_shift(
        session, team, ShiftDetails(people[1].id, DutyRole.BACKUP, NOW + HOUR, NOW + DAY), by=None
    )
    after = ShiftDetails(people[1].id, DutyRole.PRIMARY, there.ends_at, NOW + DAY)
    shifts.add_shift(session, team, after, by=None)
    with pytest.raises(NotAllowedNow):
        shifts.revise_shift(session, there, late, by=None)


def test_a_shift_does_not_shrink_away_from_who_stands_in(make, session, people):
    shift = make.shift(person=people[0], starts_at=NOW, ends_at=NOW + 8 * HOUR)
    shifts.stand_in(session, shift, people[1], (NOW + 5 * HOUR, NOW + 8 * HOUR), "x", by=None)
    shorter = ShiftDetails(people[0].id, DutyRole.PRIMARY, NOW, NOW + 6 * HOUR)
    with pytest.raises(NotAllowedNow, match=people[1].name):
        shifts.revise_shift(session, shift, shorter, by=None)


def test_two_shifts_are_exchanged_in_one_act(make, session, team, people):
    one = make.shift(team=team, person=people[0], starts_at=NOW, ends_at=NOW + DAY)
    other = make.shift(team=team, person=people[1], starts_at=NOW + DAY, ends_at=NOW + 2 * DAY)
    shifts.swap(session, one, other, by=None, at=NOW)
    assert (one.person, other.person) == (people[1], people[0])
    verbs = session.scalars(sa.select(Entry.verb).where(Entry.subject_kind == "shift")).all()
    assert verbs == ["shift.swapped", "shift.swapped"]
    with pytest.raises(NotAllowedNow):
        shifts.swap(session, one, other, by=None, at=one.ends_at)
    with pytest.raises(DomainError):
        shifts.swap(session, one, make.shift(), by=None, at=NOW)


def test_a_shift_that_has_begun_stays_on_record(make, session, people):
    begun, ahead = make.shift(), make.shift(starts_at=NOW + DAY, ends_at=NOW + 2 * DAY)
    with pytest.raises(NotAllowedNow):
        shifts.remove_shift(session, begun, by=None, at=NOW)
    shifts.remove_shift(session, ahead, by=None, at=NOW)
    assert session.scalars(sa.select(Shift.id)).all() == [begun.id]


def test_a_rotation_hands_over_in_order_and_the_backup_is_the_next(people):
    details = RotaDetails("Asia/Ho_Chi_Minh", time(8), 7, has_backup=True)
    drafts = shifts.drafted(details, Rotation(people, date(2026, 11, 23), date(2026, 12, 7)))
    assert [(d.person_id, d.role) for d in drafts[:4]] == [
        (people[0].id, DutyRole.PRIMARY),
        (people[1].id, DutyRole.BACKUP),
        (people[1].id, DutyRole.PRIMARY),
        (people[2].id, DutyRole.BACKUP),
    ]
    assert drafts[0].starts_at == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    assert len(drafts) == 6


@pytest.mark.parametrize(
    ("people_count", "has_backup", "last_on"),
    [(0, False, date(2026, 12, 1)), (1, True, date(2026, 12, 1)), (1, False, date(2026, 11, 1)),
     (1, False, date(2036, 1, 1))],
)  # fmt: skip
def test_a_rotation_that_makes_no_sense_says_why(people_count, has_backup, last_on):
    details = RotaDetails("Asia/Ho_Chi_Minh", time(8), 1, has_backup=has_backup)
    rotation = Rotation([Person(id=n) for n in range(people_count)], date(2026, 11, 23), last_on)
    with pytest.raises(DomainError):
        shifts.drafted(details, rotation)


@pytest.mark.parametrize(
    ("first_on", "hours"), [(date(2026, 3, 28), [24, 23, 24]), (date(2026, 10, 24), [24, 25, 24])]
)
def test_where_the_clocks_change_the_hand_over_stays_at_its_hour(people, first_on, hours):
    details = RotaDetails("Europe/Paris", time(8), 1, has_backup=False)
    drafts = shifts.drafted(details, Rotation(people, first_on, first_on + 2 * DAY))
    lengths = [(d.ends_at.astimezone(UTC) - d.starts_at.astimezone(UTC)) / HOUR for d in drafts]
    assert lengths[0] + lengths[1] == sum(hours[:2])
    assert {d.starts_at.astimezone(ZoneInfo("Europe/Paris")).hour for d in drafts} == {8}
    assert all(a.ends_at == b.starts_at for a, b in pairwise(drafts))


@settings(max_examples=50)
@given(
    zone=st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Paris", "Australia/Sydney", "Asia/Kolkata"]),
    hour=st.integers(0, 23),
    every=st.integers(1, 10),
    first_on=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    length=st.integers(0, 60),
    size=st.integers(2, 5),
    has_backup=st.booleans(),
)
def test_a_rotation_leaves_no_gap_and_has_nobody_twice(
    zone, hour, every, first_on, length, size, has_backup
):
    details = RotaDetails(zone, time(hour, 30), every, has_backup=has_backup)
    rotation = Rotation([Person(id=n) for n in range(size)], first_on, first_on + length * DAY)
    drafts = shifts.drafted(details, rotation)
    for role in DutyRole if has_backup else [DutyRole.PRIMARY]:
        mine = [d for d in drafts if d.role == role]
        spans = [(d.starts_at.astimezone(UTC), d.ends_at.astimezone(UTC)) for d in mine]
        assert all(start < end for start, end in spans)
        assert all(a[1] == b[0] for a, b in pairwise(spans))
        assert list(duty.uncovered(spans, spans[0][0], spans[-1][1])) == []
    for primary, backup in zip(drafts[::2], drafts[1::2], strict=True) if has_backup else ():
        assert primary.person_id != backup.person_id


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(cuts=st.lists(st.integers(0, 48), max_size=8), taken=st.lists(st.booleans(), min_size=8))
def test_a_shift_with_stand_ins_is_kept_at_every_moment_by_one_person(cuts, taken):
    begins = datetime(2026, 11, 23, tzinfo=UTC)
    shift = Shift(person=Person(id=1), starts_at=begins, ends_at=begins + 48 * HOUR)
    edges = sorted({0, 48, *cuts})
    for number, (a, b) in enumerate(pairwise(edges)):
        if taken[number % len(taken)]:
            shift.overrides.append(
                ShiftOverride(
                    person=Person(id=2), starts_at=begins + a * HOUR, ends_at=begins + b * HOUR
                )
            )
    parts = list(duty.parts_of(shift))
    assert (parts[0].starts_at, parts[-1].ends_at) == (shift.starts_at, shift.ends_at)
    assert all(a.ends_at == b.starts_at for a, b in pairwise(parts))
    stood_in = sum((p.ends_at - p.starts_at for p in parts if p.is_override), timedelta())
    assert stood_in == sum((o.ends_at - o.starts_at for o in shift.overrides), timedelta())


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 100), st.integers(1, 10)), max_size=8))
def test_gaps_and_shifts_together_are_the_whole_time(raw):
    begins, spans, free_from = datetime(2026, 1, 1, tzinfo=UTC), [], 0
    for start, length in sorted(raw):
        if start >= free_from:
            free_from = start + length
            spans.append((begins + start * HOUR, begins + free_from * HOUR))
    end = begins + 110 * HOUR
    found = sorted([*spans, *duty.uncovered(spans, begins, end)])
    assert found[0][0] == begins
    assert found[-1][1] == end
    assert all(a[1] == b[0] for a, b in pairwise(found))


def test_gaps_are_looked_for_in_teams_that_keep_duty_only(make, session, team):
    assert duty.gaps(session, [team], NOW, NOW + DAY) == []
    shifts.keep_rota(session, team, WEEKLY, by=None)
    [gap] = duty.gaps(session, [team], NOW, NOW + DAY)
    assert (gap.starts_at, gap.ends_at, gap.role) == (NOW, NOW + DAY, DutyRole.PRIMARY)
    make.shift(team=team, starts_at=NOW - HOUR, ends_at=NOW + 3 * HOUR)
    make.shift(team=team, starts_at=NOW + 5 * HOUR, ends_at=NOW + 9 * DAY)
    [gap] = duty.gaps(session, [team], NOW, NOW + 7 * DAY)
    assert (gap.starts_at, gap.ends_at) == (NOW + 3 * HOUR, NOW + 5 * HOUR)
    shifts.drop_rota(session, team, by=None)
    assert duty.gaps(session, [team], NOW, NOW + DAY) == []


def test_a_team_with_a_backup_has_gaps_in_either_role(make, session, team):
    shifts.keep_rota(session, team, RotaDetails("UTC", time(8), 1, has_backup=True), by=None)
    make.shift(team=team, ends_at=NOW + 9 * DAY)
    assert [gap.role for gap in duty.gaps(session, [team], NOW, NOW + DAY)] == [DutyRole.BACKUP]


@pytest.fixture
def plan(team, people):
    turns = {f"turn-{person.id}": n for n, person in enumerate(reversed(people), start=1)}
    return turns | {
        "time_zone": "Asia/Ho_Chi_Minh",
        "hand_over": "8h",
        "every_days": 7,
        "first_on": "23/11/2026",
        "last_on": "13/12/2026",
    }


def test_duty_is_planned_after_it_was_shown(browser, session, team, people, plan):
    address = f"/teams/{team.id}/duty/plan"
    page = browser.post(address, plan, status=200)
    assert len(page.select("#preview tbody tr")) == 3
    assert session.scalars(sa.select(Shift)).all() == []
    sent = {i["name"]: i["value"] for i in page.select("#preview form input[type=hidden]")}
    browser.post(address, sent)
    found = session.scalars(sa.select(Shift).order_by(Shift.starts_at)).all()
    assert [shift.person_id for shift in found] == [p.id for p in reversed(people)]
    assert session.scalars(sa.select(Rota.every_days)).all() == [7]
    assert people[2].name in words(browser.get(f"/teams/{team.id}/duty/"))
    again = browser.post(address, plan, status=422)
    assert people[2].name in again.select_one(".errors").text
    form = browser.get(address)
    assert form.select_one("#first_on")["value"] == "14/12/2026"
    assert form.select_one(f"#turn-{people[2].id}")["value"] == "1"


def test_a_plan_with_nobody_in_it_says_so(browser, team, people, plan):
    empty = {name: "" if name.startswith("turn-") else value for name, value in plan.items()}
    page = browser.post(f"/teams/{team.id}/duty/plan", empty, status=422)
    assert page.select_one(".errors li")


def test_the_page_of_a_team_says_first_who_is_on_duty_and_then_the_gaps(
    browser, make, session, team, people
):
    shifts.keep_rota(session, team, WEEKLY, by=None)
    make.shift(team=team, person=people[0], starts_at=NOW - HOUR, ends_at=NOW + 3 * HOUR)
    page = browser.get(f"/teams/{team.id}/duty/")
    assert people[0].name in page.select_one("#now").text
    assert "23/11/2026, 12:00" in page.select_one("#gaps li").text
    assert team.name in words(browser.get("/duty/"))


def test_the_months_days_name_who_keeps_them_and_the_file_has_the_same(
    browser, make, session, team, people
):
    person = people[0]
    person.mobile = "0912 000 111"
    shift = make.shift(team=team, person=person, starts_at=NOW, ends_at=NOW + DAY)
    shifts.stand_in(session, shift, people[1], (NOW + HOUR, NOW + 2 * HOUR), "Họp", by=None)
    page = browser.get(f"/teams/{team.id}/duty/month?month=2026-11")
    day = page.select_one("time[datetime='2026-11-23']").parent
    assert person.name in day.text
    assert people[1].name in day.text
    answer = browser.raw(f"/teams/{team.id}/duty/export.xlsx?month=2026-11")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.values)
    assert [row[2] for row in rows[1:]] == [person.name, people[1].name, person.name]
    assert rows[2][6:8] == (person.name, "Họp")
    assert rows[1][3:5] == ("0912 000 111", datetime(2026, 11, 23, 9, 0))


def test_a_shift_is_added_changed_exchanged_and_stood_in_for_by_its_pages(
    browser, make, session, team, people
):
    day = {"start_day": "24/11/2026", "start_time": "8:00", "end_day": "25/11/2026"}
    data = day | {"end_time": "8:00", "person_id": people[0].id, "role": "primary"}
    browser.post(f"/teams/{team.id}/duty/shifts/new", data)
    shift = session.scalars(sa.select(Shift)).one()
    assert shift.starts_at.astimezone(HANOI).hour == 8
    browser.post(f"/teams/{team.id}/duty/shifts/new", data, status=422)
    browser.post(f"/shifts/{shift.id}/edit", data | {"note": "Ca ngày"})
    other = make.shift(team=team, person=people[1], starts_at=NOW + 9 * DAY, ends_at=NOW + 10 * DAY)
    assert people[1].name in words(browser.get(f"/shifts/{shift.id}/swap"))
    browser.post(f"/shifts/{shift.id}/swap", {"other_id": other.id})
    session.refresh(shift)
    assert (shift.person_id, shift.note) == (people[1].id, "Ca ngày")
    part = day | {"end_day": "24/11/2026", "end_time": "12:00", "reason": "Họp"}
    browser.post(f"/shifts/{shift.id}/stand-in", part | {"person_id": people[2].id})
    page = browser.get(f"/shifts/{shift.id}/")
    assert [people[2].name in row.text for row in page.select("#kept tbody tr")] == [True, False]
    override = session.scalars(sa.select(ShiftOverride)).one()
    browser.post(f"/shift-overrides/{override.id}/remove")
    browser.post(f"/shifts/{shift.id}/remove")
    assert session.scalars(sa.select(Shift.id)).all() == [other.id]


def test_a_member_looks_at_the_duty_and_changes_nothing(app, make, session, team, people):
    shift = make.shift(team=team, person=people[0])
    member = make.person(role=Role.IR_MEMBER, unit=make.unit())
    reader = Browser(app, session, as_=member)
    reader.get(f"/teams/{team.id}/duty/", status=404)
    make.member(team=team, person=member)
    reader.get(f"/teams/{team.id}/duty/")
    reader.get(f"/shifts/{shift.id}/")
    reader.get(f"/shifts/{shift.id}/edit", status=403)
    reader.get(f"/teams/{team.id}/duty/plan", status=403)


def test_the_list_of_teams_on_duty_asks_no_more_questions_for_more_teams(
    browser, make, session, queries
):
    def cost(count):
        for _ in range(count):
            team = make.team(unit=make.unit())
            shifts.keep_rota(session, team, WEEKLY, by=None)
            shift = make.shift(team=team, person=make.person(unit=make.unit()))
            shifts.stand_in(session, shift, make.person(), (NOW, NOW + HOUR), "x", by=None)
        session.commit()
        with queries() as seen:
            page = browser.get("/duty/")
        return len(seen), len(page.select("tbody tr"))

    few, rows = cost(2)
    assert (few, rows) == (cost(10)[0], 2)
    assert few <= 10


def test_the_command_names_who_is_on_duty_and_fails_where_nobody_is(cli, make, session, team):
    shifts.keep_rota(session, team, WEEKLY, by=None)
    shift = make.shift(team=team, starts_at=NOW - HOUR, ends_at=NOW + 9 * DAY)
    assert shift.person.name in cli("duty", "now").output
    answer = cli("duty", "gaps", "--json")
    assert (answer.exit_code, answer.output.strip()) == (0, "[]")
    session.delete(shift)
    answer = cli("duty", "gaps", "--json")
    assert answer.exit_code == 1
    assert team.name in answer.output


def calendar(browser, visitor, address):
    secret = browser.post(address, status=200).select_one("code.break").text
    answer = visitor.raw(secret.removeprefix("http://drills.test"))
    return list(icalendar.Calendar.from_ical(answer.data).walk("VEVENT"))


def test_the_calendar_of_a_person_and_of_a_team_has_the_shifts_as_they_are_kept(
    app, make, session, browser, team, people
):
    shift = make.shift(team=team, person=people[0])
    shifts.stand_in(session, shift, people[1], (NOW, NOW + HOUR), "Họp", by=None)
    make.shift(person=people[2])
    visitor = Browser(app, session)
    events = calendar(browser, visitor, f"/teams/{team.id}/calendar-address")
    assert sorted(event.start for event in events) == [shift.starts_at, NOW, NOW + HOUR]
    assert len({str(event["UID"]) for event in events}) == 3
    people[1].active, people[1].grants = True, [Grant(role=Role.IR_MEMBER)]
    browser.sign_in(people[1])
    [mine] = calendar(browser, visitor, "/calendar-addresses/mine")
    assert (mine.start, mine.end) == (NOW, NOW + HOUR)
    assert people[0].name in mine["DESCRIPTION"]


def test_the_home_page_says_who_is_on_duty_and_where_nobody_is(browser, make, session, team):
    make.system()
    shifts.keep_rota(session, team, WEEKLY, by=None)
    assert team.name in browser.get("/").select_one("#watch .late").parent.text
    shift = make.shift(team=team, person=make.person(mobile="0912 345 678"))
    watch = browser.get("/").select_one("#watch")
    assert shift.person.name in watch.text
    assert watch.select_one("a[href='tel:0912345678']")
