"""Form 08 as a workbook, in the words and the order of the decree: it is Vietnamese by law."""

from collections.abc import Iterator
from datetime import date
from typing import IO, Any

import xlsxwriter

from drills.reports.models.form_08 import APPROVAL_WORDS, PLAN_WORDS, Form, Line, Party, Totals

TITLE = "BÁO CÁO KẾT QUẢ CÔNG TÁC BẢO ĐẢM AN NINH MẠNG HỆ THỐNG THÔNG TIN"
BASIS = "Mẫu số 08, Phụ lục kèm theo Nghị định số 331/2026/NĐ-CP"
HEADS = (
    "STT",
    "Tên HTTT",
    "Chủ quản HTTT",
    "Đơn vị vận hành HTTT",
    "Cấp độ đề xuất",
    "Tình trạng phê duyệt cấp độ",
    "Quyết định phê duyệt cấp độ",
    "Quy chế bảo đảm ANM cho hệ thống",
    "Dự kiến thời điểm phê duyệt HSĐXCĐ",
    "Đã triển khai đầy đủ PA BĐANM",
    "Dự kiến thời điểm triển khai đầy đủ PA BĐANM",
    "Đã kiểm tra, đánh giá ANM",
)
SECTION_3 = "3. Thông tin chi tiết về các hệ thống thông tin thuộc phạm vi quản lý"
WIDTHS = (5, 34, 24, 24, 8, 16, 26, 26, 14, 18, 16, 18)
DAY = "dd/mm/yyyy"
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "default_date_format": DAY,
}


def write(target: IO[bytes], form: Form) -> None:
    """Sections 1 and 2 on one sheet, the table of section 3 on another; row after row, so that
    the length of the register does not matter.
    """
    with xlsxwriter.Workbook(target, _OPTIONS) as book:
        styles = _styles(book)
        _write_preface(_sheet(book, "Mục 1, 2"), form, styles)
        _write_table(_sheet(book, "Mục 3"), form, styles)


def _sheet(book: Any, name: str) -> Any:
    page = book.add_worksheet(name)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer("&C&P/&N")
    return page


def _write_preface(page: Any, form: Form, styles: dict[str, Any]) -> None:
    page.set_column(0, 0, 140)
    for row, (text, style) in enumerate(_preface(form)):
        page.write_string(row, 0, text, styles[style])


def _write_table(page: Any, form: Form, styles: dict[str, Any]) -> None:
    for place, width in enumerate(WIDTHS):
        page.set_column(place, place, width)
    page.freeze_panes(3, 2)
    page.repeat_rows(1, 2)
    page.write_string(0, 0, SECTION_3, styles["strong"])
    for place, head in enumerate(HEADS):
        page.write_string(1, place, head, styles["head"])
    for place in range(len(HEADS)):
        page.write_string(2, place, f"({place + 1})", styles["head"])
    for number, line in enumerate(form.lines, start=1):
        _put(page, 2 + number, _cells(number, line), styles)


def _styles(book: Any) -> dict[str, Any]:
    serif = {"font_name": "Times New Roman", "font_size": 12}
    framed = serif | {"border": 1, "text_wrap": True, "valign": "top"}
    return {
        "title": book.add_format(serif | {"bold": True, "font_size": 14}),
        "strong": book.add_format(serif | {"bold": True}),
        "quiet": book.add_format(serif | {"italic": True}),
        "plain": book.add_format(serif),
        "head": book.add_format(framed | {"bold": True, "align": "center", "valign": "vcenter"}),
        "cell": book.add_format(framed),
        "day": book.add_format(framed | {"num_format": DAY}),
    }


def _preface(form: Form) -> Iterator[tuple[str, str]]:
    """Sections 1 and 2, each line with its style."""
    yield TITLE, "title"
    yield BASIS, "quiet"
    yield f"Số liệu từ ngày {_day(form.since)} đến ngày {_day(form.until)}", "plain"
    if not form.is_closed:
        yield f"Năm báo cáo chưa kết thúc: số liệu tính đến ngày {_day(form.closed_on)}", "quiet"
    yield "", "plain"
    yield "1. Thông tin chung", "strong"
    yield from ((text, "plain") for text in _totals(form.totals))
    yield "", "plain"
    yield (
        "2. Thông tin về chủ quản hệ thống thông tin và đơn vị chuyên trách về an ninh mạng",
        "strong",
    )
    yield "a) Thông tin về chủ quản hệ thống thông tin:", "plain"
    for owner in form.owners:
        yield from ((text, "plain") for text in _owner(owner))
    yield "b) Thông tin về đơn vị chuyên trách về an ninh mạng:", "plain"
    yield from ((text, "plain") for text in _owner(Party(0, "", "", "", "", "", "")))


def _totals(totals: Totals) -> Iterator[str]:
    expected = _day(totals.expected_by) or "……"
    yield f"- Tổng số hệ thống thông tin thuộc phạm vi quản lý: {totals.managed};"
    yield (
        "- Tổng số hệ thống thông tin đã được phân loại (đã xác định được loại hình hệ thống "
        f"thông tin): {totals.classified};"
    )
    yield (f"- Tổng số hệ thống thông tin đã xây dựng hồ sơ đề xuất cấp độ: {totals.with_dossier};")
    yield (
        f"- Tổng số hệ thống thông tin đã được thẩm định hồ sơ đề xuất cấp độ: {totals.appraised};"
    )
    yield f"- Tổng số hệ thống thông tin đã được phê duyệt cấp độ: {totals.approved};"
    yield (
        "- Tổng số hệ thống thông tin đã phê duyệt cấp độ được kiểm tra, đánh giá an ninh mạng "
        f"định kỳ theo quy định: {totals.checked};"
    )
    yield (
        "- Dự kiến thời gian hoàn thành phê duyệt đề xuất cấp độ hệ thống thông tin đối với tất "
        f"cả các hệ thống thông tin thuộc phạm vi quản lý: {expected}"
    )


def _owner(party: Party) -> Iterator[str]:
    reach = ", ".join(part for part in (party.phone, party.email) if part)
    yield f"(1) Tên: {party.name or '……'}"
    yield "(2) Quy định chức năng, nhiệm vụ và quyền hạn: ……"
    yield f"(3) Người đại diện, chức vụ: {party.head or '……'}"
    yield f"(4) Địa chỉ liên lạc: {party.address or '……'}"
    yield f"(5) Số điện thoại, thư điện tử: {reach or '……'}"


def _cells(number: int, line: Line) -> tuple[Any, ...]:
    return (
        number,
        line.name,
        line.owner,
        line.operator,
        line.level or "",
        APPROVAL_WORDS[line.standing],
        line.decision.text,
        line.regulation.text,
        line.approval_expected_on or "",
        PLAN_WORDS[line.plan_state],
        line.plan_expected_on or "",
        line.checks,
    )


def _put(page: Any, row: int, cells: tuple[Any, ...], styles: dict[str, Any]) -> None:
    for place, value in enumerate(cells):
        if isinstance(value, date):
            page.write_datetime(row, place, value, styles["day"])
        elif isinstance(value, int):
            page.write_number(row, place, value, styles["cell"])
        else:
            page.write_string(row, place, value, styles["cell"])


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""
