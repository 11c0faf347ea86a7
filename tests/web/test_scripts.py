"""The scripts in a real browser, under the policy that pages are served with."""

import os
import threading
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from werkzeug.serving import make_server

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
WIDTHS, THEMES, LANGUAGES = (1440, 390), ("light", "dark"), ("vi", "en")

pytestmark = pytest.mark.browser


@pytest.fixture
def address(app, browser, make) -> Iterator[str]:
    """A server on a free port; ``browser`` has made the organisation and an administrator."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def chromium(address) -> Iterator[object]:
    """A browser that starts after the application and ends before it: while Playwright's loop
    runs in this thread, Flask cannot close an application context in it."""
    if not CHROMIUM.exists():
        if os.environ.get("DRILLS_REQUIRE_ALL"):
            pytest.fail("no Chromium on this machine: apt-get install chromium")
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, address, browser):
    """Open a path as the administrator; a word on the console, or a refusal, fails the test."""
    said: list[str] = []
    contexts = []

    def open_page(path, *, width=1440, theme="light", language="vi"):
        browser.person.language = language
        browser.session.commit()
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, base_url=address
        )
        contexts.append(context)
        cookie = browser.client.get_cookie("session")
        context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(path)
        page.wait_for_function("document.documentElement.classList.contains('js')")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not said, said


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(v["id"], [node["html"] for node in v["nodes"]]) for v in found]


@pytest.mark.parametrize("theme", THEMES)
def test_every_component_is_accessible_and_fits(visit, theme):
    for width, language in product(WIDTHS, LANGUAGES):
        page = visit("/_design", width=width, theme=theme, language=language)
        assert violations(page) == [], (width, language)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), width


def test_nothing_scrolls_sideways_on_the_narrowest_screen(visit):
    page = visit("/_design", width=320)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_the_first_mistake_is_one_key_away(visit):
    page = visit("/_design")
    assert page.evaluate("document.activeElement.classList.contains('errors')")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "title"


def test_a_unit_is_picked_without_accents_and_taken_back(visit):
    page = visit("/_design")
    page.get_by_role("combobox", name="Đơn vị tham gia").click()
    page.keyboard.type("dac khu")
    assert page.locator(".pick [role=option]:visible").all_inner_texts() == ["Đặc khu Lý Sơn"]
    page.keyboard.press("Enter")
    picked = "[...document.getElementById('units').selectedOptions].map((o) => o.text)"
    assert page.evaluate(picked) == ["UBND thành phố Đà Nẵng", "Đặc khu Lý Sơn"]
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Backspace")
    assert page.evaluate(picked) == ["UBND thành phố Đà Nẵng"]


def test_a_single_choice_can_be_emptied_again(visit):
    page = visit("/_design")
    value = "document.getElementById('unit').value"
    box = page.get_by_role("combobox", name="Đơn vị", exact=True).first
    box.click()
    box.fill("da nang")
    page.keyboard.press("Enter")
    assert page.evaluate(value) == "2"
    box.fill("")
    page.keyboard.press("Tab")
    assert page.evaluate(value) == ""


def test_the_palette_opens_by_key_and_goes_where_it_is_told(visit):
    page = visit("/_design")
    found = {"label": "Bệnh án điện tử", "hint": "HT-0042", "href": "/systems/42/"}
    answer = {"groups": [{"label": "Hệ thống", "items": [found]}]}
    page.route("**/search.json?*", lambda route: route.fulfill(json=answer))
    page.keyboard.press("Control+k")
    assert page.locator("dialog.pal").is_visible()
    page.keyboard.type("thao tac chinh")
    page.get_by_role("option", name="Bệnh án điện tử").wait_for()
    chosen = page.locator(".pal [aria-selected=true]")
    assert chosen.inner_text().strip() == "Thao tác chính", "what was chosen stays chosen"
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/_design#main")


def test_ticking_rows_opens_the_bar_and_unticking_closes_it(visit):
    page = visit("/_design")
    bar = page.locator("[data-bulk]")
    assert bar.is_hidden()
    page.locator("[data-all]").check()
    assert page.locator("[data-count]").inner_text() == "Đã chọn 3"
    page.locator("[data-row]").first.uncheck()
    assert page.locator("[data-count]").inner_text() == "Đã chọn 2"
    assert page.locator("[data-all]").evaluate("box => box.indeterminate")
    page.locator("[data-clear]").click()
    assert bar.is_hidden()


def test_what_cannot_be_undone_is_asked_first_and_can_be_left(visit):
    page = visit("/_design")
    before = page.url
    page.locator("form[data-confirm] button").click()
    box = page.locator("dialog.ask")
    assert "Xóa mẫu này?" in box.inner_text()
    assert violations(page) == []
    page.keyboard.press("Escape")
    box.wait_for(state="detached")
    assert page.url == before


def test_the_theme_changes_at_once_and_is_remembered(visit):
    page = visit("/_design")
    with page.expect_response("**/theme"):
        page.locator(".top-tools [data-theme-switch] button").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_password_can_be_looked_at(visit):
    page = visit("/_design")
    page.get_by_role("button", name="Hiện mật khẩu").click()
    assert page.locator("#password").get_attribute("type") == "text"
    page.get_by_role("button", name="Hiện mật khẩu", pressed=True).click()
    assert page.locator("#password").get_attribute("type") == "password"


def test_the_page_prints_in_light_colours_whatever_the_theme(visit):
    page = visit("/_design", theme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(22, 32, 31)"
    assert page.locator(".side").is_hidden()
    assert page.locator(".hide-n").first.is_visible()


def test_one_letter_keys_rest_while_typing_and_when_switched_off(visit):
    page = visit("/_design")
    page.locator("#title").click()
    page.keyboard.type("/")
    assert page.locator("dialog.pal").is_hidden(), "typing is typing"
    page.locator("h1").click()
    page.keyboard.press("/")
    assert page.locator("dialog.pal").is_visible()
    page.keyboard.press("Escape")
    page.locator("summary.avatar").click()
    page.get_by_role("button", name="Tắt phím tắt một chữ").click()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("/")
    assert page.locator("dialog.pal").is_hidden()
