"""The wall, the lists, the pages of subjects, rules and exemptions."""

import io
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from icalendar import Calendar
from python_calamine import CalamineWorkbook

from drills.accounts.models import Role
from drills.obligations.models import (
    Exemption,
    ExemptionState,
    Obligation,
    ObligationRecord,
    ObligationRule,
    Standing,
)
from drills.obligations.services import rules as services
from drills.obligations.views import words as sayings
from tests.conftest import NOW
from tests.obligations.conftest import YEARLY
from tests.obligations.test_standing import held


@pytest.fixture(autouse=True)
def frozen(monkeypatch):
    monkeypatch.setattr("drills.core.clock.now", lambda: NOW)


def words(page):
    return " ".join(page.main.text.split())


def cell(page, unit, number=0):
    return page.select(f"#u{unit.id} td")[number]


def test_the_most_overdue_unit_stands_first_and_a_cell_says_what_it_is(browser, make, add_rule):
    add_rule(counted_from=date(2024, 1, 1))
    fine, late = make.unit(name="A xong"), make.unit(name="B trễ")
    held(make, fine)
    page = browser.get("/obligations/?tier=department&q=zzz")
    assert "Không có đơn vị nào phù hợp" in words(page)
    page = browser.get("/obligations/")
    rows = [row["id"] for row in page.select("tbody tr")]
    assert rows.index(f"u{late.id}") < rows.index(f"u{fine.id}")
    assert "late" in cell(page, late)["class"]
    assert "Quá hạn" in cell(page, late).a["aria-label"]
    assert "31/12/2024" in cell(page, late).a["aria-label"]


def test_a_cell_leads_in_one_click_to_the_very_record(browser, make, add_rule):
    add_rule(), add_rule("hunt", "unit", "threat_hunting", cadence=YEARLY)
    unit = make.unit()
    drill = held(make, unit)
    page = browser.get("/obligations/")
    assert cell(page, unit).a["href"] == f"/drills/{drill.id}/"
    assert cell(page, unit, 1).a["href"].endswith("/note")
    assert browser.get(cell(page, unit).a["href"]).title


def test_several_systems_of_a_unit_share_a_cell_that_leads_to_their_list(browser, make, add_rule):
    rule = add_rule("s", "system", "drill_of_system", counted_from=date(2024, 1, 1))
    unit = make.unit()
    one, two = make.system(owner=unit), make.system(owner=unit)
    page = browser.get("/obligations/")
    assert cell(page, unit).text.strip() == "2/2"
    listed = browser.get(cell(page, unit).a["href"])
    assert one.name in words(listed)
    assert two.name in words(listed)
    assert cell(page, unit).a["href"] == f"/obligations/rules/{rule.id}/?unit={unit.id}"


def test_the_filters_stand_in_the_address(browser, make, add_rule, session):
    first, second = add_rule(), add_rule("hunt", "unit", "threat_hunting", cadence=YEARLY)
    commune, other = make.unit(tier=make.tier("commune", 50)), make.unit(name="Sở Y tế")
    held(make, commune)
    browser.get("/obligations/")
    page = browser.get("/obligations/?tier=commune")
    assert [row["id"] for row in page.select("tbody tr")] == [f"u{commune.id}"]
    page = browser.get("/obligations/?q=so+y+te")
    assert [row["id"] for row in page.select("tbody tr")] == [f"u{other.id}"]
    page = browser.get(f"/obligations/?rule={second.id}")
    assert len(page.select("thead th")) == 2
    page = browser.get(f"/obligations/?state=met&rule={first.id}")
    assert f"u{commune.id}" in [row["id"] for row in page.select("tbody tr")]
    assert f"u{other.id}" not in [row["id"] for row in page.select("tbody tr")]
    assert browser.get("/obligations/?state=nonsense&rule=x&unit=y").title


def test_the_wall_takes_six_statements_however_many_units(
    browser, make, add_rule, compute, queries
):
    for number in range(3):
        add_rule(f"r{number}")
    add_rule("s", "system", "drill_of_system")
    counted = []
    for size in (3, 30):
        for _ in range(size):
            make.system(owner=make.unit())
        compute()
        browser.get("/obligations/")
        with queries() as seen:
            page = browser.get("/obligations/?size=50")
        counted.append(len(seen))
    assert len(page.select("tbody tr")) == 34
    assert counted[0] == counted[1] <= 6, seen


@pytest.mark.parametrize("address", ["/obligations/list", "/obligations/rules/1/"])
def test_the_lists_take_the_same_statements_however_long(
    browser, make, add_rule, compute, queries, address
):
    add_rule()
    counted = []
    for size in (3, 30):
        for _ in range(size):
            make.unit()
        compute()
        browser.get(address)
        with queries() as seen:
            browser.get(f"{address}?size=100")
        counted.append(len(seen))
    assert counted[0] == counted[1] <= 10, seen


def test_officers_see_their_own_units_and_members_themselves(browser, make, add_rule):
    add_rule(), add_rule("p", "person", "contact_check", cadence={"kind": "rolling", "months": 12})
    own, other = make.unit(), make.unit()
    member = make.member(person=make.person(role=Role.IR_MEMBER, unit=other))
    browser.sign_in(make.person(role=Role.UNIT_OFFICER, unit=own))
    page = browser.get("/obligations/")
    assert [row["id"] for row in page.select("tbody tr")] == [f"u{own.id}"]
    browser.sign_in(member.person)
    page = browser.get("/obligations/list")
    assert [row.th.a.text for row in page.select("tbody tr")] == [member.person.name]


def test_what_happens_between_two_looks_is_there_at_the_second(browser, make, add_rule, session):
    add_rule()
    unit = make.unit()
    drill = make.drill(unit=unit, kind_key="live_fire", starts_at=datetime(2026, 11, 1, tzinfo=UTC))
    assert "done" not in cell(browser.get("/obligations/"), unit)["class"]
    browser.post(f"/drills/{drill.id}/status", {"status": "completed", "version": drill.version})
    session.expire_all()
    drill.status = "completed"
    session.commit()
    from drills.audit import services as audit

    audit.record(session, "moved", drill, by=None)
    session.commit()
    assert "done" in cell(browser.get("/obligations/"), unit)["class"]


@pytest.mark.parametrize("kind", ["unit", "system", "team", "person"])
def test_what_one_subject_owes_is_a_tab_of_it(browser, make, add_rule, kind):
    add_rule(), add_rule("s", "system", "drill_of_system")
    add_rule("t", "team", "profile_review")
    add_rule("p", "person", "contact_check", cadence={"kind": "rolling", "months": 12})
    member = make.member()
    subjects = {
        "unit": ("/units/%s/obligations", make.unit(), "drill"),
        "system": ("/systems/%s/obligations", make.system(), "s"),
        "team": ("/teams/%s/obligations", member.team, "t"),
        "person": ("/people/%s/obligations", member.person, "p"),
    }
    address, subject, key = subjects[kind]
    page = browser.get(address % subject.id)
    assert [row.th.a.text for row in page.select("tbody tr")] == [f"Nghĩa vụ {key}"]
    assert page.select("nav.tabs a[aria-current]")[0].text.strip() == "Nghĩa vụ"


def test_a_report_that_was_handed_in_is_noted_with_its_period(browser, make, add_rule, session):
    cadence = {"kind": "period", "months": 12, "starts": "12-15", "before": "12-20"}
    rule = add_rule("report", "unit", "report_sent", cadence=cadence)
    unit = make.unit()
    browser.get("/obligations/")
    one = session.scalars(sa.select(Obligation).where(Obligation.subject_id == unit.id)).one()
    page = browser.get(f"/obligations/{one.id}/note")
    chosen = page.select_one("select[name=period] option[selected]")
    assert chosen["value"] == "2025-12-15/2026-12-14"
    page = browser.post(
        f"/obligations/{one.id}/note",
        {"done_on": "24/12/2026", "period": chosen["value"]},
        status=422,
    )
    assert "còn chưa đến" in words(page)
    browser.post(
        f"/obligations/{one.id}/note",
        {"done_on": "20/11/2026", "period": chosen["value"], "document": "12/BC-STC"},
    )
    record = session.scalars(sa.select(ObligationRecord)).one()
    page = browser.get("/obligations/")
    assert cell(page, unit).a["href"] == f"/obligations/records/{record.id}/"
    assert "12/BC-STC" in words(browser.get(f"/obligations/records/{record.id}/"))
    browser.post(f"/obligations/records/{record.id}/withdraw", {})
    assert cell(browser.get("/obligations/"), unit).a["href"] == f"/obligations/{one.id}/note"
    assert rule.key == "report"


def test_one_asks_for_an_exemption_and_another_approves(browser, make, add_rule, session):
    add_rule()
    unit = make.unit()
    browser.get("/obligations/")
    one = session.scalars(sa.select(Obligation).where(Obligation.subject_id == unit.id)).one()
    asked = {"from_on": "1/12/2026", "to_on": "31/1/2027", "reason": "Đang chuyển trụ sở"}
    browser.post(f"/obligations/{one.id}/exempt", asked)
    exemption = session.scalars(sa.select(Exemption)).one()
    page = browser.get("/obligations/exemptions/")
    assert not page.select(f"a[href='/obligations/exemptions/{exemption.id}/decide']")
    browser.post(
        f"/obligations/exemptions/{exemption.id}/decide", {"decision": "approve"}, status=403
    )
    browser.sign_in(make.person(role=Role.MANAGER))
    assert browser.get("/obligations/exemptions/").select("a[href$='/decide']")
    browser.post(f"/obligations/exemptions/{exemption.id}/decide", {"decision": "approve"})
    session.expire_all()
    assert exemption.state is ExemptionState.APPROVED
    browser.get("/obligations/")
    session.expire_all()
    assert one.state is Standing.DUE_SOON or one.next_due_on == date(2027, 12, 31)
    browser.post(f"/obligations/exemptions/{exemption.id}/end", {"note": "Đã chuyển xong"})
    session.expire_all()
    assert exemption.state is ExemptionState.ENDED


def test_a_new_version_shows_what_it_would_do_before_it_is_saved(browser, make, add_rule, session):
    rule = add_rule(cadence={"kind": "rolling", "months": 12}, met_by="drill_of_unit")
    unit = make.unit()
    held(make, unit)
    browser.get("/obligations/")
    wanted = {
        "valid_from": "1/1/2026",
        "months": "3",
        "grace_days": "0",
        "lead": "30, 7",
        "legal_basis": "CT 60",
    }
    address = f"/obligations/rules/{rule.id}/version"
    page = browser.post(address, wanted | {"preview": "1"}, status=200)
    assert "nghĩa vụ nữa sẽ quá hạn" in words(page)
    session.expire_all()
    assert len(rule.versions) == 1
    browser.post(address, wanted)
    session.expire_all()
    assert [one.cadence["months"] for one in rule.versions] == [12, 3]
    assert rule.versions[1].lead_days == [30, 7]
    assert not rule.is_shipped


def test_a_day_of_the_year_is_typed_as_people_write_it(browser, make, add_rule, session):
    cadence = {"kind": "period", "months": 12, "starts": "12-15", "before": "12-20"}
    rule = add_rule("report", "unit", "report_sent", cadence=cadence)
    address = f"/obligations/rules/{rule.id}/version"
    page = browser.get(address)
    assert page.select_one("[name=before]")["value"] == "20/12"
    wanted = {
        "valid_from": "1/1/2027",
        "months": "12",
        "starts": "15/12",
        "before": "25/12",
        "grace_days": "0",
    }
    assert "20/12" in words(browser.post(address, wanted | {"before": "31/2"}, status=422))
    browser.post(address, wanted)
    session.expire_all()
    assert rule.versions[1].cadence["before"] == "12-25"


def test_rules_are_taken_in_as_text_after_a_look_at_what_they_do(browser, make, session):
    make.unit()
    text = """
    [[rules]]
    key = "own"
    vi = "Nghĩa vụ riêng"
    of = "unit"
    met_by = "noted"
    [[rules.versions]]
    valid_from = 2026-01-01
    cadence = { kind = "rolling", months = 3 }
    """
    page = browser.post(
        "/obligations/rules/upload", {"text": text.replace("months = 3", "months = 0")}, status=422
    )
    assert "rules.own.versions.1.cadence.months" in words(page)
    page = browser.post("/obligations/rules/upload", {"text": text}, status=200)
    assert "nghĩa vụ nữa sẽ quá hạn" in words(page)
    assert session.scalar(sa.select(sa.func.count()).select_from(ObligationRule)) == 0
    confirmed = page.select_one("[name=confirmed]")["value"]
    browser.post("/obligations/rules/upload", {"text": text, "confirmed": confirmed})
    assert session.scalars(sa.select(ObligationRule)).one().key == "own"


def test_what_goes_out_as_a_file_comes_in_again_unchanged(browser, session):
    services.load_shipped(session, NOW.date())
    session.commit()
    text = browser.get("/obligations/rules.json").text
    again = services.read(text, is_json=True)
    assert [one.versions for one in again] == [one.versions for one in services.shipped()]
    assert services.load_shipped(session, NOW.date()) == 0


def test_the_export_holds_what_the_filters_leave(browser, make, add_rule):
    add_rule()
    make.unit(name="Sở Y tế"), make.unit(name="Sở Tài chính")
    answer = browser.client.get("/obligations/export.xlsx?q=y+te")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows[1:]] == ["Sở Y tế"]
    assert rows[1][7] == date(2026, 12, 31)


def test_due_days_stand_in_the_private_calendar_of_who_has_to_see_to_them(browser, make, add_rule):
    from drills.exercises.services import feeds

    add_rule()
    unit = make.unit(name="Sở Y tế")
    officer = make.person(role=Role.UNIT_OFFICER, unit=unit)
    _feed, token = feeds.make_feed(make.session, officer, by=officer, at=NOW)
    make.session.commit()
    calendar = Calendar.from_ical(browser.client.get(f"/feed/{token}.ics").data)
    found = [e for e in calendar.walk("VEVENT") if str(e["uid"]).startswith("obligation-")]
    assert [e.decoded("dtstart") for e in found] == [date(2026, 12, 31)]
    assert "Sở Y tế" in str(found[0]["summary"])


def test_readers_change_nothing(browser, make, add_rule, session):
    rule = add_rule()
    make.unit()
    browser.get("/obligations/")
    one = session.scalars(sa.select(Obligation)).first()
    browser.sign_in(make.person(role=Role.AUDITOR))
    for address in (
        f"/obligations/{one.id}/note",
        f"/obligations/{one.id}/exempt",
        f"/obligations/rules/{rule.id}/edit",
        f"/obligations/rules/{rule.id}/version",
        "/obligations/rules/upload",
    ):
        browser.get(address, status=403)
    browser.sign_in(make.person(role=Role.UNIT_OFFICER, unit=make.unit()))
    browser.get(f"/obligations/{one.id}/note", status=404)


def test_operators_list_and_recompute_from_the_command_line(cli, make, add_rule):
    import json

    add_rule()
    unit = make.unit(code="SYT")
    make.organisation()
    rows = json.loads(cli("obligations", "list", "--unit", "SYT", "--json").output)
    assert [(row["rule"], row["subject_id"], row["next_due_on"]) for row in rows] == [
        ("drill", unit.id, "2026-12-31")
    ]
    assert json.loads(cli("obligations", "recompute", "--json").output) == {
        "added": 0,
        "altered": 0,
        "dropped": 0,
    }
    assert "2 obligations." in cli("obligations", "list").output
    assert cli("obligations", "list", "--state", "nonsense").exit_code == 2


def test_the_job_keeps_up_and_is_silent_when_there_is_nothing_to_do(make, add_rule, session):
    from drills.obligations.jobs import keep_up

    make.organisation()
    add_rule()
    assert keep_up(session, {}, lambda: False) == "1 obligations written"
    assert keep_up(session, {}, lambda: False) == ""


def test_while_its_grace_lasts_nothing_is_called_overdue(make, add_rule, compute, standing, app):
    rule, unit = add_rule(grace_days=10), make.unit()
    compute()
    late = standing(rule, unit)
    with app.test_request_context(headers={"Accept-Language": "vi"}):
        late.state = Standing.DUE_SOON
        assert sayings.left(late, date(2027, 1, 3)) == "còn ân hạn đến 10/01/2027"
        late.state = Standing.OVERDUE
        assert sayings.left(late, date(2027, 1, 11)) == "quá 11 ngày"


def test_a_rule_says_whom_it_asks(browser, add_rule):
    scope = {"level_from": 3, "level_to": 4, "units": ["STTTT"], "is_approved": True}
    rule = add_rule("s", "system", "drill_of_system", scope=scope)
    said = words(browser.get(f"/obligations/rules/{rule.id}/"))
    assert "đơn vị STTTT; từ cấp độ 3; đến cấp độ 4; đã được phê duyệt cấp độ" in said
