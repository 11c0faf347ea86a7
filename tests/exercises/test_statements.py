"""How often the pages of drills ask the database: as often for a large drill as for a small one."""

from datetime import timedelta

import pytest

from drills.accounts.models import Role
from drills.exercises.models import (
    ClockAct,
    DrillSystem,
    DrillTeam,
    DrillUnit,
    Edition,
    Part,
    Participation,
    Series,
)

MOST = 8


def fill(make, drill, count):
    """Units, teams with members, people, systems, sides and injects, ``count`` of each."""
    for _n in range(count):
        team = make.team()
        make.member(team=team, person=make.person(unit=make.unit()))
        make.save(DrillTeam(drill_id=drill.id, team_id=team.id, part=Part.PLAYER))
        make.save(DrillUnit(drill_id=drill.id, unit_id=make.unit().id))
        make.save(DrillSystem(drill_id=drill.id, system_id=make.system(level=2).id))
        make.named(drill, make.person(unit=make.unit()), Part.PLAYER)
        side = make.side(drill, key=f"s{team.id}")
        inject = make.inject(drill, sides=[side], objective=make.objective(drill))
        make.inject(drill, depends_on=inject)
        make.inject(drill, released_at=make.now)
        make.line(drill, inject=inject, side=side, by=make.person())


@pytest.fixture
def drill(make):
    series = make.save(Series(code="ACID", name="ACID"))
    edition = make.save(Edition(series_id=series.id, year=2026, source="csa.gov.sg"))
    drill = make.drill(
        kind_key="live_fire",
        unit=make.unit(),
        lead=make.person(),
        starts_at=make.now + timedelta(days=1),
        participation=Participation(edition=edition),
    )
    make.clock(drill, (ClockAct.START, make.now))
    return drill


@pytest.fixture
def reader(browser, make, drill, request):
    """The security team, or a player of the drill."""
    person = make.person(role=request.param)
    if request.param is Role.IR_MEMBER:
        make.named(drill, person, Part.PLAYER)
    return browser.sign_in(person)


PAGES = {
    Role.SECURITY_TEAM: ("", "msel/", "msel/edit", "conduct/", "conduct/pulse", "play/"),
    Role.IR_MEMBER: ("", "msel/", "play/", "play/pulse"),
}


@pytest.mark.parametrize("reader", list(PAGES), indirect=True)
def test_a_page_of_a_drill_asks_at_most_eight_times_however_large(reader, make, drill, queries):
    reader.raw("/drills/")
    fill(make, drill, 1)
    role = next(iter(reader.person.roles))
    small = {page: asked(reader, drill, page, queries) for page in PAGES[role]}
    fill(make, drill, 3)
    large = {page: asked(reader, drill, page, queries) for page in PAGES[role]}
    assert {page: seen for page, seen in large.items() if len(seen) > MOST} == {}
    assert {p: len(seen) for p, seen in small.items()} == {p: len(s) for p, s in large.items()}


def asked(browser, drill, page, queries):
    address = f"/drills/{drill.id}/{page}"
    browser.session.commit()
    with queries() as seen:
        assert browser.client.get(address).status_code == 200, address
    return seen


@pytest.mark.parametrize("reader", list(PAGES), indirect=True)
def test_a_quiet_pulse_asks_twice(reader, make, drill, queries):
    """Who asks, and whether anything is new for them."""
    fill(make, drill, 2)
    kinds = {"play": 2} | ({"conduct": 2} if Role.SECURITY_TEAM in reader.person.roles else {})
    for page, most in kinds.items():
        address = f"/drills/{drill.id}/{page}/pulse"
        seen_before = reader.raw(address).headers["ETag"]
        with queries() as seen:
            answer = reader.client.get(address, headers={"If-None-Match": seen_before})
        assert answer.status_code == 304
        assert len(seen) <= most, seen


def test_the_page_and_its_pulse_agree_on_the_revision(browser, make, drill):
    """Else each page would be sent once more for nothing."""
    fill(make, drill, 2)
    player = make.person(role=Role.IR_MEMBER)
    make.named(drill, player, Part.PLAYER)
    for person, page in ((browser.person, "conduct"), (browser.person, "play"), (player, "play")):
        browser.sign_in(person)
        shown = browser.get(f"/drills/{drill.id}/{page}/").select_one("#board")["data-revision"]
        tag = browser.raw(f"/drills/{drill.id}/{page}/pulse").headers["ETag"]
        assert tag.strip('"') == shown


def test_what_was_written_for_one_answers_another_of_the_same_roles_for_themselves(
    browser, make, drill
):
    """The statements of the board are kept; who asks and about which drill is filled in."""
    unit, other = make.unit(), make.drill(kind_key="tabletop", unit=drill.unit)
    people = [make.person(role=Role.IR_MEMBER, unit=unit) for _n in range(3)]
    sides = [make.side(drill, key=key) for key in ("soc", "net")]
    for person, side in zip(people, sides, strict=False):
        make.named(drill, person, Part.PLAYER, side_id=side.id)
        inject = make.inject(drill, sides=[side], title=f"Cho {side.key}", released_at=make.now)
        make.line(drill, side=side, inject=inject, text=f"Ghi cho {side.key}", by=person)
    make.named(other, people[2], Part.PLAYER)
    for person, seen in [*zip(people, ("soc", "net"), strict=False), (people[0], "soc")]:
        browser.sign_in(person)
        for page in ("play/", "play/pulse"):
            told = browser.raw(f"/drills/{drill.id}/{page}").text
            assert [key for key in ("soc", "net") if f"Cho {key}" in told] == [seen]
            assert [key for key in ("soc", "net") if f"Ghi cho {key}" in told] == [seen]
    browser.sign_in(people[2])
    assert browser.raw(f"/drills/{drill.id}/play/pulse").status_code == 404
    assert "Cho " not in browser.raw(f"/drills/{other.id}/play/pulse").text


def test_the_pulse_of_a_drill_one_does_not_see_is_not_there(browser, make, drill):
    browser.sign_in(make.person(role=Role.UNIT_OFFICER, unit=make.unit()))
    for page in ("conduct", "play"):
        assert browser.raw(f"/drills/{drill.id}/{page}/pulse").status_code == 404
