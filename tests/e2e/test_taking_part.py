"""Our part in an APCERT edition, and the next edition that is to come; walked in Vietnamese."""

import io
import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import docx
import pytest

from tests.e2e.conftest import ADMINISTRATOR, CHECKER, attach, choose, downloaded, enter, send

pytestmark = pytest.mark.browser
HERE = ZoneInfo("Asia/Ho_Chi_Minh")


def test_our_part_in_an_apcert_edition(office, page):
    enter(page, office, ADMINISTRATOR)
    page.goto(f"{office.address}/series/")
    page.locator("[id^=series-]", has_text="APCERT").locator("header a.linkrow").click()
    series = page.url
    a_round(page)
    drill = entered(page, series)
    received(page, drill)
    papers(page, drill)
    stood(page, drill)
    told(page, drill)
    trend(page, series)
    to_come(page, office, series)


def a_round(page):
    page.locator("#year-2024").get_by_role("link", name="Thêm vòng").first.click()
    page.select_option("[name=level]", "national")
    page.check("[name=is_ranked]")
    page.fill("[name=teams]", "63")
    page.fill("[name=source]", "Thông báo của đơn vị tổ chức")
    send(page)
    page.locator("#year-2024", has_text="63 đội trên bảng điểm").wait_for()


def entered(page, series):
    page.locator("#year-2024").get_by_role("link", name="Ghi việc tham gia").first.click()
    choose(page, "person_ids", "kiem")
    send(page)
    page.wait_for_url("**/drills/*/")
    return page.url


def received(page, drill):
    page.locator("nav.tabs").get_by_role("link", name="Vai trò của đơn vị").click()
    page.get_by_role("link", name="Ghi tình huống đã nhận").first.click()
    page.fill("[name=received_time]", "10:15")
    page.fill("[name=answered_time]", "10:47")
    page.fill("[name=summary]", "Phân tích thư lừa đảo")
    page.get_by_role("button", name="Lưu và ghi tiếp").click()
    assert page.input_value("[name=number]") == "2"


def papers(page, drill):
    """Invitation, decision and certificate: the page says what is missing until it is there."""
    for left in (3, 2, 1):
        page.goto(f"{drill}participation/")
        assert page.locator("#papers .acts a").count() == left
        page.locator("#papers .acts a").first.click()
        attach(page, f"van-ban-{left}.txt", "Văn bản")
        send(page)
    page.goto(f"{drill}participation/")
    assert page.locator("#papers .acts a").count() == 0
    assert "Trần Văn Kiểm" in page.locator("#went").inner_text()


def stood(page, drill):
    page.goto(f"{drill}participation/edit")
    page.select_option("[name=entered]", "domestic_player")
    page.select_option("[name=round_id]", index=1)
    page.fill("[name=rank]", "6")
    page.fill("[name=rank_of]", "63")
    page.fill("[name=rank_scope]", "Các tỉnh, thành phố")
    page.fill("[name=feedback]", "Gửi báo cáo đúng hạn")
    page.fill("[name=lessons]", "Phân công sẵn người dịch")
    send(page)
    page.goto(f"{drill}participation/")
    page.get_by_text("32 phút").wait_for()


def told(page, drill):
    page.goto(f"{drill}report/?language=vi")
    content = downloaded(page, page.locator("a[href*='report.docx']").click)
    document = docx.Document(io.BytesIO(content))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for words in ("APCERT 2024", "6/63 (Các tỉnh, thành phố)", "Phân công sẵn người dịch"):
        assert words in text


def trend(page, series):
    """The years without us are gaps, also on a phone."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(series)
    page.get_by_text("6 trên 63").first.wait_for()
    assert "Không tham gia" in page.locator("#year-2023").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1440, "height": 900})


def to_come(page, office, series):
    """The cadence proposes the next edition; its registration is reminded of in time."""
    page.goto(f"{series}next")
    closes = page.input_value("[name=registration_by]")
    year = page.input_value("[name=year]")
    send(page)
    page.locator(f"#year-{year}", has_text="Chưa đăng ký tham gia").wait_for()
    day = date(*map(int, reversed(closes.split("/"))))
    until = datetime(day.year, day.month, day.day, tzinfo=HERE) - timedelta(days=2)
    said = office.run("reminders", "preview", "--until", until.isoformat(), "--json")
    planned = [(row["kind"], row["to"]) for row in json.loads(said)["planned"]]
    assert ("registration_deadline", CHECKER) in planned
