"""The life of a live-fire drill, from the plan over the verified action, the report and the evidence
to the later drill that tries the action again; walked in Vietnamese."""

import io
import re
import subprocess
import zipfile
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import docx
import pytest

from tests.e2e.conftest import (
    ADMINISTRATOR,
    CHECKER,
    attach,
    choose,
    downloaded,
    enter,
    linked,
    send,
)

pytestmark = pytest.mark.browser
TODAY = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
DAY = f"{TODAY:%d/%m/%Y}"


def test_a_live_fire_drill_lives_until_a_later_drill_has_tried_its_action(
    office, page, mailbox, chromium, tmp_path
):
    enter(page, office, ADMINISTRATOR)
    drill = logged(page, office, "Thực chiến cổng dịch vụ công", "live_fire", days=1)
    plan(page, drill)
    invited_and_answered(page, office, mailbox, chromium, drill)
    safety(page, drill)
    go(page, drill)
    conduct(page, drill)
    came(page, drill)
    evaluate(page, drill)
    hot_wash(page, office, mailbox, chromium, drill)
    action = find(page, drill)
    done_and_verified(page, office, action)
    enter(page, office, ADMINISTRATOR)
    papers(page, drill)
    report(page, drill)
    evidence(page, drill, tmp_path)
    tried_again(page, office, drill, action)


def logged(page, office, title, kind, days):
    """Plan a drill so many days ahead; it may be started earlier."""
    page.goto(f"{office.address}/drills/new")
    page.fill("[name=title]", title)
    page.select_option("[name=kind_key]", kind)
    page.fill("[name=starts_on]", f"{TODAY + timedelta(days=days):%d/%m/%Y}")
    choose(page, "person_ids", "kiem")
    send(page)
    page.wait_for_url(re.compile(r"/drills/\d+/$"))
    drill = page.url
    page.goto(f"{drill}parts")
    page.select_option("[name^=person-]", "evaluator")
    send(page)
    return drill


def plan(page, drill):
    page.goto(f"{drill}objectives/new")
    page.fill("[name=text]", "Phát hiện trong 15 phút")
    send(page)
    page.goto(f"{drill}sides/new")
    page.fill("[name=side_key]", "soc")
    page.fill("[name=side_name]", "Đội SOC")
    send(page)
    page.goto(f"{drill}msel/edit")
    row = page.locator("[name$='.title']").first
    row.fill("Tải tệp lạ lên cổng")
    page.locator("[name$='.number']").first.fill("1")
    page.locator("[name$='.time']").first.fill("T+0")
    page.locator("[name=then][value=close]").click()
    page.wait_for_load_state()
    page.goto(f"{drill}msel/")
    page.get_by_text("Tải tệp lạ lên cổng").first.wait_for()


def invited_and_answered(page, office, mailbox, chromium, drill):
    """The link of the letter is opened on a phone, by somebody who is not signed in."""
    page.goto(f"{drill}invitations/")
    page.locator("form[action$='/invitations/everybody'] button").click()
    office.run("reminders", "send")
    with on_a_phone(chromium) as phone:
        phone.goto(linked(mailbox, "rsvp"))
        phone.check("[name=answer][value=yes]")
        send(phone)
        phone.get_by_text("Đã ghi trả lời của").wait_for()
    page.reload()
    assert page.locator("#asked .st.done").count() == 1


@contextmanager
def on_a_phone(chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN")
    yield context.new_page()
    context.close()


def safety(page, drill):
    page.goto(f"{drill}conduct/")
    page.goto(f"{drill}readiness")
    page.locator("#missing").wait_for()
    page.goto(f"{drill}safety/edit")
    for name, text in {
        "authorisation_number": "15/KH-UBND",
        "authorisation_date": DAY,
        "rules": "Chỉ cổng dịch vụ công, không đọc dữ liệu",
        "stop_word": "DỪNG LẠI",
        "stop_condition": "Dịch vụ gián đoạn quá 5 phút",
        "backup_at_day": DAY,
        "backup_at_time": "00:05",
        "backup_by": "Trần Văn Kiểm",
        "contact": "Trực ban",
        "contact_phone": "0900000000",
    }.items():
        page.fill(f"[name={name}]", text)
    attach(page, "uy-quyen.txt", "Ủy quyền")
    send(page)


def go(page, drill):
    page.goto(f"{drill}readiness")
    page.check("[name=go-answer][value=go]")
    page.fill("[name=go-reason]", "Đã kiểm tra đủ các điều kiện an toàn")
    page.locator("#go form button[type=submit]").click()
    page.locator("#go .log").wait_for()


def conduct(page, drill):
    page.goto(f"{drill}conduct/")
    page.locator(".clock .first button").click()
    page.locator("dialog.ask button[value=yes]").click()
    page.locator(".clock .first form[action$='/release'] button").click()
    for line in ("1 soc phát hiện tệp lạ", "1 soc khống chế máy chủ"):
        page.fill("#quick-line", line)
        page.press("#quick-line", "Enter")
        page.locator("#board-log li", has_text=line.split(" ", 4)[-1]).first.wait_for()
    page.get_by_role("button", name="Kết thúc diễn tập").click()
    page.locator("dialog.ask button[value=yes]").click()
    page.wait_for_load_state()


def came(page, drill):
    page.goto(f"{drill}attendance")
    for one in page.locator("[name^=person-][value=present]").all():
        one.check()
    page.get_by_role("button", name="Lưu điểm danh").click()
    page.get_by_text("Đã điểm danh.").wait_for()


def evaluate(page, drill):
    page.goto(f"{drill}evaluation/")
    page.locator("select[name^=verdict-]").first.select_option("met")
    page.locator("form[action$='/verdicts'] button[type=submit]").click()
    page.locator("select[name^=rating-]").first.select_option("P")
    page.locator("[name^=score-]").first.fill("8,5")
    page.locator("[name^=of-]").first.fill("10")
    page.locator("form[action$='/ratings'] button[type=submit]").click()
    page.goto(f"{drill}evaluation/")
    assert page.locator("select[name^=verdict-]").first.input_value() == "met"
    assert page.locator("select[name^=rating-]").first.input_value() == "P"
    assert page.locator("[name^=score-]").first.input_value() == "8,5"
    page.fill("[name=text]", "Không có cảnh báo khi tệp thực thi được tải lên")
    page.locator("form[action$='/observations'] button[type=submit]").click()
    page.locator("#observations li").wait_for()


def hot_wash(page, office, mailbox, chromium, drill):
    """Questions, everybody asked by a letter, one who answers on a phone."""
    page.goto(f"{drill}survey/")
    send(page)
    page.locator("form[action$='/survey/open'] button").click()
    page.locator("#asked li").first.wait_for()
    office.run("reminders", "send")
    with on_a_phone(chromium) as phone:
        phone.goto(linked(mailbox, "hot-wash"))
        phone.locator("[type=radio][value='4']").first.check()
        send(phone)
        phone.get_by_text("Đã nhận câu trả lời").wait_for()
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def find(page, drill):
    page.goto(f"{drill}evaluation/")
    page.get_by_role("link", name="Ghi thành phát hiện").click()
    assert "tệp thực thi" in page.input_value("[name=text]")
    page.uncheck("[name=is_restricted]")
    send(page)
    page.wait_for_url(re.compile(r"/actions/new"))
    page.fill("[name=text]", "Chặn tải tệp thực thi và gửi cảnh báo")
    owner = page.locator("[name=owner_id] option", has_text="Kiểm").first
    others = page.locator("[name=owner_id] option")
    values = [o.get_attribute("value") for o in others.all()]
    mine = next(v for v in values if v and v != owner.get_attribute("value"))
    page.evaluate("value => { document.querySelector('[name=owner_id]').value = value; }", mine)
    send(page)
    page.wait_for_url(re.compile(r"/findings/$"))
    page.locator("#follow a").filter(has_text="Chặn tải").click()
    return page.url


def done_and_verified(page, office, action):
    """Done, sent back with a reason, done again, verified by somebody else."""
    done(page, action, "Đã chặn ở cổng")
    page.get_by_text("Phải do người khác xác minh").wait_for()
    enter(page, office, CHECKER)
    page.goto(f"{action}reopen")
    page.fill("[name=reason]", "Tường lửa ứng dụng chưa chặn")
    send(page)
    enter(page, office, ADMINISTRATOR)
    done(page, action, "Đã chặn ở cổng và ở tường lửa ứng dụng")
    enter(page, office, CHECKER)
    page.goto(action)
    page.get_by_role("link", name="Xác minh").click()
    send(page)
    page.locator(".st.done", has_text="Đã xác minh").first.wait_for()
    history = page.locator("#history").inner_text()
    assert "Tường lửa ứng dụng chưa chặn" in history
    assert history.count("Đã làm, chờ xác minh") == 2


def done(page, action, evidence):
    page.goto(f"{action}done")
    page.fill("[name=evidence]", evidence)
    attach(page, "cau-hinh.txt", evidence)
    send(page)


def papers(page, drill):
    for kind in ("decision", "certificate"):
        page.goto(f"{drill}documents/new?kind={kind}")
        attach(page, f"{kind}.txt", "Văn bản")
        send(page)


def report(page, drill):
    page.goto(f"{drill}report/conclusion?language=vi")
    page.fill("[name=text]", "Cuộc diễn tập đạt mục đích")
    send(page)
    page.goto(f"{drill}report/")
    page.get_by_text("Không có cảnh báo khi tệp thực thi").first.wait_for()
    told = {"vi": "Đúng như mong đợi", "en": "As expected"}
    for language, verdict in told.items():
        page.goto(f"{drill}report/?language={language}")
        press = page.locator(f"a[href*='report.docx?language={language}']").click
        document = docx.Document(io.BytesIO(downloaded(page, press)))
        cells = " ".join(c.text for t in document.tables for row in t.rows for c in row.cells)
        for words in ("Phát hiện trong 15 phút", "Chặn tải tệp thực thi", verdict, "8"):
            assert words in cells
        texts = [paragraph.text for paragraph in document.paragraphs]
        assert ("Cuộc diễn tập đạt mục đích" in texts) == (language == "vi")


def evidence(page, drill, folder):
    page.goto(f"{drill}report/")
    press = page.locator("form[action$='/evidence.zip'] button").click
    with zipfile.ZipFile(io.BytesIO(downloaded(page, press))) as pack:
        names = pack.namelist()
        pack.extractall(folder / "pack")
    subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder / "pack", check=True)
    for ending in (
        "-vi.docx", "-en.docx", "plan.txt", "safety.txt", "uy-quyen.txt", "decision.txt",
        "certificate.txt", "attendance.csv", "log.csv", "results.csv", "cau-hinh.txt",
    ):  # fmt: skip
        assert any(name.endswith(ending) for name in names), ending


def tried_again(page, office, drill, action):
    """The next drill is offered what the last one left, tries it, and shows that it holds."""
    later = logged(page, office, "Diễn tập trên bàn sau thực chiến", "tabletop", days=2)
    page.goto(f"{later}plan/")
    page.locator("#left a", has_text="Chọn việc kiểm chứng lại").click()
    page.locator("#offered input[name=id]").first.check()
    page.locator("#offered form button[type=submit]").last.click()
    page.locator("#again").wait_for()
    page.goto(f"{later}conduct/")
    page.locator(".clock .first button").click()
    page.locator("dialog.ask button[value=yes]").click()
    page.get_by_role("button", name="Kết thúc diễn tập").wait_for()
    enter(page, office, CHECKER)
    page.goto(f"{later}findings/")
    page.locator("#again a", has_text="Ghi kết quả kiểm chứng").click()
    page.check("[name=result][value=held]")
    send(page)
    page.goto(action)
    assert "Đạt khi kiểm chứng lại" in page.locator("#history").inner_text()
    page.goto(f"{drill}findings/")
    assert "Đã xác minh" in page.locator("#follow").inner_text()
