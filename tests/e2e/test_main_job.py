"""From an empty folder to the reminder in the mailbox, as an officer walks it."""

import json
import re
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import icalendar
import pytest

from tests.e2e.conftest import ADMINISTRATOR, PASSWORD, choose, sign_in

pytestmark = pytest.mark.browser
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
TITLE = "Diễn tập ứng cứu mã độc tống tiền"


def test_a_drill_is_logged_and_its_reminder_arrives_once(installation, mailbox, page):
    said = installation.start()
    link = re.search(r"http://\S+/first-run\?token=\S+", said)[0]
    first_run(page, link)
    sign_in(page, installation.address)
    starts_at = (datetime.now(ZONE) + timedelta(days=40)).replace(
        hour=8, minute=0, second=0, microsecond=0
    )
    log_a_drill(page, installation.address, starts_at)
    drill_address = page.url

    eve = (starts_at - timedelta(days=1)).isoformat()
    planned = json.loads(installation.run("reminders", "preview", "--until", eve, "--json"))
    assert {row["to"] for row in planned["planned"]} == {ADMINISTRATOR}
    installation.run("reminders", "send", "--at", (starts_at - timedelta(days=31)).isoformat())
    assert mailbox == []
    together = [installation.command("reminders", "send", "--at", eve) for _ in range(2)]
    outputs = [process.communicate(timeout=120)[0] for process in together]
    assert [process.returncode for process in together] == [0, 0], outputs
    installation.run("reminders", "send", "--at", eve)
    assert len(mailbox) == 1

    check_letter(mailbox[0], drill_address, starts_at)
    page.goto(f"{drill_address}reminders/")
    assert ADMINISTRATOR in page.inner_text("body") or "Nguyễn Thị Đào" in page.inner_text("body")


def first_run(page, link):
    page.goto(link)
    assert page.locator("html").get_attribute("lang") == "vi"
    page.fill("#organisation", "Ủy ban nhân dân tỉnh Lam Giang")
    page.fill("#name", "Nguyễn Thị Đào")
    page.fill("#email", ADMINISTRATOR)
    page.fill("#password", PASSWORD)
    page.fill("#password_again", PASSWORD)
    page.click("main form.form button[type=submit]")
    page.wait_for_url("**/sign-in*")
    page.goto(link)
    assert page.locator("h1").count() == 1
    assert page.locator("#organisation").count() == 0, "the first-run page answers once"


def log_a_drill(page, address, starts_at):
    page.goto(f"{address}/drills/new")
    page.fill("#title", TITLE)
    page.select_option("#kind_key", "tabletop")
    page.fill("#starts_on", f"{starts_at:%d/%m/%Y}")
    choose(page, "lead_id", "dao")
    choose(page, "person_ids", "nguyen thi dao")
    page.click("main form.form .acts button[type=submit]")
    page.wait_for_url(re.compile(r"/drills/\d+/$"))
    assert TITLE in page.inner_text("h1")


def check_letter(envelope, drill_address, starts_at):
    assert envelope.rcpt_tos == [ADMINISTRATOR]
    letter = message_from_bytes(envelope.content, policy=policy.default)
    assert TITLE in letter["Subject"]
    assert "[DIỄN TẬP]" in letter["Subject"]
    assert letter["Auto-Submitted"] == "auto-generated"
    day = f"{starts_at:%d/%m/%Y}"
    for kind in ("plain", "html"):
        text = letter.get_body((kind,)).get_content()
        assert drill_address in text
        assert day in text
        assert "08:00" in text
    parts = [part for part in letter.walk() if part.get_content_type() == "text/calendar"]
    assert parts
    calendar = icalendar.Calendar.from_ical(parts[0].get_content())
    (event,) = calendar.walk("VEVENT")
    assert event.decoded("DTSTART") == starts_at
    assert TITLE in str(event["SUMMARY"])
