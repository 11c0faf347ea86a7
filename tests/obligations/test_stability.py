"""Whatever happens and in whatever order, what is derived is the same however it was computed."""

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drills.audit import services as audit
from drills.core.errors import DomainError
from drills.exercises.models import Status
from drills.exercises.services import move
from drills.obligations.kinds.cadence import Calendar, Version
from drills.obligations.kinds.reading import Scope, cadence_of
from drills.obligations.models import (
    Exemption,
    ExemptionDetails,
    ExemptionState,
    Obligation,
    ObligationRule,
    RecordDetails,
    RuleVersion,
    Standing,
    VersionDetails,
)
from drills.obligations.models.subjects import Subject
from drills.obligations.services import exempting, noting
from drills.obligations.services import rules as services
from drills.obligations.services.standing import Terms
from drills.systems.models import SystemStatus
from drills.units.models import Merger, Succession, Unit
from drills.units.services import merge, obstacles, undo_merger
from drills.workdays.models import WorkingCalendar
from tests.conftest import NOW
from tests.obligations.conftest import HOME, YEARLY
from tests.obligations.test_standing import held

DAY = timedelta(days=1)
HALF_YEARS = {"kind": "period", "months": 6, "starts": "01-01"}
CADENCES = [YEARLY, HALF_YEARS, {"kind": "period", "months": 12, "starts": "12-15"}]
INSTANT = timedelta(microseconds=1)
zones = st.sampled_from(
    ["Asia/Ho_Chi_Minh", "America/New_York", "Pacific/Auckland", "Pacific/Kiritimati", "UTC"]
).map(ZoneInfo)
days = st.dates(date(2020, 2, 1), date(2030, 12, 31))


def terms(at, zone, *, grace_days, lead_days, months):
    version = RuleVersion(
        valid_from=date(2020, 1, 1), cadence={}, grace_days=grace_days, lead_days=[lead_days]
    )
    rule = ObligationRule(counted_from=date(2020, 1, 1), versions=[version])
    cadence = cadence_of({"kind": "rolling", "months": months})
    calendar = Calendar([Version(version.valid_from, cadence)], zone)
    on = at.astimezone(zone).date()
    return Terms(rule, calendar, version, Scope(), at, on, WorkingCalendar())


@settings(max_examples=100, deadline=None)
@given(zones, days, st.integers(1, 24), st.integers(0, 30), st.integers(0, 90))
def test_a_day_is_over_at_midnight_of_the_place_and_not_a_moment_sooner(
    zone, since, months, grace_days, lead_days
):
    """The edges of each standing, wherever the clocks of the place are put forward or back."""
    given = {"grace_days": grace_days, "lead_days": lead_days, "months": months}
    subject = Subject(1, 1, since)

    def at(moment):
        row = terms(moment, zone, **given).row(subject, None)
        return row[-1], row[5]

    def midnight(day):
        return datetime.combine(day, time(), zone)

    _state, due = at(midnight(since))
    late, soon = midnight(due + (grace_days + 1) * DAY), midnight(due - lead_days * DAY)
    assert at(late)[0] is Standing.OVERDUE
    assert at(late.astimezone(ZoneInfo("UTC")) - INSTANT)[0] is Standing.DUE_SOON
    assert at(soon)[0] is Standing.DUE_SOON
    assert at(soon.astimezone(ZoneInfo("UTC")) - INSTANT)[0] is Standing.NOT_YET
    assert at(late)[1] == due


def rows(session):
    """Every derived column but when it was written."""
    names = [c for c in Obligation.__table__.c if c.name not in {"id", "updated_at"}]
    session.expire_all()
    return sorted(tuple(row) for row in session.execute(sa.select(*names)))


@pytest.fixture
def world(make, add_rule, compute):
    """Three rules of units and systems, and the ids of four units."""
    add_rule(), add_rule("hunt", "unit", "threat_hunting", cadence=HALF_YEARS)
    add_rule("sys", "system", "drill_of_system")
    found = [make.unit(active_from=day).id for day in (None, None, date(2026, 5, 7), None)]
    compute()
    return found


HAPPENINGS = [
    "held", "moved", "ended", "note", "system", "merged", "unmerged", "version", "exempt", "later",
]  # fmt: skip


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(HAPPENINGS), st.integers(0, 3), st.integers(0, 400)), max_size=8
    )
)
def test_whatever_happens_a_refresh_says_what_a_whole_computation_says(
    make, session, refresh, compute, world, steps
):
    now = NOW
    refresh(now)
    for step, number, wait in steps:
        now += wait * DAY if step == "later" else timedelta()
        WHAT[step](session, make, session.get_one(Unit, world[number]), wait)
        session.commit()
        refresh(now)
        found = rows(session)
        assert len({(row[0], row[2]) for row in found}) == len(found), "none is asked twice"
        assert compute(now).total == 0
        assert rows(session) == found


def _held(session, make, unit, wait):
    audit.record(session, "created", held(make, unit, at=NOW - wait * DAY), by=None)


def _moved(session, make, unit, wait):
    move(session, make.drill(unit=unit), Status.COMPLETED, "", by=None)


def _ended(session, make, unit, wait):
    with audit.changing(session, "revised", unit, by=None):
        unit.active_to = None if unit.active_to else date(2026, 11, 1)
        session.flush()


def _suspended(session, make, unit, wait):
    system = make.system(owner=unit)
    with audit.changing(session, "revised", system, by=None):
        system.status = SystemStatus.SUSPENDED
        session.flush()


def _owed(session, unit, met_by):
    query = sa.select(Obligation).join(ObligationRule).where(ObligationRule.met_by == met_by)
    return session.scalars(query.where(Obligation.subject_id == unit.id)).first()


def _noted(session, make, unit, wait):
    if one := _owed(session, unit, "threat_hunting"):
        on = NOW.date() - wait * DAY
        noting.note(session, one, RecordDetails(on), by=make.person(), on=NOW.date())


def _merged(session, make, unit, wait):
    """With the last of the units, on a day of the middle of the year."""
    on = date(2026, 1, 2) + (wait % 300) * DAY
    last = session.scalars(sa.select(Unit).order_by(Unit.id.desc())).first()
    with suppress(DomainError):
        merge(session, last, Merger((unit.id,), on, "1/QĐ"), by=None)


def _unmerged(session, make, unit, wait):
    line = session.scalars(
        sa.select(Succession).where(Succession.predecessor_id == unit.id)
    ).first()
    if line and not obstacles(session, line):
        undo_merger(session, line, "Nhầm", by=None)


def _version(session, make, unit, wait):
    """The rule on drills reads otherwise from some day on, in the middle of a period or not."""
    rule = session.scalars(sa.select(ObligationRule).order_by(ObligationRule.id)).first()
    details = services.details_of(rule)
    new = VersionDetails(
        date(2026, 1, 1) + wait * DAY, CADENCES[wait % len(CADENCES)], {}, lead_days=(30,)
    )
    kept = tuple(one for one in details.versions if one.valid_from < new.valid_from)
    changed = details.__class__(
        details.key, details.title_vi, details.title_en, details.subject_kind, details.met_by,
        (*kept, new), details.counted_from,
    )  # fmt: skip
    services.save(session, [changed], NOW.date(), by=None)


def _exempt(session, make, unit, wait):
    one = _owed(session, unit, "drill_of_unit")
    if one is None or one.next_due_on is None:
        return
    open_one = sa.select(Exemption).where(
        Exemption.subject_id == unit.id, Exemption.state == ExemptionState.APPROVED
    )
    if found := session.scalars(open_one).first():
        exempting.end(session, found, note="Xong sớm", by=make.person())
        return
    details = ExemptionDetails(one.next_due_on - wait * DAY, one.next_due_on + DAY, "Sửa trụ sở")
    exemption = exempting.ask(session, one, details, by=make.person())
    exempting.decide(session, exemption, is_approved=True, note="", by=make.person(), at=NOW)


WHAT = {
    "held": _held, "moved": _moved, "ended": _ended, "note": _noted, "system": _suspended,
    "merged": _merged, "unmerged": _unmerged, "version": _version, "exempt": _exempt,
    "later": lambda *_: None,
}  # fmt: skip
assert set(WHAT) == set(HAPPENINGS)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    merged_on=st.dates(date(2026, 1, 2), date(2026, 11, 20)),
    drills=st.tuples(*[st.none() | st.integers(1, 600)] * 2),
    begun=st.none() | st.integers(0, 400),
)
def test_the_unit_that_takes_over_owes_what_both_have_left_and_the_other_nothing(
    make, add_rule, session, compute, standing, merged_on, drills, begun
):
    rule = session.scalars(sa.select(ObligationRule)).first() or add_rule()
    began = merged_on - begun * DAY if begun is not None else None
    old, new = make.unit(), make.unit(active_from=began)
    on = [None if back is None else NOW - back * DAY for back in drills]
    for unit, at in zip((old, new), on, strict=True):
        if at:
            held(make, unit, at=at)
    merge(session, new, Merger((old.id,), merged_on, "1/QĐ"), by=None)
    session.commit()
    compute()
    assert standing(rule, old) is None
    found = standing(rule, new)
    done = [(at + timedelta(hours=3)).astimezone(HOME).date() for at in on if at]
    calendar = Calendar([Version(date(2020, 1, 1), cadence_of(YEARLY))], HOME)
    due = calendar.due(max(done, default=None), max(began or date.min, rule.counted_from))
    assert (found.next_due_on, found.period) == (due.on, due.period)
    assert found.last_met_on == max(done, default=None)
    assert compute().total == 0
