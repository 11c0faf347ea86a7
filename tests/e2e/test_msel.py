"""The list of injects as a sheet: written with the keyboard alone, pasted, saved."""

import re

import pytest

from tests.e2e.conftest import sign_in
from tests.exercises.sheets import workbook

pytestmark = pytest.mark.browser
HEADER = ["STT", "Thời gian", "Tình huống", "Nội dung", "Đơn vị nhận", "Hành động mong đợi"]
CELLS = '30\tT+200\tDán từ bảng\t"Hai\ndòng"\n31\tT+210\tDòng nữa\tMột'
PASTE = """text => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const event = { clipboardData: data, bubbles: true, cancelable: true };
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", event));
}"""


def numbers(page):
    return page.eval_on_selector_all('[name$=".number"]', "fields => fields.map(f => f.value)")


def focus(page):
    return page.evaluate("document.activeElement.name.split('.')[1]")


def save(page):
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    assert page.locator(".errors").count() == 0


def test_a_list_is_imported_and_then_edited_with_the_keyboard(installation, page, tmp_path):
    installation.set_up()
    installation.start()
    sign_in(page, installation.address)
    page.goto(f"{installation.address}/drills/new")
    page.fill("#title", "Diễn tập trên bảng")
    page.select_option("#kind_key", "tabletop")
    page.fill("#starts_on", "08/12/2030")
    page.click("main form.form .acts button[type=submit]")
    page.wait_for_url(re.compile(r"/drills/\d+/$"))
    drill = page.url

    path = tmp_path / "msel.xlsx"
    rows = [[n, f"T+{n * 10}", f"Tình huống {n}", "…", "SOC", "Báo cáo"] for n in (1, 2, 3)]
    path.write_bytes(workbook([["KỊCH BẢN"], HEADER, *rows]))
    page.goto(f"{drill}msel/import")
    page.set_input_files("input[type=file]", path)
    page.click("main form.form .acts button[type=submit]")
    page.wait_for_url(re.compile(r"/msel/import/."))
    page.click(".head form .btn.pri")
    page.wait_for_url(f"{drill}msel/")

    page.goto(f"{drill}msel/edit")
    page.locator('[name$=".title"]').first.focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Sửa bằng bàn phím")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.value") == "Tình huống 1"
    page.keyboard.press("ArrowRight")
    assert focus(page) == "content"
    page.keyboard.press("Control+d")
    assert numbers(page) == ["1", "4", "2", "3"]
    page.keyboard.press("Alt+ArrowUp")
    assert numbers(page) == ["4", "1", "2", "3"]
    page.locator('[name$=".number"]').last.focus()
    page.keyboard.press("Control+Delete")
    save(page)
    assert numbers(page) == ["4", "1", "2"]
    titles = page.eval_on_selector_all('[name$=".title"]', "fields => fields.map(f => f.value)")
    assert titles == ["Tình huống 1", "Tình huống 1", "Sửa bằng bàn phím"]

    page.locator('[name$=".number"]').last.focus()
    page.keyboard.press("Enter")
    assert numbers(page) == ["4", "1", "2", "5"]
    page.evaluate(PASTE, CELLS)
    assert numbers(page) == ["4", "1", "2", "30", "31"]
    save(page)
    assert numbers(page) == ["4", "1", "2", "30", "31"]
    assert page.locator('[name$=".content"]').nth(3).input_value() == "Hai\ndòng"

    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator('td[data-label="Tình huống"]').first.is_visible()
