"""The competence matrix, filled with the keyboard alone."""

import pytest

from tests.e2e.conftest import sign_in

pytestmark = pytest.mark.browser


def level(page):
    return page.evaluate("document.activeElement.dataset.level")


def wait_for(page, expected):
    """The cell in focus is saved: what it holds is what the server has."""
    page.wait_for_function("level => document.activeElement.dataset.level === level", arg=expected)


def label(page):
    return page.evaluate("document.activeElement.getAttribute('aria-label')")


def test_levels_are_set_moved_between_and_taken_back_by_keyboard(installation, page):
    installation.set_up("--demo")
    installation.start()
    sign_in(page, installation.address)
    page.goto(f"{installation.address}/skills/?core=1")
    cells = page.locator(".matrix tbody tr").first.locator("a[data-level]")
    assert page.locator('.matrix a[tabindex="0"]').count() == 1, "one stop for the Tab key"

    page.locator(".matrix-frame").focus()
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.tagName") == "A" and level(page) is None:
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tabIndex") == 0
    before = level(page)
    page.keyboard.press("4" if before != "4" else "3")
    wait_for(page, "4" if before != "4" else "3")
    page.keyboard.press("Escape")
    wait_for(page, before)

    page.keyboard.press("ArrowRight")
    second = label(page)
    page.keyboard.press("2")
    wait_for(page, "2")
    assert label(page).endswith("2: làm được khi có hướng dẫn")
    page.keyboard.press("ArrowDown")
    assert label(page) != second
    page.keyboard.press("1")
    wait_for(page, "1")
    page.keyboard.press("Delete")
    wait_for(page, "")
    page.keyboard.press("ArrowUp")
    assert level(page) == "2"

    page.reload()
    assert cells.nth(1).get_attribute("data-level") == "2"
    cells.nth(1).focus()
    page.evaluate("document.activeElement.dataset.level = '3'")
    page.keyboard.press("0")
    page.locator("[data-wrong]:not([hidden])").wait_for()
    assert "Người khác vừa đổi ô này thành 2" in page.locator("[data-wrong]").inner_text()
    assert page.evaluate("document.activeElement.classList.contains('wrong')")

    page.reload()
    cells.nth(1).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator('input[name="level"][value="2"]').is_checked()
