"""Courses, and who was there with which result."""

import io
from datetime import date, timedelta

import sqlalchemy as sa

from drills.accounts.models import Role
from drills.audit.models import Entry
from drills.roster.models import (
    AttendanceDetails,
    TrainingAttendance,
    TrainingEvent,
    TrainingResult,
)
from drills.roster.services import training as services
from tests.conftest import NOW

TODAY = NOW.date()


def words(page):
    return " ".join(page.main.text.split())


def results(session):
    found = session.scalars(sa.select(TrainingAttendance)).all()
    return {one.person_id: (one.result.value, one.note) for one in found}


def test_a_course_is_added_with_its_file_and_changed(browser, make, session):
    typed = {
        "title": "Điều tra số cơ bản",
        "unit_id": make.root().id,
        "organiser": "Cục A05",
        "starts_on": "02/11/2026",
        "hours": "24",
        "place": "Hà Nội",
        "topic": "Ổ đĩa, bộ nhớ",
        "upload": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "ct.pdf"),
    }
    browser.get("/training/new")
    url = browser.post("/training/new", typed).location
    event = session.scalars(sa.select(TrainingEvent)).one()
    assert (event.ends_on, event.hours, event.file.name) == (date(2026, 11, 2), 24.0, "ct.pdf")
    assert browser.raw(f"{url}file").data.startswith(b"%PDF")
    page = browser.get(f"{url}edit")
    assert page.select_one("#hours")["value"] == "24.0"
    kept = {key: typed[key] for key in typed if key != "upload"}
    browser.post(f"{url}edit", kept | {"ends_on": "01/11/2026"}, status=422)
    browser.post(f"{url}edit", kept | {"ends_on": "04/11/2026"})
    assert (event.ends_on, event.file.name) == (date(2026, 11, 4), "ct.pdf")


def test_people_are_noted_one_by_one(browser, make, session):
    event, person = make.training(), make.person()
    url = f"/training/{event.id}/"
    browser.post(f"{url}attendance", {"person_id": person.id, "result": "passed", "note": "8,5"})
    browser.post(f"{url}attendance", {"person_id": person.id, "result": "failed"})
    assert results(session) == {person.id: ("failed", "")}
    browser.post(f"{url}attendance", {"result": "passed"}, status=422)
    page = browser.get(url)
    assert person.name in words(page)
    told = browser.get(f"/people/{person.id}/skills/").select_one("#training")
    assert event.title in told.text
    drop = page.select_one("#attendance form")["action"]
    browser.post(drop)
    assert results(session) == {}


def test_what_was_noted_before_is_told_by_the_trail(make, session):
    event, person = make.training(), make.person()
    for result in (TrainingResult.ATTENDED, TrainingResult.PASSED):
        services.note_attendance(session, event, person, AttendanceDetails(result), by=None)
    entries = session.scalars(sa.select(Entry).where(Entry.verb == "training_noted")).all()
    assert entries[1].changes == {person.name: ["attended", "passed"]}


def test_attendance_comes_from_a_spreadsheet_all_or_nothing(browser, make, session):
    event, url = make.training(), "/training/1/import"
    one, two, there = make.person(), make.person(name="Lò Thị Mỉ"), make.person()
    make.save(TrainingAttendance(training_event=event, person=there, result="passed", note="9"))
    head = "Học viên,Thư điện tử,Kết quả,Ghi chú\n"
    wrong = f"{head}{one.name},{one.email},Tốt,\nAi đó,,Đạt,\n"
    page = browser.post(url, {"file": (io.BytesIO(wrong.encode()), "ds.csv")}, status=422)
    assert len(page.select("#mistakes tbody tr")) == 2
    right = (
        f"{head},{one.email},Đạt,8\nLò  Thị Mỉ,,Vắng,ốm\n{there.name},{there.email},passed,9\n"
    ).replace("Lò  Thị", "Lò Thị")
    page = browser.post(url, {"file": (io.BytesIO(right.encode()), "ds.csv")}, status=200)
    assert len(page.select("#changes tbody tr")) == 2
    assert results(session) == {there.id: ("passed", "9")}, "a preview changes nothing"
    browser.post(url, {"text": page.select_one("input[name=text]")["value"]})
    assert results(session) == {
        one.id: ("passed", "8"),
        two.id: ("absent", "ốm"),
        there.id: ("passed", "9"),
    }


def test_the_list_of_a_course_can_be_exported_and_imported_again(browser, make):
    event = make.training()
    for result in TrainingResult:
        person = make.person()
        make.save(TrainingAttendance(training_event=event, person=person, result=result))
    data = browser.raw(f"/training/{event.id}/export.xlsx").data
    again = {"file": (io.BytesIO(data), "x.xlsx")}
    page = browser.post(f"/training/{event.id}/import", again, status=200)
    assert not page.select("#changes tbody tr")
    assert "4 dòng" in page.select_one(".note.info").text


def test_an_officer_sees_the_courses_of_the_own_units_and_those_they_were_at(browser, make):
    unit, elsewhere = make.unit(), make.unit()
    officer = make.person(role=Role.UNIT_OFFICER, unit=unit)
    make.training(title="Của đơn vị", unit=unit)
    make.training(title="Nơi khác", unit=elsewhere)
    been = make.training(title="Đã dự", unit=elsewhere)
    make.save(TrainingAttendance(training_event=been, person=officer))
    browser.sign_in(officer)
    page = words(browser.get("/training/"))
    assert "Của đơn vị" in page
    assert "Đã dự" in page
    assert "Nơi khác" not in page


def test_the_lists_of_courses_and_people_take_as_many_statements_whatever_there_is(
    browser, make, queries
):
    event = make.training()
    make.save(TrainingAttendance(training_event=event, person=make.person()))
    make.certificate(skills=[make.skill()], expires_on=TODAY)
    counts = []
    for rounds in (0, 12):
        for n in range(rounds):
            person = make.person(unit=make.unit())
            make.training(unit=make.unit(), starts_on=TODAY - timedelta(days=n))
            make.save(TrainingAttendance(training_event=event, person=person))
            make.certificate(person, skills=[make.skill(f"K{n}")], expires_on=TODAY)
        for url in ("/training/", f"/training/{event.id}/", "/certificates/"):
            browser.get(url)
            with queries() as seen:
                browser.get(url)
            counts.append(len(seen))
    assert counts[:3] == counts[3:]
    assert max(counts) <= 9
