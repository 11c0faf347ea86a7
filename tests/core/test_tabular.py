import io
import zipfile
from datetime import UTC, date, datetime

import pytest
import xlsxwriter

from drills.core import tabular
from drills.core.errors import DomainError
from drills.core.tabular import Column

COLUMNS = (
    Column("code", "Mã", "Code", ("ma he thong", "so hieu"), required=True),
    Column("name", "Tên hệ thống", "Name", ("ten",), required=True),
    Column("level", "Cấp độ", "Level", ("cap",)),
)


def sheet(text, name="a.csv", limit=100):
    data = text if isinstance(text, bytes) else text.encode()
    return tabular.read(io.BytesIO(data), name, limit=limit)


def xlsx(rows, headers=("Mã", "Tên hệ thống", "Cấp độ")):
    out = io.BytesIO()
    tabular.write_xlsx(out, headers, rows, sheet="Hệ thống", notes=[("Bộ lọc", "tất cả")])
    return out.getvalue()


def texts(found):
    return [row.cells for row in found.rows]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_separator_is_detected(separator):
    found = sheet(f"\ufeffMã{separator}Tên\r\nA1{separator}Cổng\r\n")
    assert (found.headers, texts(found)) == (["Mã", "Tên"], [("A1", "Cổng")])


def test_header_is_the_first_line_that_is_not_empty_and_rows_keep_their_numbers():
    found = sheet('\n;;\nMã;Tên\n\n1;"hai\ndòng"\n2;x\n')
    assert [(row.number, row.cells) for row in found.rows] == [
        (5, ("1", "hai\ndòng")),
        (6, ("2", "x")),
    ]


def test_a_title_may_stand_above_the_columns_that_are_looked_for():
    text = "KẾ HOẠCH;;CỘNG HÒA\n\nTT;Mã (*);Tên hệ thống\n1;A1;Cổng\n"
    found = tabular.read(io.BytesIO(text.encode()), "a.csv", limit=100, columns=COLUMNS)
    assert found.headers == ["TT", "Mã (*)", "Tên hệ thống"]
    assert [(row.number, row.cells) for row in found.rows] == [(4, ("1", "A1", "Cổng"))]


def test_where_no_line_names_the_columns_the_first_is_the_header():
    found = tabular.read(io.BytesIO(b"x;y\n1;2\n"), "a.csv", limit=100, columns=COLUMNS)
    assert found.headers == ["x", "y"]


def test_workbook_cells_become_text():
    found = sheet(xlsx([("HT-1", "=1+1", 3), ("007", date(2026, 11, 23), 2.5)]), "a.xlsx")
    assert found.headers == ["Mã", "Tên hệ thống", "Cấp độ"]
    assert texts(found) == [("HT-1", "=1+1", "3"), ("007", "2026-11-23", "2.5")]


def test_formulas_are_read_by_their_value():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["Mã", "Tên"])
        page.write_formula(1, 0, "=1+1", None, 2)
        page.write_datetime(
            1,
            1,
            datetime(2026, 11, 23, 8, 30, tzinfo=UTC).replace(tzinfo=None),
            book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        )
    assert texts(sheet(out.getvalue(), "a.xlsx")) == [("2", "2026-11-23T08:30:00")]


def test_csv_round_trip_keeps_what_looks_like_a_formula():
    out = io.BytesIO()
    cells = ("=SUM(A1)", "+84 255", "-5 độ", "@ai", "'thường")
    tabular.write_csv(out, list("abcde"), [cells])
    assert out.getvalue().startswith(b"\xef\xbb\xbf")
    assert b"'=SUM" in out.getvalue()
    assert texts(sheet(out.getvalue())) == [cells]


def test_csv_writes_values_as_they_are_typed():
    out = io.BytesIO()
    tabular.write_csv(
        out, ["a"] * 5, [(None, True, -3, date(2026, 1, 2), datetime(2026, 1, 2, tzinfo=UTC))]
    )
    assert out.getvalue().decode().splitlines()[1].startswith(",1,-3,2026-01-02,2026-01-02T00:00")


def test_headers_match_without_accents_and_the_unknown_are_named():
    places, ignored = tabular.match(
        ["STT", "ma he thong", "TÊN HỆ THỐNG (*)", "Cấp độ:", "ten"], COLUMNS
    )
    assert places == {"code": 1, "name": 2, "level": 3}
    assert ignored == ["STT", "ten"]


def test_missing_column_is_named():
    with pytest.raises(DomainError, match="Tên hệ thống"):
        tabular.match(["Mã"], COLUMNS)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no header"),
        (b"\xef\xbb\xbf\r\n;;\r\n", "no header"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as"),
        (b"PK\x03\x04 not really", "save it as"),
        ("Mã;Tên".encode("cp1258", "ignore") + b"\xd0\n", "UTF-8"),
        ("M·;T£n\nA1;C«ng an tØnh\nA2;§¬n vÞ vËn hµnh\n".encode(), "TCVN3"),
        ("Maõ;Teân\nA1;Ñôn vò vaän haønh\nA2;Uûy ban nhaân daân\n".encode(), "VNI"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(data, said):
    with pytest.raises(DomainError, match=said):
        sheet(data)


def test_foreign_names_are_no_old_font():
    assert texts(sheet("Mã;Tên\n1;Đơn vị Zürich\n2;Cục Köln\n")) == [
        ("1", "Đơn vị Zürich"),
        ("2", "Cục Köln"),
    ]


def test_more_rows_than_the_limit_are_refused():
    with pytest.raises(DomainError, match="Split it"):
        sheet("Mã\n" + "1\n" * 11, limit=10)


def test_a_far_corner_is_refused_before_it_fills_the_memory():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet()
        page.write(0, 0, "Mã")
        page.write(1_048_575, 16_383, "x")
    with pytest.raises(DomainError, match="Split it"):
        sheet(out.getvalue(), "far.xlsx")


def test_a_bomb_is_refused_unopened():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 30_000_000)
    with pytest.raises(DomainError, match="Split it"):
        sheet(out.getvalue(), "bomb.xlsx")
