"""A rule changed with its preview, the letter it sends, one's own settings, the link on a phone."""

import subprocess
from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest

from tests.e2e.conftest import choose, sign_in
from tests.e2e.test_main_job import TITLE, ZONE

pytestmark = pytest.mark.browser
LINK = """
from types import SimpleNamespace as Thing
from drills import create_app
from drills.reminders.kinds import KINDS
from drills.reminders.letters.stopping import stop_address
with create_app().app_context():
    print(stop_address(Thing(about=KINDS["survey"], kind="survey", person_id=1)))
"""


def test_a_rule_is_tried_kept_and_sends_and_a_kind_is_stopped_on_a_phone(
    installation, mailbox, page, chromium
):
    installation.set_up()
    installation.start()
    sign_in(page, installation.address)
    starts_at = (datetime.now(ZONE) + timedelta(days=40)).replace(
        hour=8, minute=0, second=0, microsecond=0
    )
    page.goto(f"{installation.address}/drills/new")
    page.fill("#title", TITLE)
    page.select_option("#kind_key", "tabletop")
    page.fill("#starts_on", f"{starts_at:%d/%m/%Y}")
    choose(page, "lead_id", "quan")
    page.click("main form.form .acts button[type=submit]")
    page.wait_for_url("**/drills/*/")
    add_a_rule(page, installation.address)

    installation.run("reminders", "send", "--at", (starts_at - timedelta(days=20)).isoformat())
    [envelope] = mailbox
    letter = message_from_bytes(envelope.content, policy=policy.default)
    assert TITLE in letter["Subject"]
    assert "người chủ trì" in letter.get_body(("plain",)).get_content()

    settle(page, installation.address)
    assert len(mailbox) == 2, "the test message"
    stop_on_a_phone(installation, chromium)


def add_a_rule(page, address):
    page.goto(f"{address}/reminders/rules/drill/add")
    page.fill("#amount", "20")
    page.check("[name=audiences][value=lead]")
    page.click("button[name=show]")
    assert TITLE in page.inner_text("main"), "the preview names what would be sent"
    page.click("button[name=save]")
    page.wait_for_url("**/reminders/rules/#drill")


def settle(page, address):
    page.goto(f"{address}/profile/reminders")
    page.fill("#digest_at", "07:30")
    page.click("main form.form .acts button[type=submit]")
    page.wait_for_load_state()
    assert page.input_value("#digest_at") == "07:30"
    page.click("form[action$='/profile/reminders/test'] button")
    page.wait_for_load_state()


def stop_on_a_phone(installation, chromium):
    program = [installation.python, "-c", LINK]
    made = subprocess.run(
        program, env=installation.environment, capture_output=True, text=True, check=True
    )
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN")
    phone = context.new_page()
    phone.goto(made.stdout.strip())
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.click("main form button[type=submit]")
    assert phone.locator("main input[name=again]").count() == 1
    context.close()
