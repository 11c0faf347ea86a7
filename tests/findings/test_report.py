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
    Edition,
    InjectStatus,
    LogKind,
    Part,
    Participation,
    QuestionKind,
    Rating,
    ReceivedInject,
    SafetyRecord,
    Series,
    Severity,
    Status,
)
from drills.exercises.services import surveys
from drills.exercises.services.surveys import SurveyDetails
from drills.files import services as files
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


def test_the_report_tells_each_result_and_compares_the_sides(browser, make, drill):
    first = drill.sides[0]
    other = make.side(drill, key="it", name="Đội quản trị")
    inject = make.inject(
        drill,
        sides=[first, other],
        number="2",
        title="Mã hóa tệp",
        status=InjectStatus.RELEASED,
        released_at=START,
        released_exercise_seconds=0,
    )
    at = START + timedelta(minutes=30)
    make.line(drill, inject=inject, side=other, kind=LogKind.DETECTED, at=at)
    page = browser.get(f"/drills/{drill.id}/report/")
    rows = [" ".join(row.get_text(" ").split()) for row in page.select("#results tbody tr")]
    assert "2. Mã hóa tệp Đội quản trị 30 phút — —" in rows
    assert {row.th.text for row in page.select("#sides tbody tr")} == {"Đội SOC", "Đội quản trị"}
    text = text_of(browser.raw(f"/drills/{drill.id}/report.docx").data)
    assert "2. Mã hóa tệp" in text
    assert "So giữa các bên" in text


def test_the_report_tells_our_part_in_somebody_elses_drill(browser, make, session, security):
    drill = make.drill(kind_key="international", starts_at=START, status=Status.COMPLETED)
    edition = Edition(
        series=Series(code="APCERT", name="APCERT"), year=2026, theme="Chuỗi cung ứng"
    )
    part = Participation(
        edition=edition, rank=6, rank_of=34, rank_scope="Các tỉnh", prize="Giải ba"
    )
    part.lessons = "Phân công sẵn người dịch"
    drill.participation = part
    answered = START + timedelta(minutes=32)
    part.received.append(
        ReceivedInject(number="1", summary="Phân tích thư", received_at=START, answered_at=answered)
    )
    session.commit()
    text = text_of(browser.raw(f"/drills/{drill.id}/report.docx?language=vi").data)
    for words in ("APCERT 2026", "6/34 (Các tỉnh)", "Giải ba", "32 phút", "Phân công sẵn"):
        assert words in text
    shown = browser.get(f"/drills/{drill.id}/report/").select_one("#part").text
    assert "Chuỗi cung ứng" in shown
    with pack_of(browser, drill) as pack:
        table = pack.read("07-Vai-tro-cua-don-vi/received.csv").decode()
    assert "Phân tích thư" in table


def test_the_hot_wash_is_told_as_it_was_answered(browser, make, session, drill, security):
    for number in range(3):
        make.named(drill, make.person(name=f"Người {number}"), Part.PLAYER)
    asked = ((QuestionKind.SCALE, "Sát thực tế?"), (QuestionKind.TEXT, "Điều gì tốt?"))
    survey = surveys.write(session, drill, SurveyDetails("", True, asked), by=security)
    surveys.open_to_all(session, survey, by=security, at=NOW)
    scale, words = survey.questions
    for mark, one in enumerate(surveys.invitations(session, survey), 3):
        said = {scale.id: (mark, ""), words.id: (None, f"Trực ban {mark}")}
        surveys.answer(session, one, said, at=NOW)
    session.commit()
    text = text_of(browser.raw(f"/drills/{drill.id}/report.docx").data)
    assert "Trung bình 4 trên 5, 3 câu trả lời" in text
    assert "Trực ban 5" in text


def test_many_units_are_counted_and_named_in_an_annex(browser, make, session, drill):
    drill.units = [make.unit(name=f"Xã số {number}") for number in range(13)]
    session.commit()
    document = docx.Document(io.BytesIO(browser.raw(f"/drills/{drill.id}/report.docx").data))
    lines = [paragraph.text for paragraph in document.paragraphs]
    assert "4. Tham gia: 13 đơn vị (tại Phụ lục)." in lines
    assert lines[-1].count("Xã số") == 13


def test_what_a_report_leaves_out_takes_no_number(browser, make):
    drill = make.drill(starts_at=START, status=Status.COMPLETED, result="Đạt")
    document = docx.Document(io.BytesIO(browser.raw(f"/drills/{drill.id}/report.docx").data))
    bold = [p.text for p in document.paragraphs if p.text.isupper() and ". " in p.text]
    assert bold == ["I. THÔNG TIN CHUNG", "II. ĐÁNH GIÁ", "III. KẾT LUẬN"]


def pack_of(browser, drill):
    answer = browser.client.post(f"/drills/{drill.id}/evidence.zip")
    content = answer.data
    answer.close()
    return zipfile.ZipFile(io.BytesIO(content))


def test_the_pack_holds_what_was_permitted_on_real_systems(app, browser, make, session, security):
    drill = make.drill(kind_key="live_fire", starts_at=START, status=Status.COMPLETED)
    signed = files.keep(
        session,
        io.BytesIO("Ủy quyền".encode()),
        "uy-quyen.txt",
        by=security,
        folder=app.config["FILES"],
        limit=1000,
    )
    record = SafetyRecord(drill=drill, authorisation_number="15/KH-UBND", stop_word="DỪNG LẠI")
    record.authorisation_file = signed
    make.save(record)
    make.vulnerability(drill, title="Mật khẩu mặc định", severity=Severity.HIGH)
    session.commit()
    with pack_of(browser, drill) as pack:
        assert pack.read("02-Giay-to/Van-ban-cho-phep/uy-quyen.txt").decode() == "Ủy quyền"
        assert "DỪNG LẠI" in pack.read("01-Ke-hoach/safety.txt").decode()
        assert "Mật khẩu mặc định" in pack.read("05-Ket-qua/vulnerabilities.csv").decode()
        assert not [name for name in pack.namelist() if name.endswith("lessons.csv")]
