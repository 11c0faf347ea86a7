"""Clocks of whole lists, and the words that pages and letters have for them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask_babel import force_locale

from drills.approvals.kinds import Unit
from drills.approvals.models import State
from drills.approvals.models.clocks import Clock, ClockKind
from drills.approvals.services.clocks import all_clocks, clock, clocks
from drills.approvals.terms import clock_kind, clock_told, term
from drills.workdays.models import Holiday

TODAY = date(2026, 11, 23)
RUNS = Clock(
    kind=ClockKind.APPRAISAL,
    limit=15,
    unit=Unit.WORKING,
    started_on=date(2026, 11, 6),
    used=11,
    paused=0,
    is_paused=False,
    due_on=date(2026, 11, 27),
    ended_on=None,
)
STANDS = replace(RUNS, is_paused=True, due_on=None)
ENDED = replace(RUNS, ended_on=TODAY)


@pytest.mark.parametrize(
    ("found", "vietnamese", "english", "kind"),
    [
        (RUNS, "còn 4 ngày làm việc, hạn 27/11", "4 working days left, due 27 Nov", "wait"),
        (
            replace(RUNS, used=14, due_on=date(2026, 11, 24)),
            "còn 1 ngày làm việc, hạn 24/11",
            "1 working day left, due 24 Nov",
            "turn",
        ),
        (
            replace(RUNS, used=15, due_on=TODAY),
            "đến hạn hôm nay, 23/11",
            "due today, 23 Nov",
            "turn",
        ),
        (
            replace(RUNS, used=17, due_on=date(2026, 11, 19)),
            "quá hạn 2 ngày làm việc, hạn 19/11",
            "2 working days overdue, was due 19 Nov",
            "late",
        ),
        (
            replace(RUNS, unit=Unit.CALENDAR, due_on=date(2027, 1, 4)),
            "còn 4 ngày, hạn 04/01/2027",
            "4 days left, due 4 Jan 2027",
            "wait",
        ),
        (
            replace(RUNS, limit=None, due_on=None),
            "đã qua 11 ngày làm việc, không quy định thời hạn",
            "11 working days so far, no time limit",
            "wait",
        ),
        (STANDS, "tạm dừng, còn 4 ngày làm việc", "stands, 4 working days left", "idle"),
        (
            replace(STANDS, used=16),
            "tạm dừng, đã quá hạn 1 ngày làm việc",
            "stands, 1 working day overdue",
            "idle",
        ),
        (
            replace(STANDS, limit=None),
            "tạm dừng, đã qua 11 ngày làm việc",
            "stands at 11 working days",
            "idle",
        ),
        (
            ENDED,
            "xong trong 11 ngày làm việc, đúng hạn",
            "done in 11 working days, in time",
            "idle",
        ),
        (
            replace(ENDED, used=18),
            "xong trong 18 ngày làm việc, trễ hạn 3 ngày làm việc",
            "done in 18 working days, 3 working days late",
            "idle",
        ),
        (None, "", "", "idle"),
    ],
)
def test_a_clock_in_words(app, found, vietnamese, english, kind):
    with app.test_request_context():
        with force_locale("vi"):
            assert clock_told(found, TODAY) == vietnamese
        with force_locale("en"):
            assert clock_told(found, TODAY) == english
        assert clock_kind(found) == kind


def test_words_follow_the_law_of_a_dossier(app, make):
    rules = make.regimes()
    with app.test_request_context():
        with force_locale("vi"):
            assert term(rules["nd-85-2016"], "security") == "an toàn thông tin"
            assert term(rules["nd-331-2026"], "specialised_unit").endswith("an ninh mạng")
        with force_locale("en"):
            assert term(rules["nd-85-2016"], "security") == "information safety"


def test_the_clock_of_a_dossier_follows_its_events_and_the_days_off(office, session):
    dossier = office.dossier(State.IN_APPRAISAL)
    later = office.now.date() + timedelta(days=7)
    plain = clock(session, dossier, later)
    assert (plain.kind, plain.limit, plain.unit) == (ClockKind.APPRAISAL, 15, Unit.WORKING)
    session.add(Holiday(day=later - timedelta(days=4), name="Nghỉ"))
    session.flush()
    assert clock(session, dossier, later).used == plain.used - 1
    assert clock(session, dossier, later).due_on > plain.due_on


def test_many_clocks_cost_no_more_queries_than_one(office, session, make, queries):
    dossiers = [office.dossier(State.SUBMITTED)]
    for _ in range(3):
        system = make.system(owner=office.root, operator=office.operator, level=3)
        dossiers.append(office.dossier(State.SUBMITTED, system=system))
    session.commit()
    for dossier in dossiers:
        session.refresh(dossier)
    with queries() as one:
        clocks(session, dossiers[:1], TODAY)
    session.expire_all()
    for dossier in dossiers:
        session.refresh(dossier)
    with queries() as many:
        found = clocks(session, dossiers, TODAY)
    assert {key: value.kind for key, value in found.items()} == {
        dossier.id: ClockKind.VALIDITY for dossier in dossiers
    }
    assert len(many) == len(one) <= 3


def test_without_dossiers_nothing_is_asked(session, queries):
    with queries() as seen:
        assert all_clocks(session, [], TODAY) == {}
    assert seen == []
