"""The after-action report and the evidence pack: from the record, in two languages."""

import io
import subprocess
import zipfile
from datetime import timedelta

import docx
import pytest

from drills.accounts.models import Role
from drills.core.errors import Conflict
from drills.exercises.models import (
    ClockAct,
    DrillPerson,
    InjectStatus,
    LogKind,
    Part,
    Rating,
    Severity,
    Status,
)
from drills.findings.models import Lesson
from drills.findings.services import report
from tests.browser import Browser
from tests.conftest import NOW

START = NOW - timedelta(days=3)


@pytest.fixture
def security(make):
    make.organisation()
    return make.person(name="Trần An Toàn", role=Role.SECURITY_TEAM)


@pytest.fixture
def drill(make, security):
    drill = make.drill(
        title="Mã độc & tống tiền <2026>",
        starts_at=START,
        status=Status.COMPLETED,
        summary="Kiểm tra quy trình",
        detect_target_minutes=15,
    )
    side = make.side(drill, key="soc", name="Đội SOC")
    make.objective(drill, text="Phát hiện trong 15 phút", rating=Rating.SOME_CHALLENGES)
    inject = make.inject(
        drill,
        sides=[side],
        number="1",
        title="Thư lừa đảo",
        status=InjectStatus.RELEASED,
        released_at=START,
        released_exercise_seconds=0,
    )
    make.clock(drill, (ClockAct.START, START), (ClockAct.END, START + timedelta(hours=2)))
    make.line(
        drill,
        inject=inject,
        side=side,
        kind=LogKind.DETECTED,
        at=START + timedelta(minutes=12),
        text="Cảnh báo SIEM",
    )
    make.finding(drill, text="Sao lưu cũ chín ngày", severity=Severity.HIGH, is_restricted=False)
    make.finding(drill, text="Mật khẩu mặc định FS-01", is_restricted=True)
    make.save(Lesson(drill=drill, text="Trực ca phản ứng nhanh", is_strength=True))
    make.action(drill, text="Kiểm tra sao lưu hằng ngày")
    return drill


@pytest.fixture
def browser(app, session, security):
    return Browser(app, session, as_=security)


def text_of(content):
    document = docx.Document(io.BytesIO(content))
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    return "\n".join([p.text for p in document.paragraphs] + cells)


def test_the_report_is_made_from_the_record(browser, drill):
    page = browser.get(f"/drills/{drill.id}/report/")
    text = page.text
    assert "Phát hiện trong 15 phút" in text
    assert "12 phút (mục tiêu 15 phút)" in text
    assert "Sao lưu cũ chín ngày" in text
    assert "Trực ca phản ứng nhanh" in text
    assert "Kiểm tra sao lưu hằng ngày" in text


def test_restricted_findings_stay_out_unless_asked_for(browser, drill):
    assert "FS-01" not in browser.get(f"/drills/{drill.id}/report/").text
    assert "FS-01" in browser.get(f"/drills/{drill.id}/report/?restricted=1").text
    plain = browser.raw(f"/drills/{drill.id}/report.docx").data
    assert "FS-01" not in text_of(plain)
    asked = browser.raw(f"/drills/{drill.id}/report.docx?restricted=1").data
    assert "FS-01" in text_of(asked)


@pytest.mark.parametrize(("language", "word"), [("vi", "BÁO CÁO"), ("en", "REPORT")])
def test_the_document_comes_in_both_languages_with_the_text_whole(browser, drill, language, word):
    answer = browser.raw(f"/drills/{drill.id}/report.docx?language={language}")
    text = text_of(answer.data)
    assert word in text
    assert "Mã độc & tống tiền <2026>" in text


def test_what_people_write_takes_the_place_of_the_record(browser, drill):
    browser.post(f"/drills/{drill.id}/report/purpose?language=vi", {"text": "Mục đích mới"})
    assert "Mục đích mới" in browser.get(f"/drills/{drill.id}/report/?language=vi").text
    english = browser.get(f"/drills/{drill.id}/report/?language=en").text
    assert "Kiểm tra quy trình" in english


def test_two_who_write_at_once_do_not_overrule_each_other(session, drill, security):
    report.write(session, drill, "vi", "conclusion", "Một", version=0, by=security)
    session.commit()
    with pytest.raises(Conflict):
        report.write(session, drill, "vi", "conclusion", "Hai", version=0, by=security)


def test_the_second_sees_both_texts(browser, drill):
    address = f"/drills/{drill.id}/report/conclusion?language=vi"
    browser.post(address, {"text": "Của tôi"})
    page = browser.post(address, {"text": "Của anh", "version": "0"}, status=409)
    assert "Của tôi" in page.text
    assert page.select_one("textarea").text.strip() == "Của anh"


def test_what_is_missing_is_named_with_the_page_that_mends_it(browser, drill):
    gaps = browser.get(f"/drills/{drill.id}/report/").select("#gaps a")
    links = {gap["href"] for gap in gaps}
    assert f"/drills/{drill.id}/attendance" in links
    assert f"/drills/{drill.id}/findings/" in links


def test_a_player_reads_no_report(app, session, make, drill):
    player = make.person(role=Role.IR_MEMBER)
    drill.people.append(DrillPerson(person=player, part=Part.PLAYER))
    session.commit()
    browser = Browser(app, session, as_=player)
    browser.get(f"/drills/{drill.id}/report/", status=403)
    assert browser.raw(f"/drills/{drill.id}/report.docx").status_code == 403
    assert browser.client.post(f"/drills/{drill.id}/evidence.zip").status_code == 403


def test_the_pack_is_verified_without_this_program(browser, session, drill, tmp_path):
    session.commit()
    answer = browser.client.post(f"/drills/{drill.id}/evidence.zip")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.data)) as pack:
        names = pack.namelist()
        pack.extractall(tmp_path)
    answer.close()
    assert any(name.endswith("-vi.docx") for name in names)
    assert any(name.endswith("log.csv") for name in names)
    subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=True)
