"""Whatever people try, in whatever order: duties stay apart, snapshots stay, clocks never go back."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from drills.accounts.models import Grant, Role
from drills.approvals.models import (
    APPRAISING,
    NEXT,
    PREPARING,
    Act,
    Dossier,
    DossierEvent,
    State,
)
from drills.approvals.models.parties import Party, party_of
from drills.approvals.services import clocks
from drills.core.errors import DomainError
from drills.systems.models import Decision
from drills.systems.services import decisions
from tests.approvals.office import TODAY, Office

ACTS = [act for act in Act if act not in {Act.CREATE, Act.OVERRIDE}]
steps = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3)), min_size=5, max_size=16)
"""Which act is tried, mostly one the state allows, and who of four tries it."""


def chosen(number: int, state: State) -> Act:
    possible = [act for act in NEXT[state] if act not in {Act.WITHDRAW, Act.REFUSE}]
    return possible[number % len(possible)] if possible and number < 7 else ACTS[number]


@pytest.fixture
def everybody(office):
    """Four people of the owner, each with every role: nothing but the duties parts them."""
    roles = [Role.SECURITY_TEAM, Role.MANAGER, Role.UNIT_OFFICER]
    people = [office.make.person(roles=roles, unit=office.root) for _ in range(4)]
    office.session.commit()
    return people


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(tries=[(1, 0), (0, 2), (1, 2), (0, 1), (0, 1)], opener=0, level=1)
@given(tries=steps, opener=st.integers(0, 3), level=st.sampled_from([1, 3]))
def test_no_sequence_of_acts_joins_what_is_parted(office, everybody, tries, opener, level):
    outer = office.session.begin_nested()
    try:
        _play(office, everybody, tries, opener, level)
    finally:
        outer.rollback()
        office.session.expire_all()


def _play(office: Office, people, tries, opener, level):
    dossier = _begin(office, people[opener], level)
    for number, (choice, who) in enumerate(tries):
        with office.session.begin_nested() as savepoint:
            try:
                office.do(dossier, chosen(choice, dossier.state), by=people[who])
            except DomainError:
                savepoint.rollback()
                office.session.expire(dossier)
        _holds(office, dossier, TODAY + timedelta(days=number))


def _begin(office, opener, level):
    from drills.approvals.services import dossiers

    details = office.details(
        level, approving_unit_id=office.root.id, appraising_unit_id=office.root.id
    )
    dossier = dossiers.open_dossier(
        office.session, office.system, details, by=opener, at=office.now
    )
    dossier.independent_body = "Hội đồng độc lập"
    office.complete(dossier, by=opener)
    return dossier


def _holds(office, dossier: Dossier, on):
    events = office.session.scalars(
        sa.select(DossierEvent)
        .where(DossierEvent.dossier_id == dossier.id)
        .order_by(DossierEvent.id)
    ).all()
    parts = {party: set() for party in Party}
    before = State.DRAFT
    for event in events:
        if event.act in PREPARING | APPRAISING | {Act.APPROVE, Act.REFUSE}:
            parts[party_of(event.act, before)].add(event.by_id)
        before = event.state_after
    assert not parts[Party.PREPARER] & parts[Party.APPRAISER]
    assert not parts[Party.PREPARER] & parts[Party.APPROVER]
    assert not parts[Party.APPRAISER] & parts[Party.APPROVER]
    for decision in office.session.scalars(sa.select(Decision)):
        assert decision.snapshot
        assert decisions.is_intact(decision)
        assert dossier.state is State.APPROVED
    clock = clocks.clock(office.session, dossier, on)
    if clock:
        assert clock.used >= 0
        assert (clock.left or 0) >= 0
        assert clock.paused >= 0


def test_two_who_decide_at_once_one_wins_and_the_other_is_told(app, office):
    """Both have the dossier before them; the second to write is refused, on both databases."""
    from threading import Barrier, Thread

    from drills.approvals.services import deciding
    from drills.core import database
    from drills.core.errors import Conflict
    from drills.extensions import db

    second = office.make.person(role=Role.MANAGER, unit=office.root)
    dossier = office.dossier(State.APPRAISED)
    version, names = dossier.version, [office.chairman.id, second.id]
    office.session.commit()
    with app.app_context():
        factory = db.sessionmaker
    ready, outcomes = Barrier(2), []

    def decide(person_id, number):
        from drills.accounts.models import Person

        database.begin_writing()
        ready.wait()
        with factory() as session:
            try:
                mine = session.get_one(Dossier, dossier_id)
                by = session.get_one(Person, person_id)
                ruling = office.ruling(number=number)
                deciding.approve(session, mine, ruling, by=by, at=office.now, version=version)
                session.commit()
                outcomes.append("recorded")
            except Conflict:
                session.rollback()
                outcomes.append("conflict")

    dossier_id = dossier.id
    threads = [
        Thread(target=decide, args=(person, f"{number}/QĐ"))
        for number, person in enumerate(names, start=1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict", "recorded"]
    assert office.session.query(Decision).count() == 1


def test_who_read_before_the_other_decided_is_told_that_it_changed(app, office):
    """What the other wrote since is seen by some queries and not by others: only the version tells."""
    from drills.approvals.services import deciding
    from drills.core.errors import Conflict
    from drills.extensions import db

    dossier = office.dossier(State.APPRAISED)
    version = dossier.version
    office.session.commit()
    with app.app_context():
        factory = db.sessionmaker
    with factory(expire_on_commit=False) as late:
        theirs = late.get_one(Dossier, dossier.id)
        by = late.get_one(type(office.chairman), office.chairman.id)
        late.commit()
        office.do(dossier, Act.APPROVE, by=office.chairman)
        office.session.commit()
        with pytest.raises(Conflict):
            deciding.approve(
                late, theirs, office.ruling(number="9/QĐ"), by=by, at=office.now, version=version
            )


def test_a_grant_of_another_role_changes_nothing_about_what_one_has_done(office):
    dossier = office.dossier(State.APPRAISED)
    office.officer.grants.append(Grant(role=Role.MANAGER))
    office.officer.unit_id = office.root.id
    office.session.commit()
    with pytest.raises(DomainError):
        office.do(dossier, Act.APPROVE, by=office.officer)
