"""Each stage of a delivery's life has indexes of its own; ``among`` is how they are found."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from drills.core.errors import NotAllowedNow
from drills.reminders.models import IN_HAND, OPEN, SETTLED, Delivery, ReminderRule, State
from drills.reminders.services import rules as verbs
from tests.conftest import NOW


@pytest.fixture
def one_of_each(session, rules, make):
    person = make.person()
    rule = session.scalars(sa.select(ReminderRule).where(ReminderRule.kind == "drill")).first()
    rows = [
        Delivery(
            delivery_key=f"drill:1:{rule.id}:{person.id}:{n}",
            kind="drill",
            subject_id=1,
            rule_id=rule.id,
            person_id=person.id,
            anchor_at=NOW + timedelta(days=n),
            due_at=NOW,
            next_at=NOW,
            state=state,
        )
        for n, state in enumerate(State)
    ]
    session.add_all(rows)
    session.commit()
    return rule


@pytest.mark.parametrize(
    "states",
    [
        OPEN,
        IN_HAND,
        SETTLED,
        {State.GROUPED},
        {State.SENT},
        {State.FAILED, State.SENT},
        OPEN | {State.FAILED},
        OPEN | IN_HAND | {State.GROUPED},
        frozenset(State),
    ],
    ids=lambda states: "+".join(sorted(states)),
)
def test_one_finds_just_the_deliveries_in_the_states_asked_for(session, one_of_each, states):
    found = session.scalars(sa.select(Delivery.state).where(Delivery.among(*states))).all()
    assert sorted(found) == sorted(states)


PLANS = {
    "ix_delivery_due": sa.and_(Delivery.among(*OPEN), Delivery.next_at <= NOW),
    "ix_delivery_lease": sa.and_(Delivery.among(*IN_HAND), Delivery.lease_until < NOW),
    "ix_delivery_grouped": sa.and_(Delivery.among(State.GROUPED), Delivery.person_id == 1),
    "ix_delivery_settled": sa.and_(Delivery.among(State.FAILED), Delivery.due_at > NOW),
    "ix_delivery_settled_person_id": sa.and_(Delivery.among(*SETTLED), Delivery.person_id == 1),
    "ix_delivery_settled_rule_id": sa.and_(Delivery.among(*SETTLED), Delivery.rule_id == 1),
}


@pytest.mark.parametrize("index", PLANS)
def test_each_stage_is_asked_by_its_own_index(session, index):
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    if not is_sqlite:
        session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    query = sa.select(Delivery.id).where(PLANS[index])
    written = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
    plan = session.connection().exec_driver_sql(f"{explain} {written}").all()
    assert f"{index} " in " ".join(str(word) for row in plan for word in row)


@pytest.mark.parametrize("state", [State.SENT, State.PENDING])
def test_a_rule_that_made_a_message_stays_whatever_became_of_it(session, one_of_each, state):
    session.execute(sa.delete(Delivery).where(Delivery.state != state))
    with pytest.raises(NotAllowedNow):
        verbs.delete_rule(session, one_of_each, by=None)
    session.execute(sa.delete(Delivery))
    verbs.delete_rule(session, one_of_each, by=None)
    session.flush()
    assert session.get(ReminderRule, one_of_each.id) is None
