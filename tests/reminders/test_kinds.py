"""Each kind of reminder: it is planned, stands, ends and moves with its subject, and is scoped."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.reminders.kinds import AUDIENCES, KINDS
from drills.reminders.models import Delivery, State
from drills.reminders.services import deadlines, load_subjects, plan, preview, stands
from drills.reminders.services.slots import at as reckoned
from tests.conftest import NOW
from tests.reminders.cases import CASES

SEEN_BY_ALL = {"registration_deadline", "round_deadline"}
"""Editions of a series are public."""
OPEN = {State.PENDING, State.GROUPED}


@pytest.fixture
def case(rules, make, session, request):
    found = CASES[request.param](make)
    session.commit()
    return request.param, found


@pytest.fixture
def planned(session):
    """Plan, and return what one person is to get of one kind, by its state."""

    def run(key, person, at=NOW):
        plan(session, now=at)
        session.expire_all()
        query = sa.select(Delivery).filter_by(kind=key, person_id=person.id)
        return session.scalars(query.order_by(Delivery.id)).all()

    return run


every_kind = pytest.mark.parametrize("case", KINDS, indirect=True)


def due(session, key):
    """``NOW``, or as late as the clock of a dossier demands."""
    at = NOW
    deadlines.refresh(session, reckoned(session, NOW))
    while not any(row.kind.key == key for row in preview(session, now=at, until=at)):
        at += timedelta(days=1)
        assert at < NOW + timedelta(days=40), "nothing of this kind falls due"
    return at


@every_kind
def test_it_is_planned_once_and_stands(case, session, planned):
    key, found = case
    at = due(session, key)
    (delivery,) = planned(key, found.person, at)
    assert delivery.state in OPEN
    assert delivery.subject_id == found.subject.id
    assert delivery.reason in KINDS[key].audiences
    wanted = sa.select(Delivery.kind).where(stands(reckoned(session, at)))
    assert key in session.scalars(wanted).all()
    assert planned(key, found.person, at + timedelta(seconds=30)) == [delivery]


@every_kind
def test_it_is_withdrawn_when_its_subject_ends(case, session, planned):
    key, found = case
    at = due(session, key)
    (delivery,) = planned(key, found.person, at)
    found.end()
    session.commit()
    planned(key, found.person, at + timedelta(minutes=11))
    assert delivery.state is State.CANCELLED


@pytest.mark.parametrize(
    "case",
    [
        key for key in KINDS
        if key not in {"drill_off", "drill_left", "survey", "decision_expiring", "decision_review",
                       "dossier_clock", "contact_ask", "delivery_failed"}
    ],
    indirect=True,
)  # fmt: skip
def test_when_its_subject_moves_the_old_one_goes_and_a_new_one_comes(case, session, planned):
    key, found = case
    (old,) = planned(key, found.person)
    before = old.anchor
    found.move()
    session.commit()
    rows = planned(key, found.person, NOW + timedelta(hours=6))
    assert old.state is State.CANCELLED
    fresh = [row for row in rows if row.state in OPEN]
    assert all(row.anchor != before for row in fresh)
    assert len(fresh) == 1


@every_kind
def test_it_is_seen_by_those_who_see_its_subject(case, session, make, planned):
    key, found = case
    planned(key, found.person, due(session, key))
    stranger = make.person(role=Role.MANAGER, unit=make.unit())
    administrator = make.person(role=Role.ADMINISTRATOR)

    def seen(person):
        query = sa.select(Delivery.id).where(Delivery.kind == key, Delivery.visible_to(person))
        return session.scalar(query.limit(1)) is not None

    assert seen(administrator)
    assert seen(stranger) == (key in SEEN_BY_ALL)


@every_kind
def test_its_page_exists_and_its_name_is_told(case, app, session):
    key, found = case
    kind = KINDS[key]
    subject = load_subjects(session, [(key, found.subject.id)])[key, found.subject.id]
    assert kind.title(subject)
    with app.test_request_context():
        app.url_map.bind("localhost").build(kind.endpoint, kind.place(subject))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_it_begins_with_rules_that_speak_to_somebody(kind):
    assert kind.defaults
    for default in kind.defaults:
        assert default.audiences
        assert set(default.audiences) <= set(kind.audiences)
    assert set(kind.audiences) <= set(AUDIENCES)
    assert kind.covers <= set(KINDS)


def test_there_is_a_case_for_every_kind():
    assert set(CASES) == set(KINDS)
