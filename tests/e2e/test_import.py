"""312 systems come in with their approvals, in the browser: all of them, or none."""

import re

import pytest
import xlsxwriter

from tests.e2e.conftest import ORGANISATION, sign_in

pytestmark = pytest.mark.browser
HEADERS = (
    "Mã hệ thống", "Tên hệ thống", "Đơn vị chủ quản", "Cấp độ", "Số QĐ phê duyệt", "Ngày QĐ",
    "Cơ quan phê duyệt", "Người ký",
)  # fmt: skip
OWNER = ORGANISATION
TOTAL = 312


def workbook(path, *, wrong):
    """A register of 312 rows under a heading; with two bad ones if ``wrong``."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Danh mục")
    sheet.write_row(0, 0, HEADERS)
    for n in range(1, TOTAL + 1):
        level = "Cấp 9" if wrong and n == 40 else f"Cấp {n % 3 + 1}"
        owner = "Sở không ai biết" if wrong and n == 200 else OWNER
        decision = (f"{n}/QĐ-UBND", "12/10/2025", "UBND tỉnh", "Trần Văn Bình")
        sheet.write_row(n, 0, (f"LG-{n:04}", f"Hệ thống một cửa số {n}", owner, level, *decision))
    book.close()
    return path


def send(page, address, path):
    page.goto(f"{address}/systems/import/")
    page.set_input_files("input[type=file]", path)
    page.click("main form.form .acts button[type=submit]")
    page.wait_for_url(re.compile(r"/systems/import/[^/]+/$"))


def test_two_bad_rows_keep_all_out_and_mended_all_are_in(installation, page, tmp_path):
    installation.set_up()
    installation.start()
    sign_in(page, installation.address)

    send(page, installation.address, workbook(tmp_path / "sai.xlsx", wrong=True))
    mistakes = page.locator("#mistakes tbody tr")
    rows = [" ".join(text.split()) for text in mistakes.all_inner_texts()]
    assert len(rows) == 2
    assert rows[0].startswith("41")
    assert "Cấp 9" in rows[0]
    assert rows[1].startswith("201")
    assert "Sở không ai biết" in rows[1]
    page.goto(f"{installation.address}/systems/")
    assert page.locator("#rows tbody tr a").count() == 0

    send(page, installation.address, workbook(tmp_path / "dung.xlsx", wrong=False))
    assert page.locator("#mistakes").count() == 0
    page.get_by_role("button", name=re.compile(str(TOTAL))).click()
    page.get_by_role("link", name="Mở sổ đăng ký").or_(
        page.locator(".btn.pri[href='/systems/']")
    ).first.click()
    page.wait_for_url(f"{installation.address}/systems/")
    assert re.search(rf"\b{TOTAL}\b", page.inner_text("body"))
    page.goto(f"{installation.address}/systems/?approval=approved&q=LG-0312")
    assert "312/QĐ-UBND" in page.inner_text("#register tbody")
