"""The pages of reminders: who sees what, and that sending again, lead times and outbox work."""

import io
from datetime import timedelta

import openpyxl
import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.audit.models import Entry
from drills.core import clock
from drills.reminders.models import Delivery, LeadUnit, ReminderRule, ReminderSetting, State
from drills.reminders.services import plan
from tests.conftest import NOW
from tests.reminders.cases import CASES

IN_A_DAY = NOW + timedelta(days=1)


def rows(page):
    return page.select("tbody tr")


def test_the_list_shows_what_will_be_sent_before_anything_is_stored(rules, make, browser):
    lead, player = make.person(), make.person()
    drill = make.drill(starts_at=NOW + timedelta(days=8), lead=lead, people=[player])
    page = browser.get("/reminders/")
    assert len(rows(page)) == 6, "7 days, 1 day and 1 hour before, to two people"
    assert drill.title in rows(page)[0].text
    assert "30/11/2026" not in rows(page)[0].text
    assert "24/11/2026, 09:00" in rows(page)[0].text
    assert len(rows(browser.get(f"/reminders/?q={lead.email}"))) == 3
    assert len(rows(browser.get(f"/drills/{drill.id}/reminders/"))) == 6


def test_the_list_of_the_demonstration_opens(demo_year, browser, rules, session, monkeypatch):
    """Many kinds at once, some late: SQLite reads only so many brackets inside each other."""
    plan(session, now=NOW)
    session.commit()
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=7))
    for query in ("", "?q=lam", "?kind=dossier_clock", "?page=2"):
        browser.get(f"/reminders/{query}")


def test_the_list_opens_with_something_of_every_kind_and_deputies(rules, make, browser, session):
    for build in CASES.values():
        found = build(make)
        away = {"away_from": NOW.date(), "away_to": NOW.date() + timedelta(days=40)}
        make.save(ReminderSetting(person=found.person, deputy=make.person(), **away))
    session.commit()
    for query in ("", f"?unit={make.root().id}", "?q=a", "?page=2"):
        browser.get(f"/reminders/{query}")
    assert browser.raw("/reminders/export.xlsx").status_code == 200


def test_sent_and_failed_are_shown_with_the_reason_and_failed_ones_sent_again(
    rules, make, browser, sink, send, session
):
    make.drill(starts_at=IN_A_DAY, people=[make.person(), make.person()])
    sink.faults["rcpt"] = ["550 no such person"]
    send(NOW)
    assert len(rows(browser.get("/reminders/?tab=sent"))) == 1
    page = browser.get("/reminders/?tab=failed")
    assert "550 no such person" in rows(page)[0].text
    action = page.select_one("tbody form")["action"]
    browser.post(action)
    assert session.scalars(sa.select(Entry).where(Entry.verb == "reminder.resent")).one().actor_id
    assert len(rows(browser.get("/reminders/?tab=waiting"))) == 1
    assert send(NOW + timedelta(minutes=1)).sent == 1
    browser.post(action, status=409)


def test_a_resend_after_the_start_is_refused(rules, make, browser, session, sink, send):
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    send(NOW)
    delivery = session.scalars(sa.select(Delivery)).one()
    delivery.state, delivery.useful_until = State.FAILED, NOW - timedelta(days=1)
    browser.post(f"/reminders/{delivery.id}/resend", status=409)


@pytest.mark.parametrize(
    ("address", "most"),
    [("/reminders/?kind=drill", 22), ("/reminders/?tab=sent", 12), ("/reminders/", 50)],
)
def test_the_list_runs_as_many_queries_for_many_rows_as_for_few(
    rules, make, browser, send, queries, address, most
):
    """What is ahead is reckoned kind by kind, whatever there is of each."""
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    make.drill(starts_at=NOW + timedelta(days=3), people=[make.person()])
    send(NOW)
    browser.get(address)
    with queries() as few:
        browser.get(address)
    people = [make.person() for _ in range(20)]
    for hours in (20, 30, 100):
        make.drill(starts_at=NOW + timedelta(hours=hours), people=people)
    send(NOW)
    with queries() as many:
        browser.get(address)
    assert len(many) == len(few)
    assert len(many) <= most


def test_a_manager_sees_only_reminders_of_drills_in_their_scope(rules, make, browser):
    own, other = make.unit(), make.unit()
    mine = make.drill(unit=own, people=[make.person()])
    theirs = make.drill(unit=other, people=[make.person()])
    browser.sign_in(make.person(role=Role.MANAGER, unit=own))
    page = browser.get("/reminders/")
    assert mine.title in page.text
    assert theirs.title not in page.text
    browser.get(f"/drills/{theirs.id}/reminders/", status=404)


def test_a_reader_may_not_send_again_nor_edit_lead_times(rules, make, browser, send, session):
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    send(NOW)
    delivery = session.scalars(sa.select(Delivery)).one()
    browser.sign_in(make.person(role=Role.AUDITOR))
    browser.post(f"/reminders/{delivery.id}/resend", status=403)
    browser.get("/reminders/rules/", status=403)


TYPED = {"amount": 3, "unit": "days", "direction": "before", "at_time": "08:00",
         "audiences": ["lead"], "hours": "any", "channel": "choice"}  # fmt: skip


def test_a_rule_shows_what_it_would_change_before_it_is_kept(rules, make, browser, session):
    lead, player = make.person(), make.person()
    drill = make.drill(starts_at=NOW + timedelta(days=5), lead=lead, people=[player])
    page = browser.post("/reminders/rules/drill/add", TYPED | {"show": "yes"}, status=200)
    assert [drill.title in row.text and lead.email in row.text for row in rows(page)] == [True]
    assert (
        session.scalars(sa.select(ReminderRule).filter_by(kind="drill", amount=3)).one_or_none()
        is None
    )
    browser.post("/reminders/rules/drill/add", TYPED | {"save": "yes"})
    rule = session.scalars(sa.select(ReminderRule).filter_by(kind="drill", amount=3)).one()
    assert (rule.unit, rule.audiences) == (LeadUnit.DAYS, {"lead"})
    planned = [row for row in rows(browser.get("/reminders/")) if "trước 3 ngày" in row.text]
    assert [lead.email in row.text for row in planned] == [True]


def test_a_changed_rule_shows_what_goes_and_what_comes(rules, make, browser, session):
    player = make.person()
    make.drill(starts_at=NOW + timedelta(days=20), people=[player])
    rule = session.scalars(sa.select(ReminderRule).filter_by(kind="drill", amount=7)).one()
    typed = TYPED | {"amount": 10, "audiences": ["lead", "participants"]}
    address = f"/reminders/rules/{rule.id}/edit"
    assert browser.get(address).select_one("[name=amount]")["value"] == "7"
    page = browser.post(address, typed | {"show": "yes"}, status=200)
    assert [row.text.count("03/12/2026") + row.text.count("06/12/2026") for row in rows(page)] == [
        1,
        1,
    ]
    browser.post(address, typed | {"save": "yes"})
    assert rule.amount == 10


def test_rules_are_switched_off_and_deleted(rules, make, browser, session):
    browser.post("/reminders/rules/drill/add", TYPED | {"save": "yes"})
    rule = session.scalars(sa.select(ReminderRule).filter_by(kind="drill", amount=3)).one()
    page = browser.get("/reminders/rules/")
    assert page.select(f"form[action='/reminders/rules/{rule.id}/switch']")
    browser.post(f"/reminders/rules/{rule.id}/switch", {"on": "no"})
    assert not rule.is_active
    browser.post(f"/reminders/rules/{rule.id}/delete")
    assert (
        session.scalars(sa.select(ReminderRule).filter_by(kind="drill", amount=3)).one_or_none()
        is None
    )
    verbs = session.scalars(sa.select(Entry.verb).order_by(Entry.id)).all()
    assert verbs == [f"reminder_rule.{act}" for act in ("added", "switched", "deleted")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 7},
        {"audiences": []},
        {"amount": -1},
        {"unit": "weeks"},
        {"audiences": ["everybody"]},
        {"at_time": "25:00"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rules, browser, wrong):
    page = browser.post("/reminders/rules/drill/add", TYPED | wrong | {"save": "yes"}, status=422)
    assert page.select(".errors li")


def test_a_kind_nobody_knows_has_no_rules(rules, browser):
    browser.get("/reminders/rules/nothing/add", status=404)


def test_a_lead_time_already_used_cannot_be_deleted(rules, make, browser, session, send):
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    send(NOW)
    rule_id = session.scalars(sa.select(Delivery.rule_id)).one()
    browser.post(f"/reminders/rules/{rule_id}/delete", status=409)


def test_the_outbox_shows_and_hands_out_the_letters_kept(rules, make, browser, send):
    person = make.person()
    drill = make.drill(starts_at=IN_A_DAY, people=[person])
    send(NOW)
    page = browser.get("/outbox/")
    link = page.select_one("tbody th a")["href"]
    assert person.email in rows(page)[0].text
    letter = browser.get(link)
    assert drill.title in letter.text
    file = browser.raw(f"{link.rstrip('/')}.eml")
    assert file.mimetype == "message/rfc822"
    assert b"Auto-Submitted: auto-generated" in file.data
    file.close()
    browser.get("/outbox/nothing/", status=404)
    assert browser.raw("/outbox/..%2fsecret-key.eml").status_code == 404
    browser.sign_in(make.person(role=Role.SECURITY_TEAM))
    browser.get("/outbox/", status=403)


def test_everything_is_paused_with_a_loud_reason_and_goes_on_later(rules, make, browser, send,
                                                                   states):  # fmt: skip
    make.drill(starts_at=IN_A_DAY, people=[make.person()])
    browser.post("/reminders/pause", {"reason": ""}, status=422)
    browser.post("/reminders/pause", {"reason": "Thay máy chủ thư"})
    page = browser.get("/reminders/")
    assert "Thay máy chủ thư" in page.select_one(".note.bad").text
    assert send(NOW).sent == 0
    browser.post("/reminders/pause", {"reason": "Lần nữa"}, status=422)
    browser.post("/reminders/resume")
    assert send(NOW).sent == 1
    browser.post("/reminders/resume", status=409)


def test_all_that_failed_is_sent_again_at_once(rules, make, browser, sink, send, states):
    make.drill(starts_at=IN_A_DAY, people=[make.person(), make.person()])
    sink.faults["rcpt"] = "550 no such person"
    send(NOW)
    assert states() == {"failed": 2}
    sink.faults.clear()
    browser.post("/reminders/resend-failed")
    assert send(NOW + timedelta(minutes=1)).sent >= 2


def test_the_list_is_narrowed_by_kind_unit_and_words(rules, make, browser, send):
    here, there = make.unit(name="Sở Y tế"), make.unit(name="Sở Công Thương")
    near, far = make.person(unit=here), make.person(unit=there)
    make.drill(starts_at=IN_A_DAY, title="Tống tiền", people=[near, far])
    send(NOW)
    listed = "/reminders/?tab=sent"
    assert len(rows(browser.get(listed))) == 2
    assert near.name in rows(browser.get(f"{listed}&unit={here.id}"))[0].text
    assert len(rows(browser.get(f"{listed}&unit={here.id}"))) == 1
    assert len(rows(browser.get(f"{listed}&q=tong tien"))) == 2
    assert rows(browser.get(f"{listed}&kind=action_due")) == []
    assert len(rows(browser.get(f"{listed}&kind=nothing&state=failed"))) == 2


def test_what_is_ahead_is_taken_along_as_a_sheet(rules, make, browser):
    lead = make.person()
    make.drill(starts_at=NOW + timedelta(days=8), lead=lead)
    answer = browser.raw("/reminders/export.xlsx")
    [sheet] = [s for s in openpyxl.load_workbook(io.BytesIO(answer.data)) if s.title == "Nhắc việc"]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [row[3] for row in cells] == [lead.email] * 3
    assert {row[7] for row in cells} == {"chủ trì cuộc diễn tập"}


def test_a_thing_of_any_kind_has_its_history(rules, make, browser):
    own, other = make.unit(), make.unit()
    mine, theirs = make.action(make.drill(unit=own)), make.action(make.drill(unit=other))
    page = browser.get(f"/reminders/of/corrective_action/{mine.id}/")
    assert mine.title in page.select_one("main").text
    browser.get("/reminders/of/person_secret/1/", status=404)
    browser.sign_in(make.person(role=Role.MANAGER, unit=own))
    browser.get(f"/reminders/of/corrective_action/{theirs.id}/", status=404)
