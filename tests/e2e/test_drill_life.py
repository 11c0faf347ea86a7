"""The life of a live-fire drill, from the plan to the verified action and the report, and our part
in an APCERT edition; walked in Vietnamese."""

import io
import re
import subprocess
from datetime import datetime
from zoneinfo import ZoneInfo

import docx
import pytest

from tests.e2e.conftest import ADMINISTRATOR, PASSWORD, sign_in

pytestmark = pytest.mark.browser
CHECKER = "kiem.tra@lamgiang.example"
SECOND = """
import sqlalchemy as sa
from drills import create_app
from drills.accounts.models import Grant, Person, Role
from drills.accounts.passwords import hashed
from drills.exercises.services import seed_series
from drills.extensions import db

with create_app().app_context():
    session = db.session
    first = session.scalars(sa.select(Person)).first()
    person = Person(name="Trần Văn Kiểm", email=CHECKER, unit_id=first.unit_id, active=True)
    person.password, person.grants = hashed(PASSWORD), [Grant(role=Role.SECURITY_TEAM)]
    session.add(person)
    seed_series(session)
    session.commit()
"""
DAY = f"{datetime.now(ZoneInfo('Asia/Ho_Chi_Minh')):%d/%m/%Y}"


@pytest.fixture
def office(installation):
    """A province where one person runs drills and another verifies."""
    installation.set_up("--organisation", "UBND tỉnh Lam Giang")
    script = f"CHECKER, PASSWORD = {CHECKER!r}, {PASSWORD!r}\n{SECOND}"
    done = subprocess.run(
        [installation.python, "-c", script],
        env=installation.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    installation.start()
    return installation


def send(page):
    page.click("main form.form button[type=submit]")


def enter(page, office, email):
    page.context.clear_cookies()
    sign_in(page, office.address, email)


def test_a_live_fire_drill_lives_until_its_action_is_verified(office, page):
    enter(page, office, ADMINISTRATOR)
    drill = logged(page, office)
    plan(page, drill)
    safety(page, drill)
    go(page, drill)
    conduct(page, drill)
    evaluate(page, drill)
    action = find(page, drill)
    done_and_verified(page, office, action)
    report(page, drill)
    page.goto(f"{drill}findings/")
    assert "Đã xác minh" in page.locator("#follow").inner_text()


def logged(page, office):
    page.goto(f"{office.address}/drills/new")
    page.fill("[name=title]", "Thực chiến cổng dịch vụ công")
    page.select_option("[name=kind_key]", "live_fire")
    page.fill("[name=starts_on]", DAY)
    page.fill("[name=ends_time]", "23:59")
    send(page)
    page.wait_for_url(re.compile(r"/drills/\d+/$"))
    return page.url


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
    page.set_input_files(
        "[name=file]",
        {"name": "uy-quyen.txt", "mimeType": "text/plain", "buffer": "Ủy quyền".encode()},
    )
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


def evaluate(page, drill):
    page.goto(f"{drill}evaluation/")
    page.locator("select[name^=verdict-]").first.select_option("met")
    page.locator("form[action$='/verdicts'] button[type=submit]").click()
    page.locator("select[name^=rating-]").first.select_option("P")
    page.locator("form[action$='/ratings'] button[type=submit]").click()
    page.goto(f"{drill}evaluation/")
    assert page.locator("select[name^=verdict-]").first.input_value() == "met"
    assert page.locator("select[name^=rating-]").first.input_value() == "P"


def find(page, drill):
    page.goto(f"{drill}findings/new")
    page.fill("[name=text]", "Không có cảnh báo khi tệp thực thi được tải lên")
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
    page.goto(f"{action}done")
    page.fill("[name=evidence]", "Đã chặn ở cổng và ở tường lửa ứng dụng")
    send(page)
    page.get_by_text("Phải do người khác xác minh").wait_for()
    enter(page, office, CHECKER)
    page.goto(action)
    page.get_by_role("link", name="Xác minh").click()
    send(page)
    page.locator(".st.done", has_text="Đã xác minh").first.wait_for()


def report(page, drill):
    page.goto(f"{drill}report/")
    page.get_by_text("Không có cảnh báo khi tệp thực thi").first.wait_for()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Tải .docx").click()
    content = waiting.value.path().read_bytes()
    document = docx.Document(io.BytesIO(content))
    cells = " ".join(c.text for t in document.tables for row in t.rows for c in row.cells)
    assert "Phát hiện trong 15 phút" in cells
    assert "Chặn tải tệp thực thi" in cells


def test_our_part_in_an_apcert_edition(office, page):
    enter(page, office, ADMINISTRATOR)
    page.goto(f"{office.address}/series/")
    page.locator("[id^=series-]", has_text="APCERT").locator("header a.linkrow").click()
    page.locator("#year-2024").get_by_role("link", name="Ghi việc tham gia").first.click()
    send(page)
    page.wait_for_url(re.compile(r"/drills/\d+/$"))
    drill = page.url
    page.locator("nav.tabs").get_by_role("link", name="Vai trò của đơn vị").click()
    page.get_by_role("link", name="Ghi tình huống đã nhận").first.click()
    page.fill("[name=received_time]", "10:15")
    page.fill("[name=answered_time]", "10:47")
    page.fill("[name=summary]", "Phân tích thư lừa đảo")
    page.get_by_role("button", name="Lưu và ghi tiếp").click()
    assert page.input_value("[name=number]") == "2"
    page.goto(f"{drill}participation/edit")
    page.select_option("[name=entered]", "domestic_player")
    page.fill("[name=rank]", "6")
    page.fill("[name=rank_of]", "63")
    page.fill("[name=rank_scope]", "Các tỉnh, thành phố")
    send(page)
    page.goto(f"{drill}participation/")
    page.get_by_text("32 phút").wait_for()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{office.address}/series/2/")
    page.get_by_text("6 trên 63").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
