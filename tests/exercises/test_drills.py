"""Logging a drill, looking at it, changing it and moving it on."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.audit.models import Entry
from drills.core.errors import Conflict, NotAllowedNow
from drills.exercises import services
from drills.exercises.forms import typed
from drills.exercises.models import (
    NEXT,
    Drill,
    DrillDetails,
    DrillPerson,
    Edition,
    LogKind,
    Part,
    Series,
    Status,
)
from tests.conftest import NOW


def words(page):
    return " ".join(page.main.text.split())


def details(make, **given):
    defaults = {
        "title": "Mã độc tống tiền",
        "kind_key": "live_fire",
        "part": Part.ORGANISER,
        "organiser": "",
        "unit_id": make.root().id,
        "starts_at": NOW + timedelta(days=8),
        "ends_at": NOW + timedelta(days=8, hours=3),
        "time_zone": "Asia/Ho_Chi_Minh",
        "place": "",
        "is_online": False,
        "summary": "",
        "result": "",
        "lead_id": None,
    }
    return DrillDetails(**defaults | given)


def posted(drill, **given):
    """The fields a browser would send of the drill's edit page."""
    data = {name: value for name, value in typed(drill).items() if value not in {None, False}}
    for name in ("starts_on", "ends_on"):
        if name in data:
            data[name] = f"{data[name]:%d/%m/%Y}"
    for name in ("starts_time", "ends_time"):
        data[name] = f"{data[name]:%H:%M}"
    return {k: list(v) if isinstance(v, tuple) else v for k, v in (data | given).items()}


def test_title_kind_and_day_are_enough(browser, session):
    data = {"title": "Diễn tập trên bàn", "kind_key": "tabletop", "starts_on": "30/11"}
    browser.post("/drills/new", data)
    drill = session.scalars(sa.select(Drill)).one()
    assert (drill.code, drill.status) == ("DT-2026-01", Status.PLANNED)
    assert drill.starts_at == datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
    assert drill.ends_at == datetime(2026, 11, 30, 4, 30, tzinfo=UTC)
    assert "Diễn tập trên bàn" in words(browser.get(f"/drills/{drill.id}/"))


def test_a_drill_of_yesterday_is_logged_as_completed(browser, session):
    data = {"title": "Diễn tập thực chiến", "kind_key": "live_fire", "starts_on": "hôm qua"}
    browser.post("/drills/new", data | {"result": "Đạt"})
    drill = session.scalars(sa.select(Drill)).one()
    assert (drill.status, drill.result) == (Status.COMPLETED, "Đạt")


def test_the_form_says_what_is_wrong(browser, session):
    page = browser.post("/drills/new", {"kind_key": "tabletop"}, status=422)
    assert page.select_one("#title-error")
    wrong = {"title": "A", "kind_key": "tabletop", "starts_on": "30/11", "ends_on": "29/11"}
    assert browser.post("/drills/new", wrong, status=422).select_one("#ends_on-error")
    ranked = {"title": "A", "kind_key": "tabletop", "starts_on": "30/11", "rank": "3"}
    assert browser.post("/drills/new", ranked, status=422).select_one("#edition_id-error")
    assert session.scalars(sa.select(Drill)).all() == []


def test_everything_about_a_drill_is_kept_and_shown(browser, make, session):
    unit, lead, other = make.unit(), make.person(), make.person()
    member = make.member()
    system = make.system(level=3)
    data = {
        "title": "Cổng dịch vụ công",
        "kind_key": "live_fire",
        "part": "excon",
        "starts_on": "01/12/2026",
        "starts_time": "13:30",
        "ends_on": "02/12/2026",
        "ends_time": "17h",
        "time_zone": "Asia/Tokyo",
        "place": "Hội trường A",
        "unit_id": unit.id,
        "unit_ids": [unit.id],
        "team_ids": [member.team_id],
        "person_ids": [other.id],
        "system_ids": [system.id],
        "lead_id": lead.id,
    }
    browser.post("/drills/new", data)
    drill = session.scalars(sa.select(Drill)).one()
    assert drill.starts_at == datetime(2026, 12, 1, 4, 30, tzinfo=UTC)
    text = words(browser.get(f"/drills/{drill.id}/"))
    for thing in (unit.name, lead.name, other.name, member.name, system.name, "Hội trường A"):
        assert thing in text
    assert "01/12/2026, 13:30" in text
    assert "01/12/2026, 11:30" in text, "the reader's own time"


def test_codes_count_up_within_the_year_of_the_drill(make, session):
    first = services.log(session, details(make), by=None, at=NOW)
    second = services.log(session, details(make), by=None, at=NOW)
    old = details(
        make,
        starts_at=datetime(2024, 12, 31, 18, 0, tzinfo=UTC),
        ends_at=datetime(2024, 12, 31, 20, 0, tzinfo=UTC),
    )
    third = services.log(session, old, by=None, at=NOW)
    assert [d.code for d in (first, second, third)] == ["DT-2026-01", "DT-2026-02", "DT-2025-01"]


def test_two_who_take_the_same_code_at_once_both_get_one(make, session, monkeypatch):
    make.drill(code="DT-2026-01")
    answers = iter(["DT-2026-01", "DT-2026-02"])
    name = "drills.exercises.services.drills._next_code"
    monkeypatch.setattr(name, lambda _session, _prefix: next(answers))
    drill = services.log(session, details(make), by=None, at=NOW)
    session.commit()
    assert drill.code == "DT-2026-02"
    assert len(session.scalars(sa.select(Entry)).all()) == 1


def test_a_change_raises_the_version_and_is_noted_even_when_only_people_change(make, session):
    drill = make.drill()
    version, lead = drill.version, make.person(name="Lò Thị Mỉ")
    same = details(
        make,
        title=drill.title,
        kind_key=drill.kind_key,
        starts_at=drill.starts_at,
        ends_at=drill.ends_at,
        part=drill.part,
    )
    services.revise(session, drill, same, by=None, version=version)
    assert drill.version == version
    more = details(
        make,
        title=drill.title,
        kind_key=drill.kind_key,
        starts_at=drill.starts_at,
        ends_at=drill.ends_at,
        part=drill.part,
        person_ids=(lead.id,),
    )
    services.revise(session, drill, more, by=None, version=version)
    assert drill.version == version + 1
    entry = session.scalars(sa.select(Entry).where(Entry.verb == "revised")).one()
    assert entry.changes == {"people": ["", "Lò Thị Mỉ"]}


def test_two_who_edit_at_once_are_told_of_each_other(browser, make, session):
    drill = make.drill(place="Hội trường A")
    mine = posted(drill, place="Hội trường C")
    browser.post(f"/drills/{drill.id}/edit", posted(drill, place="Hội trường B"))
    page = browser.post(f"/drills/{drill.id}/edit", mine, status=409)
    assert "Hội trường B" in words(page)
    assert page.select_one("input[name=place]")["value"] == "Hội trường C"
    mine["version"] = page.select_one("input[name=version]")["value"]
    browser.post(f"/drills/{drill.id}/edit", mine)
    session.refresh(drill)
    assert drill.place == "Hội trường C"


def test_a_stale_version_is_a_conflict(make, session):
    drill = make.drill()
    with pytest.raises(Conflict):
        services.revise(session, drill, details(make), by=None, version=drill.version - 1)


@pytest.mark.parametrize("status", [status for status in Status if not NEXT[status]])
def test_what_is_over_for_good_is_no_longer_edited(browser, make, session, status):
    drill = make.drill(status=status)
    with pytest.raises(NotAllowedNow):
        services.revise(session, drill, details(make), by=None, version=drill.version)
    browser.get(f"/drills/{drill.id}/edit", status=409)
    assert not browser.get(f"/drills/{drill.id}/").select(f"a[href='/drills/{drill.id}/edit']")


def test_a_drill_goes_its_way_by_buttons(browser, make, session):
    drill = make.drill()
    for status in ("running", "completed", "evaluated", "closed"):
        page = browser.get(f"/drills/{drill.id}/")
        assert page.select_one(f"#steps input[name=status][value={status}]")
        browser.post(f"/drills/{drill.id}/status", {"status": status})
        session.refresh(drill)
        assert drill.status == status
    browser.post(f"/drills/{drill.id}/status", {"status": "planned"}, status=409)
    assert "Đã kết thúc → Đã đánh giá" in words(browser.get(f"/drills/{drill.id}/"))


def test_to_cancel_needs_a_reason(browser, make, session):
    drill = make.drill()
    form = browser.get(f"/drills/{drill.id}/status?to=cancelled")
    assert form.select_one("option[value=cancelled][selected]")
    browser.post(f"/drills/{drill.id}/status", {"status": "cancelled"}, status=422)
    browser.post(f"/drills/{drill.id}/status", {"status": "cancelled", "reason": "Bão số 9"})
    session.refresh(drill)
    assert (drill.status, drill.status_reason) == (Status.CANCELLED, "Bão số 9")
    assert "Bão số 9" in words(browser.get(f"/drills/{drill.id}/"))


def test_participants_are_the_people_the_teams_of_that_day_and_the_lead(make, session):
    lead, named, both = make.person(), make.person(), make.person()
    team = make.team()
    now, left = (make.member(team=team, person=make.person()) for _ in range(2))
    make.member(team=team, person=both)
    left.ends_on = date(2026, 1, 1)
    drill = make.drill(people=[named, both], teams=[team], lead=lead)
    found = services.participants(session, drill, date(2026, 12, 3))
    assert {p.id for p in found} == {lead.id, named.id, both.id, now.person_id}
    assert len(found) == 4


def test_a_copy_takes_everything_but_the_day_and_the_result(browser, make, session):
    person = make.person()
    drill = make.drill(people=[person], place="Hội trường A", result="Đạt", title="Lần một")
    page = browser.get(f"/drills/new?copy={drill.id}")
    assert page.select_one("input[name=title]")["value"] == "Lần một"
    assert page.select_one("input[name=starts_on]")["value"] == "23/11/2026"
    assert page.select_one("input[name=result]")["value"] == ""
    assert page.select_one(f"select[name=person_ids] option[value='{person.id}'][selected]")
    browser.get("/drills/new?copy=9999", status=404)


def test_a_standing_in_an_edition_is_kept_with_its_source(browser, make, session):
    services.seed_series(session)
    query = sa.select(Edition).join(Series).where(Series.code == "ACID", Edition.year == 2024)
    edition = session.scalars(query).one()
    page = browser.get(f"/drills/new?edition={edition.id}")
    assert page.select_one("input[name=title]")["value"] == "ACID 2024"
    data = {
        "title": "ACID 2024",
        "kind_key": "international",
        "starts_on": "15/10/2024",
        "edition_id": edition.id,
        "rank": "3",
        "rank_of": "63",
        "rank_scope": "63 tỉnh, thành phố",
        "score": "87,5",
        "source": "Thông báo của đơn vị điều phối",
    }
    browser.post("/drills/new", data | {"rank": "64"}, status=422)
    browser.post("/drills/new", data)
    drill = session.scalars(sa.select(Drill)).one()
    assert (drill.participation.rank, drill.participation.score) == (3, 87.5)
    assert "3 trên 63" in words(browser.get(f"/drills/{drill.id}/"))


def test_a_lead_who_leads_may_edit_and_others_of_the_unit_may_only_read(browser, make):
    unit = make.unit()
    lead = make.person(role=Role.IR_MEMBER, unit=unit)
    reader = make.person(role=Role.MANAGER, unit=unit)
    drill = make.drill(unit=unit, lead=lead)
    browser.sign_in(lead)
    browser.get(f"/drills/{drill.id}/edit")
    browser.get("/drills/new", status=403)
    browser.sign_in(reader)
    browser.get(f"/drills/{drill.id}/")
    browser.get(f"/drills/{drill.id}/edit", status=403)
    browser.post(f"/drills/{drill.id}/status", {"status": "running"}, status=403)
    browser.sign_in(make.person(role=Role.SECURITY_TEAM, unit=make.unit()))
    browser.get(f"/drills/{drill.id}/", status=404)
    browser.get(f"/drills/{drill.id}/calendar.ics", status=404)


def test_the_page_of_a_large_drill_takes_a_constant_number_of_queries(browser, make, queries):
    def count(size):
        team = make.team()
        for _ in range(size):
            make.member(team=team, person=make.person(unit=make.unit()))
        drill = make.drill(
            people=[make.person(unit=make.unit()) for _ in range(size)],
            teams=[team],
            units=[make.unit() for _ in range(size)],
            systems=[make.system() for _ in range(size)],
            lead=make.person(),
        )
        with queries() as seen:
            browser.get(f"/drills/{drill.id}/")
        return len(seen), seen

    browser.get("/drills/")
    small, _ = count(2)
    large, seen = count(9)
    assert large == small, seen


def test_a_page_begins_with_what_its_drill_needs_now(browser, make):
    """Before it the tasks that are open, while it runs the way there, after it its results."""
    planned = make.drill(starts_at=make.now + timedelta(days=2))
    ready = browser.get(f"/drills/{planned.id}/").select_one("#ready")
    assert ready.select("li")
    assert ready.select_one(f"a[href='/drills/{planned.id}/readiness']")
    running = make.drill(status=Status.RUNNING)
    page = browser.get(f"/drills/{running.id}/")
    assert page.select_one(f"#running a[href='/drills/{running.id}/conduct/']")
    assert not page.select("#ready")
    over = make.drill(status=Status.COMPLETED, detect_target_minutes=5)
    inject = make.inject(over, released_at=over.starts_at, released_exercise_seconds=0)
    detected = over.starts_at + timedelta(minutes=9)
    make.line(over, inject=inject, kind=LogKind.DETECTED, at=detected)
    page = browser.get(f"/drills/{over.id}/")
    assert page.select_one(".figs b.bad").get_text() == "9 phút"
    assert not page.select("#ready, #running")


def test_people_keep_their_part_when_a_drill_is_revised(make, session):
    stays, goes = make.person(), make.person()
    drill = make.drill(people=[stays, goes])
    drill.people[0].part = Part.EVALUATOR
    session.commit()
    change = details(make, person_ids=(stays.id,))
    services.revise(session, drill, change, by=None, version=drill.version)
    rows = session.execute(sa.select(DrillPerson.person_id, DrillPerson.part)).all()
    assert [tuple(row) for row in rows] == [(stays.id, Part.EVALUATOR)]
