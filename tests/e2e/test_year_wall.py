"""From the year wall to the record behind a cell in one click."""

import re

import pytest

from tests.e2e.conftest import sign_in

pytestmark = pytest.mark.browser


def test_a_cell_of_the_wall_leads_to_the_very_record_in_one_click(installation, page):
    installation.set_up("--demo", "--as-of", "2026-11-23")
    installation.start()
    sign_in(page, installation.address)
    page.goto(f"{installation.address}/obligations/")
    first = page.locator(".wall tbody tr").first
    assert re.search(r"\d+ quá hạn", first.inner_text())

    met = page.locator(".wall td.done a[href*='/obligations/records/']").first
    said = met.get_attribute("aria-label")
    assert "Đã đạt" in said
    met.click()
    page.wait_for_url(re.compile(r"/obligations/records/\d+/$"))
    assert page.locator("h1").inner_text() in said
    assert "Số liệu minh họa" in page.inner_text("main")

    page.go_back()
    page.locator("summary", has_text="Tình trạng").click()
    page.get_by_label("Quá hạn", exact=True).check()
    page.wait_for_url(re.compile(r"state=overdue"))
    page.locator(".wall td.late a[href$='/note']").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/obligations/\d+/note$"))
    page.fill("#done_on", "hôm nay")
    page.fill("#document", "15/BC-ATTT")
    page.locator("main form.form button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/units/\d+/obligations$"))
    assert page.locator("nav.tabs a[aria-current]").inner_text().startswith("Nghĩa vụ")
