"""A contact check answered on a phone: the link of the letter, one thumb, no sign-in."""

import email
import email.policy
import json
import re

import pytest

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
LINK = re.compile(r"https?://\S+/contact/\S+")


@pytest.fixture
def letters(installation, mailbox):
    """The letters of the demonstration's check as they arrived: address and link of each."""
    installation.set_up("--demo")
    installation.run("reminders", "send")
    installation.start()
    found = []
    for envelope in mailbox:
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text = letter.get_body(("plain",)).get_content()
        if link := LINK.search(text):
            found.append((letter["To"].addresses[0].display_name, link[0]))
    return found


@pytest.fixture
def phone(chromium):
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale="vi-VN")
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_member_confirms_and_another_corrects_by_the_letters_on_a_phone(
    installation, letters, phone
):
    (name, address), (other, second) = letters[:2]
    phone.goto(address)
    assert name in phone.inner_text("main")
    assert fits(phone)
    button = phone.get_by_role("button", name="Vẫn đúng")
    assert button.bounding_box()["height"] >= 44
    button.tap()
    phone.locator("#thanks").wait_for()
    phone.reload()
    assert phone.locator("#thanks").count() == 1

    phone.goto(second)
    assert other in phone.inner_text("main")
    phone.locator("#correct summary").tap()
    phone.get_by_label("Số di động hiện nay").fill("gọi sau")
    phone.get_by_role("button", name="Gửi thay đổi").tap()
    phone.locator("#correct .errors").wait_for()
    phone.get_by_label("Số di động hiện nay").fill("0987 111 222")
    assert fits(phone)
    phone.get_by_role("button", name="Gửi thay đổi").tap()
    phone.locator("#thanks").wait_for()

    assert phone.goto(address[:-2]).status == 404
    told = json.loads(installation.run("contacts", "list", "--json"))
    assert told[0]["states"]["corrected"] == 2
    left = installation.run("contacts", "unanswered", str(told[0]["id"]), "--json")
    assert name not in left
    assert other not in left
