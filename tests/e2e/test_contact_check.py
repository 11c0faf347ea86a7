"""A contact check answered on a phone: the link of the letter, one thumb, no sign-in."""

import json
import subprocess
import sys
from datetime import date

import pytest

from tests.e2e.conftest import ROOT

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
LINKS = """
import json
import sqlalchemy as sa
from drills import create_app
from drills.extensions import db
from drills.roster.answering import address_of
from drills.roster.models import ContactAsk
with create_app().app_context():
    asks = db.session.scalars(sa.select(ContactAsk).where(ContactAsk.confirmed_at.is_(None)))
    print(json.dumps([[ask.person.name, address_of(ask)] for ask in asks]))
"""


@pytest.fixture
def links(installation):
    """Name and address of those who have not answered the check of the demonstration."""
    today = date.today().isoformat()
    options = ("--organisation", "UBND tỉnh Lam Giang", "--demo", "--as-of", today)
    installation.set_up(*options)
    installation.start()
    environment = installation.environment | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", LINKS]
    answer = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    return json.loads(answer.stdout)


@pytest.fixture
def phone(chromium):
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale="vi-VN")
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_member_confirms_and_another_corrects_on_a_phone(installation, links, phone):
    (name, address), (other, second) = links[0], links[1]
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
