"""Who may know of an inject, a scenario or a line of the log before its time."""

from dataclasses import fields

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.accounts.permissions import Permission, permits, visible
from drills.core.errors import DomainError, NotAllowedNow
from drills.exercises import services
from drills.exercises.models import (
    CONDUCTING,
    CONTROL,
    Drill,
    DrillDetails,
    DrillTeam,
    Inject,
    LogEntry,
    LogKind,
    Part,
    Scenario,
)
from drills.exercises.services import people, planning
from drills.roster.services.handover import HandoverDetails, hand_over

OUTSIDERS = [Role.MANAGER, Role.UNIT_OFFICER, Role.AUDITOR]


@pytest.fixture
def drill(make):
    make.organisation()
    return make.drill(kind_key="tabletop")


@pytest.fixture
def hidden(make, drill):
    return make.inject(drill)


@pytest.fixture
def released(make, drill):
    return make.inject(drill, released_at=make.now)


def seen(session, person, model=Inject):
    return set(session.scalars(visible(model, person)))


@pytest.mark.parametrize("part", Part)
def test_a_part_in_control_knows_all_and_any_other_what_is_released(
    make, session, drill, hidden, released, part
):
    person = make.person(role=Role.IR_MEMBER)
    make.named(drill, person, part)
    assert seen(session, person) == ({hidden, released} if part in CONTROL else {released})
    assert permits(person, Permission.DRILL_SECRETS, drill) == (part in CONTROL)
    assert permits(person, Permission.DRILL_CONTROL, drill) == (part in CONDUCTING)
    assert permits(person, Permission.DRILL_LOG, drill) == (part is not Part.OBSERVER)


@pytest.mark.parametrize("part", sorted(set(Part) - CONTROL))
def test_the_security_team_loses_sight_of_what_it_is_to_play(
    make, session, drill, hidden, released, part
):
    player = make.person(role=Role.SECURITY_TEAM)
    planner = make.person(role=Role.SECURITY_TEAM)
    make.named(drill, player, part)
    assert seen(session, planner) == {hidden, released}
    assert seen(session, player) == {released}
    assert not permits(player, Permission.DRILL_CONTROL, drill)
    assert permits(planner, Permission.DRILL_CONTROL, drill)


def test_an_administrator_who_is_in_a_playing_team_is_a_player(
    make, session, drill, hidden, released
):
    member = make.member(person=make.person(role=Role.ADMINISTRATOR))
    make.save(DrillTeam(drill_id=drill.id, team_id=member.team_id))
    assert seen(session, member.person) == {released}
    make.named(drill, member.person, Part.EXCON)
    assert seen(session, member.person) == {hidden, released}


def test_a_player_does_not_become_control_by_joining_its_team(make, session, drill, hidden):
    """Teams are kept by people who may be players; the drill has to name whoever changes sides."""
    person = make.person(role=Role.SECURITY_TEAM)
    for part in (Part.PLAYER, Part.EXCON):
        team = make.member(person=person).team_id
        make.save(DrillTeam(drill_id=drill.id, team_id=team, part=part))
    assert hidden not in seen(session, person)
    make.named(drill, person, Part.EXCON)
    assert hidden in seen(session, person)


@pytest.fixture
def player(make, drill):
    """Of the security team, so that they edit drills; they play this one by name."""
    person = make.person(role=Role.SECURITY_TEAM)
    make.named(drill, person, Part.PLAYER, side_id=make.side(drill).id)
    return person


def test_a_player_does_not_let_themselves_in(make, session, drill, hidden, player):
    """Neither by another part, nor as lead, nor by leaving the drill; nor to another side."""
    other = make.side(drill, key="other")
    tries = [
        lambda: people.give_parts(session, drill, parts(player, Part.EXCON), by=player),
        lambda: people.give_parts(session, drill, parts(player, side=other.id), by=player),
        lambda: revised(session, drill, player, lead_id=player.id),
        lambda: revised(session, drill, player, person_ids=()),
        lambda: planning.drop_side(session, drill.sides[0], drill, by=player),
    ]
    for attempt in tries:
        with pytest.raises(NotAllowedNow):
            attempt()
        session.rollback()
        assert hidden not in seen(session, player)
    planner = make.person(role=Role.SECURITY_TEAM)
    people.give_parts(session, drill, parts(player, Part.EXCON), by=planner)
    assert hidden in seen(session, player)


def test_a_player_does_not_hand_the_lead_over_to_themselves(make, session, drill, hidden, player):
    drill.lead_id = make.person().id
    session.commit()
    details = HandoverDetails(player.id, make.now.date())
    with pytest.raises(DomainError, match="yourself"):
        hand_over(session, drill.lead, details, by=player)
    session.rollback()
    assert hidden not in seen(session, player)


def parts(person, part=Part.PLAYER, side=None):
    return people.Parts({}, {}, {person.id: part}, {person.id: side} if side else {})


def revised(session, drill, by, **given):
    names = {field.name for field in fields(DrillDetails)} & set(sa.inspect(Drill).columns.keys())
    kept = {name: getattr(drill, name) for name in names}
    details = DrillDetails(**kept | {"person_ids": (by.id,)} | given)
    services.revise(session, drill, details, by=by, version=drill.version)


def test_a_team_may_be_control_as_a_whole(make, session, drill, hidden, released):
    referee, player = (make.member(person=make.person(role=Role.IR_MEMBER)) for _ in range(2))
    make.save(DrillTeam(drill_id=drill.id, team_id=referee.team_id, part=Part.WHITE))
    make.save(DrillTeam(drill_id=drill.id, team_id=player.team_id, part=Part.BLUE))
    assert seen(session, referee.person) == {hidden, released}
    assert seen(session, player.person) == {released}


@pytest.mark.parametrize("role", OUTSIDERS)
def test_sight_of_a_drill_is_not_sight_of_its_secrets(make, session, hidden, released, role):
    assert seen(session, make.person(role=role)) == {released}


def test_the_lead_knows_all(make, session, drill, hidden, released):
    drill.lead = make.person(role=Role.IR_MEMBER)
    make.save(drill)
    assert seen(session, drill.lead) == {hidden, released}
    assert permits(drill.lead, Permission.DRILL_CONTROL, hidden)


def test_a_stranger_to_the_drill_sees_nothing_of_it(make, session, hidden, released):
    elsewhere = make.unit()
    for role in Role:
        assert seen(session, make.person(role=role, unit=elsewhere)) == set()


def test_a_side_receives_what_is_addressed_to_it_or_to_everybody(make, session, drill, released):
    blue, red = make.side(drill, "blue"), make.side(drill, "red")
    for_blue = make.inject(drill, sides=[blue], released_at=make.now)
    defender, attacker, observer = (make.person(role=Role.IR_MEMBER) for _ in range(3))
    make.named(drill, defender, Part.BLUE, side_id=blue.id)
    make.named(drill, attacker, Part.RED, side_id=red.id)
    make.named(drill, observer, Part.OBSERVER)
    assert seen(session, defender) == {released, for_blue}
    assert seen(session, attacker) == {released}
    assert seen(session, observer) == {released, for_blue}


def test_a_player_reads_the_log_of_their_side_as_far_as_injects_are_known(
    make, session, drill, hidden, released
):
    side, other = make.side(drill, "soc"), make.side(drill, "red")
    player = make.person(role=Role.IR_MEMBER)
    make.named(drill, player, Part.PLAYER, side_id=side.id)
    readable = {
        make.line(drill, side=side),
        make.line(drill, by=player),
        make.line(drill, kind=LogKind.RELEASED, inject=released),
    }
    make.line(drill, side=other)
    make.line(drill, side=side, inject=hidden)
    make.line(drill, kind=LogKind.DECISION)
    assert seen(session, player, LogEntry) == readable
    assert len(seen(session, make.person(role=Role.SECURITY_TEAM), LogEntry)) == 6


def test_the_library_hides_a_scenario_from_those_who_are_to_play_it(make, session, drill):
    pinned, free = make.scenario(), make.scenario()
    drill.scenario_version_id = pinned.newest.id
    make.save(drill)
    planner, player = (make.person(role=Role.SECURITY_TEAM) for _ in range(2))
    make.named(drill, player, Part.BLUE)
    excon = make.person(role=Role.IR_MEMBER)
    make.named(drill, excon, Part.EXCON)
    assert seen(session, planner, Scenario) == {pinned, free}
    assert seen(session, player, Scenario) == {free}
    assert seen(session, excon, Scenario) == {pinned}
    assert seen(session, make.person(role=Role.MANAGER), Scenario) == set()


def test_a_drill_without_secrets_of_its_own_asks_nobody(make, session):
    assert not permits(make.person(role=Role.MANAGER), Permission.DRILL_CONTROL)
    assert session.scalars(visible(Drill, make.person(role=Role.MANAGER))).all() == []
